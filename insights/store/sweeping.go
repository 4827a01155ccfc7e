package store

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
)

// A process that dies takes along the jobs it had begun, and River hands them
// on after rescueAfter only; nor does it begin any that were put off while
// nobody leads. The rows know better: where a lease ended a while ago, nobody is
// at work. Digests have no lease, and wait for River.
const (
	sweepEvery = 5 * time.Second
	unattended = 5 * time.Second // since the end of the lease; a job is no more than a second late
)

const unattendedReceived = `
	select id from inbox
	where done_at is null and lease < clock_timestamp() - make_interval(secs => $1)
	order by lease limit $2`

const unattendedDelivery = `
	select id from delivery
	where finished_at is null and greatest(lease, not_before) < clock_timestamp() - make_interval(secs => $1)
	order by not_before limit $2`

// startSweep begins, until stop is called, what nobody is at work on. stop lets
// what was begun finish within its context, then ends it.
func (s *Store) startSweep(ctx context.Context, work Work) (stop func(context.Context)) {
	ctx, cancel := context.WithCancel(ctx)
	quit, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		s.sweep(ctx, quit, work)
	}()
	return func(within context.Context) {
		close(quit)
		select {
		case <-ended:
		case <-within.Done():
		}
		cancel()
		<-ended
	}
}

// sweep looks around until quit is closed, and returns when all that it began
// has ended.
func (s *Store) sweep(ctx context.Context, quit <-chan struct{}, work Work) {
	var begun errgroup.Group
	begun.SetLimit(workers)
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.begin(ctx, &begun, work.Logger, unattendedReceived, work.Received)
			s.begin(ctx, &begun, work.Logger, unattendedDelivery, work.Delivery)
		case <-quit:
			_ = begun.Wait() // faults are logged where they happen
			return
		}
	}
}

// begin handles the rows that a query finds, as far as there are hands for it.
// Whoever claims a row first has it, so a job may come at the same time.
func (s *Store) begin(ctx context.Context, begun *errgroup.Group, log *slog.Logger, rows string, handle func(context.Context, int64) error) {
	var ids []int64
	if err := s.db.SelectContext(ctx, &ids, rows, unattended.Seconds(), workers); err != nil {
		log.WarnContext(ctx, "cannot tell what nobody is at work on", slog.String("reason", err.Error()))
		return
	}
	for _, id := range ids {
		begun.TryGo(func() error {
			ctx, cancel := context.WithTimeout(ctx, jobTimeout)
			defer cancel()
			if err := handle(ctx, id); err != nil {
				log.WarnContext(ctx, "what nobody was at work on was not finished", slog.Int64("row", id), slog.String("reason", err.Error()))
			}
			return nil
		})
	}
}
