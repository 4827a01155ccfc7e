package outbox

import (
	"context"
	"errors"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// Nobody says why there is nobody to write to. It is for good.
type Nobody struct{ Reason string }

// Error is part of error.
func (n Nobody) Error() string { return n.Reason }

// What is said to a message that is not there yet waits for it this long.
const untilOriginal = 2 * time.Second

// ready is a delivery that knows where it goes, or what is to be done with it
// instead.
type ready struct {
	delivery insights.Delivery
	instead  *next
	reason   string
}

// place finds out where a delivery goes, if it does not know yet, and puts it
// on record before anything is said, so that it can be looked up there.
// Whatever fails here, nothing was said.
func (o *Outbox) place(ctx context.Context, d insights.Delivery) (ready, error) {
	found := ready{delivery: d}
	switch {
	case d.Target.Of != "":
		original, known, err := o.store.Original(ctx, d.ID, d.Target.Of, o.now())
		if err != nil {
			return found, err
		}
		found = follow(d, original, known, o.now())
	case d.Target.Kind == insights.ToPerson && d.Target.Channel == "":
		found = o.visit(ctx, d)
	}
	if found.instead != nil || found.delivery.Target == d.Target {
		return found, nil
	}
	return found, o.store.PlaceDelivery(ctx, d.ID, d.Attempt, found.delivery.Target)
}

// follow sends a change or a reply to where its original went.
func follow(d insights.Delivery, original insights.Original, known bool, now time.Time) ready {
	switch {
	case !known, original.State == insights.Failed, original.State == insights.Expired:
		return ready{d, &next{do: finish, state: insights.Expired}, "the message it belongs to was never sent"}
	case original.State == insights.Unconfirmed, original.State == insights.Sent && original.TS == "":
		return ready{d, &next{do: finish, state: insights.Failed}, "nobody knows where the message it belongs to is"}
	case original.State != insights.Sent:
		return ready{d, &next{do: postpone, after: max(untilOriginal, original.NotBefore.Sub(now))}, "the message it belongs to is not sent yet"}
	case d.Target.Kind != insights.ToUpdate:
		d.Target.Channel, d.Target.Thread = original.Channel, original.TS
		return ready{delivery: d}
	case original.Superseded:
		return ready{d, &next{do: finish, state: insights.Expired}, "a later change took its place"}
	case original.Busy:
		return ready{d, &next{do: postpone, after: untilOriginal}, "an earlier change is under way"}
	default:
		d.Target.Channel, d.Target.TS = original.Channel, original.TS
		return ready{delivery: d}
	}
}

// visit opens the direct message with a person.
func (o *Outbox) visit(ctx context.Context, d insights.Delivery) ready {
	ctx, cancel := context.WithTimeout(ctx, o.timeout)
	defer cancel()
	user := d.Target.User
	if user == "" {
		var err error
		if user, err = o.find(ctx, d.Target.Email); err != nil {
			return ready{d, unvisited(err, d.Attempt), strayed(err)}
		}
	}
	channel, _, _, err := o.slack.OpenConversationContext(ctx, &slack.OpenConversationParameters{Users: []string{user}})
	if err != nil {
		return ready{d, unvisited(err, d.Attempt), strayed(err)}
	}
	d.Target.User, d.Target.Channel = user, channel.ID
	return ready{delivery: d}
}

// unvisited says what follows from not finding somebody: an unclear end is no
// worse here than no connection.
func unvisited(err error, attempt int) *next {
	var nobody Nobody
	if errors.As(err, &nobody) {
		return &next{do: finish, state: insights.Failed}
	}
	r := interpret(err)
	if r.outcome == unclear {
		r.outcome = unreached
	}
	n := decide(r.outcome, r.after, insights.ToPerson, attempt, true)
	return &n
}

func strayed(err error) string {
	var nobody Nobody
	if errors.As(err, &nobody) {
		return nobody.Reason
	}
	return interpret(err).reason
}

// lookable reports whether the history can show what was said there.
func lookable(kind insights.TargetKind) bool {
	return kind == insights.ToChannel || kind == insights.ToPerson
}

// unsaid reports whether a delivery whose last attempt has no known end can be
// said again without looking: it had no place yet, or repeating it does no harm.
func unsaid(t insights.Target) bool {
	return t.Kind == insights.ToUpdate || lookable(t.Kind) && t.Channel == ""
}
