package outbox

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"github.com/slack-go/slack"

	"salesbot/insights"
)

// Store is the ledger of deliveries.
type Store interface {
	// ClaimDelivery takes a due delivery for the length of the lease. One that
	// was left in the state sending comes back as such: its last attempt may
	// have succeeded.
	ClaimDelivery(ctx context.Context, id int64, now time.Time, lease time.Duration) (insights.Delivery, bool, error)
	FinishDelivery(ctx context.Context, id int64, attempt int, state insights.DeliveryState, channel, ts, errText string, now time.Time) error
	DeferDelivery(ctx context.Context, id int64, attempt int, until time.Time, errText string, now time.Time) error
	// PlaceDelivery remembers where an attempt is about to say something.
	PlaceDelivery(ctx context.Context, id int64, attempt int, target insights.Target) error
	// FinishDeliveryWith ends an attempt unsaid, together with what follows from
	// that. Its deliveries come back claimed.
	FinishDeliveryWith(ctx context.Context, id int64, attempt int, state insights.DeliveryState, errText string, turn insights.Turn, now time.Time, lease time.Duration) ([]insights.Delivery, error)
	// Original tells how the delivery with the key of stands, which the
	// delivery id changes or replies to.
	Original(ctx context.Context, id int64, of string, now time.Time) (insights.Original, bool, error)
}

// Config is what an Outbox needs.
type Config struct {
	Slack *slack.Client // with a timeout, and without retries: a repeat is decided here
	HTTP  *http.Client  // for response URLs
	Store Store
	// Find returns the user with an e-mail address, or Nobody.
	Find func(ctx context.Context, email string) (user string, err error)
	// Share is asked about an answer that is shared: before each attempt to post
	// it, whether it still may be; and when it ended in another state than sent,
	// which it then has, with the reason. What it returns is why not, and what then
	// is recorded and told; nil: it may.
	Share   func(ctx context.Context, d insights.Delivery, unsaid string) *Withheld
	Now     func() time.Time
	Logger  *slog.Logger
	Timeout time.Duration // of one call, 10 s by default
	Lease   time.Duration // of a claimed delivery: three calls at least, 30 s by default
	Settle  time.Duration // before a lost message is first looked for, 2 s by default
}

// Withheld is why an answer is not shared, and what follows from that.
type Withheld struct {
	Reason string
	Turn   insights.Turn
}

// Outbox says what the ledger holds. It is safe for use by many goroutines.
type Outbox struct {
	slack   *slack.Client
	http    *http.Client
	store   Store
	find    func(ctx context.Context, email string) (string, error)
	ask     func(ctx context.Context, d insights.Delivery, unsaid string) *Withheld
	now     func() time.Time
	log     *slog.Logger
	pace    *pace
	timeout time.Duration
	lease   time.Duration
	settle  time.Duration
}

// New returns an Outbox.
func New(c Config) *Outbox {
	return &Outbox{
		slack: c.Slack, http: c.HTTP, store: c.Store, find: c.Find, ask: c.Share, now: c.Now, log: c.Logger, pace: newPace(),
		timeout: positive(c.Timeout, 10*time.Second),
		lease:   positive(c.Lease, 30*time.Second),
		settle:  positive(c.Settle, 2*time.Second),
	}
}

func positive(d, fallback time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return fallback
}

// LookAt claims the delivery, if it is due and free, and does what its state
// asks for.
func (o *Outbox) LookAt(ctx context.Context, id int64) error {
	d, claimed, err := o.store.ClaimDelivery(ctx, id, o.now(), o.lease)
	if err != nil || !claimed {
		return err
	}
	if d.State == insights.Sending && d.Attempt > 1 {
		return o.resume(ctx, d)
	}
	return o.Send(ctx, d)
}

// resume goes on with a delivery whose last attempt has no known end. The
// lease that ended since was time enough for a message to appear.
func (o *Outbox) resume(ctx context.Context, d insights.Delivery) error {
	if unsaid(d.Target) || holdsFile(d) && d.Target.File == "" {
		return o.Send(ctx, d)
	}
	if !lookable(d.Target.Kind) {
		return o.finish(ctx, d, insights.Unconfirmed, report{reason: "the end of the last attempt is not known"})
	}
	ts, what, err := o.look(ctx, d)
	switch what {
	case seen:
		return o.finish(ctx, d, insights.Sent, report{channel: d.Target.Channel, ts: ts})
	case unseen:
		if d.Attempt > maxAttempts {
			return o.finish(ctx, d, insights.Failed, report{reason: "no attempt to send it ever arrived"})
		}
		return o.Send(ctx, d)
	case unseeing:
		return o.finish(ctx, d, insights.Unconfirmed, report{reason: "the history cannot show it: " + interpret(err).reason})
	default:
		if d.Attempt > maxAttempts {
			return o.finish(ctx, d, insights.Unconfirmed, report{reason: "the history could not be read: " + interpret(err).reason})
		}
		// The row stays as it is, and is looked at again when the lease ends.
		o.log.WarnContext(ctx, "cannot look a delivery up", slog.Int64("delivery", d.ID), slog.String("reason", interpret(err).reason))
		return nil
	}
}

