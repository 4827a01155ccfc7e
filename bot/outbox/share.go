package outbox

import (
	"context"
	"log/slog"

	"salesbot/insights"
)

// An answer that is shared is read by everybody who can read the channel at the
// moment it is posted. Between the press of a button and that moment people join,
// rights change, and the process may have ended: so it is asked again, last of all
// and before each attempt, whether all of them may. Whoever shared it is told when
// nothing came of it.

// attemptShare posts a shared answer if it still may be.
func (o *Outbox) attemptShare(ctx context.Context, d insights.Delivery, p Payload) error {
	asking, cancel := context.WithTimeout(ctx, o.timeout)
	withheld := o.ask(asking, d, "")
	cancel()
	switch {
	case ctx.Err() != nil:
		return o.postpone(ctx, d, 0, "interrupted before it was sent")
	case withheld != nil:
		return o.withhold(ctx, d, insights.Failed, withheld)
	case o.patience(d) < 0:
		return o.postpone(ctx, d, 0, "the time to send it was used up")
	default:
		return o.attempt(ctx, d, p)
	}
}

// unshared ends a shared answer that Slack did not take.
func (o *Outbox) unshared(ctx context.Context, d insights.Delivery, state insights.DeliveryState, reason string) error {
	asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), o.timeout)
	defer cancel()
	d.State = state
	return o.withhold(ctx, d, state, o.ask(asking, d, reason))
}

// withhold ends a shared answer that was not posted, or may not have been, and
// tells whoever shared it.
func (o *Outbox) withhold(ctx context.Context, d insights.Delivery, state insights.DeliveryState, w *Withheld) error {
	recording, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTimeout)
	defer cancel()
	o.log.WarnContext(ctx, "an answer was not shared for certain",
		slog.Int64("delivery", d.ID), slog.String("state", string(state)), slog.String("reason", w.Reason))
	due, err := o.store.FinishDeliveryWith(recording, d.ID, d.Attempt, state, w.Reason, w.Turn, o.now(), o.lease)
	if err != nil {
		return err
	}
	for _, told := range due {
		if err := o.Send(ctx, told); err != nil {
			return err
		}
	}
	return nil
}
