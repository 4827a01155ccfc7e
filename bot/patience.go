package bot

import (
	"context"
	"log/slog"
	"time"

	"salesbot/insights"
)

// patience is the time there is for one question. Most are answered at once;
// one that takes long says so meanwhile, and then gets more.
type patience struct {
	ctx    context.Context //nolint:containedctx // it is the time itself, and lives as long as the question is worked on
	cancel context.CancelFunc
	timer  *time.Timer
	more   func()
}

func (b *Bot) patience(ctx context.Context, r insights.Received) *patience {
	ctx, cancel := context.WithCancel(ctx)
	p := &patience{ctx: ctx, cancel: cancel, timer: time.AfterFunc(b.cfg.AnswerWithin, cancel)}
	p.more = func() {
		p.timer.Reset(b.cfg.LoadWithin)
		go b.hold(ctx, r, cancel)
	}
	return p
}

// end gives the time back.
func (p *patience) end() {
	p.timer.Stop()
	p.cancel()
}

// hold renews the lease of a question until the context ends, so that nobody
// else begins to work on it. Where that fails somebody may have begun: the work
// is lost.
func (b *Bot) hold(ctx context.Context, r insights.Received, lose func()) {
	renew := time.NewTicker(b.cfg.ReceivedLease / 3)
	defer renew.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-renew.C:
		}
		now := b.cfg.Now()
		kept, err := b.cfg.Store.HoldReceived(ctx, r.ID, r.Attempt, now, b.cfg.ReceivedLease)
		switch {
		case err == nil && kept:
			r.Lease = now.Add(b.cfg.ReceivedLease)
		case err == nil, now.After(r.Lease):
			b.log.WarnContext(ctx, "the hold on a question was lost; whoever holds it now works on it", slog.Int64("received", r.ID))
			lose()
			return
		}
	}
}

// lasting is a context for work that a job began and that may outlast it. It
// ends when the bot gives up what is under way.
func (b *Bot) lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		select {
		case <-b.abandoned:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