// Send says a claimed delivery and records what became of it.
func (o *Outbox) Send(ctx context.Context, d insights.Delivery) error {
	if o.late(d) {
		return o.finish(ctx, d, insights.Expired, report{reason: "its time passed before it could be sent"})
	}
	var p Payload
	if err := json.Unmarshal(d.Payload, &p); err != nil {
		return o.finish(ctx, d, insights.Failed, report{reason: "the payload cannot be read"})
	}
	placed, err := o.place(ctx, d)
	if err != nil {
		return err // the row says that an attempt is under way; it is looked at again
	}
	if placed.instead != nil {
		return o.instead(ctx, placed)
	}
	d = placed.delivery
	patience := o.patience(d)
	if patience < 0 {
		return o.postpone(ctx, d, 0, "the time to send it was used up")
	}
	wait, ok := o.pace.reserve(method(d.Target, p), d.Target.Channel, o.now(), patience)
	if !ok {
		return o.postpone(ctx, d, wait, "waits its turn")
	}
	if err := sleep(ctx, wait); err != nil {
		return o.postpone(ctx, d, 0, "interrupted before it was sent")
	}
	if d.Target.Receipt != "" {
		return o.attemptShare(ctx, d, p)
	}
	return o.attempt(ctx, d, p)
}

// instead does what follows from having no place to say it.
func (o *Outbox) instead(ctx context.Context, r ready) error {
	if r.instead.do == postpone {
		return o.postpone(ctx, r.delivery, r.instead.after, r.reason)
	}
	return o.finish(ctx, r.delivery, r.instead.state, report{reason: r.reason})
}

func (o *Outbox) late(d insights.Delivery) bool {
	return !d.Expires.IsZero() && !o.now().Before(d.Expires)
}

// patience is how long a delivery may wait here and still be sent within its
// lease: with its blocks and, if need be, without. It is negative when there
// is no time left, because a call must not be under way when somebody else may
// take the row over.
func (o *Outbox) patience(d insights.Delivery) time.Duration {
	lease := o.lease
	if !d.Lease.IsZero() {
		lease = d.Lease.Sub(o.now())
	}
	return lease - 2*o.timeout
}

func (o *Outbox) attempt(ctx context.Context, d insights.Delivery, p Payload) error {
	plain := len(p.Blocks) == 0
	var r report
	if p.File == nil {
		r = o.post(ctx, d, p)
	} else {
		var err error
		if d, r, err = o.share(ctx, d, p); err != nil {
			return err // the row says that an attempt is under way; it is looked at again
		}
	}
	if r.outcome == throttled {
		o.pace.rest(method(d.Target, p), o.now().Add(r.after))
	}
	if p.File != nil && r.outcome == refused {
		o.log.WarnContext(ctx, "Slack does not take a file; saying so instead", slog.Int64("delivery", d.ID), slog.String("reason", r.reason))
		d.Target.File = ""
		if err := o.store.PlaceDelivery(ctx, d.ID, d.Attempt, d.Target); err != nil {
			return err
		}
		return o.attempt(ctx, d, Payload{Text: p.File.Instead})
	}
	n := decide(r.outcome, r.after, d.Target.Kind, d.Attempt, plain)
	switch n.do {
	case finish:
		return o.finish(ctx, d, n.state, r)
	case postpone:
		return o.postpone(ctx, d, n.after, r.reason)
	case simplify:
		o.log.WarnContext(ctx, "Slack does not take the blocks; sending the text alone",
			slog.Int64("delivery", d.ID), slog.String("reason", r.reason))
		return o.attempt(ctx, d, Payload{Text: p.Text})
	default:
		return o.lookUp(ctx, d, r)
	}
}

// lookUp looks for a message whose fate is unclear, once it had time to
// appear. If it is not there, or cannot be looked for, the row is left in the
// state sending: it is looked at again when the lease ends, and is said again
// only if it has not appeared by then.
func (o *Outbox) lookUp(ctx context.Context, d insights.Delivery, r report) error {
	if err := sleep(ctx, o.settle); err != nil {
		return nil //nolint:nilerr // the row says it all; whoever holds it next looks it up
	}
	if d.FirstTry.IsZero() {
		d.FirstTry = o.now().Add(-o.timeout - o.settle)
	}
	ts, what, err := o.look(ctx, d)
	switch what {
	case seen:
		return o.finish(ctx, d, insights.Sent, report{channel: d.Target.Channel, ts: ts})
	case unseeing:
		return o.finish(ctx, d, insights.Unconfirmed, report{reason: r.reason + "; the history cannot show it: " + interpret(err).reason})
	default:
		o.log.WarnContext(ctx, "a message may or may not have been sent; it is looked for again",
			slog.Int64("delivery", d.ID), slog.String("reason", r.reason))
		return nil
	}
}

// Recording what happened must not fail because the caller is in a hurry.
const recordTimeout = 5 * time.Second

func (o *Outbox) finish(ctx context.Context, d insights.Delivery, state insights.DeliveryState, r report) error {
	if d.Target.Receipt != "" && state != insights.Sent {
		return o.unshared(ctx, d, state, r.reason)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	if state != insights.Sent {
		o.log.WarnContext(ctx, "a delivery was not sent for certain",
			slog.Int64("delivery", d.ID), slog.String("state", string(state)), slog.String("reason", r.reason))
	}
	return o.store.FinishDelivery(ctx, d.ID, d.Attempt, state, r.channel, r.ts, r.reason, o.now())
}

func (o *Outbox) postpone(ctx context.Context, d insights.Delivery, wait time.Duration, reason string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	o.log.DebugContext(ctx, "a delivery waits", slog.Int64("delivery", d.ID), slog.Duration("wait", wait), slog.String("reason", reason))
	now := o.now()
	return o.store.DeferDelivery(ctx, d.ID, d.Attempt, now.Add(wait), reason, now)
}
