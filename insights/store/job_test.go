package store_test

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/storetest"
)

// The job queue has a clock of its own, so these tests take place now.

const patience = 30 * time.Second

func work(t *testing.T, s *store.Store, w store.Work) (stop func()) {
	t.Helper()
	nothing := func(context.Context, int64) error { return nil }
	if w.Received == nil {
		w.Received = nothing
	}
	if w.Delivery == nil {
		w.Delivery = nothing
	}
	w.Logger = slog.New(slog.DiscardHandler)
	end, err := s.Work(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		if err := end(ctx); err != nil {
			t.Error(err)
		}
	}
}

func await[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Fatal("nothing happened")
	}
	return v
}

func TestWhatADeadProcessReceivedIsHandledByAnotherWhenTheLeaseEnds(t *testing.T) {
	t.Parallel()
	dsn := storetest.DSN(t)
	dead, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	r, _, err := dead.Receive(t.Context(), received("Ev1"), start, 200*time.Millisecond)
	if err := errors.Join(err, dead.Close()); err != nil {
		t.Fatal(err)
	}

	alive := openAt(t, dsn)
	handled := make(chan insights.Received, 10)
	stop := work(t, alive, store.Work{Received: func(ctx context.Context, id int64) error {
		got, claimed, err := alive.ClaimReceived(ctx, id, time.Now(), time.Hour)
		if err == nil && claimed {
			handled <- got
		}
		return err
	}})
	defer stop()
	got := await(t, handled)
	if got.ID != r.ID || got.Attempt != 2 || time.Since(start) < 200*time.Millisecond {
		t.Errorf("handled %+v, received as %d, after %s", got, r.ID, time.Since(start))
	}
}

func TestADeliveryIsLookedAtWhenItIsDueAndUntilItIsFinished(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.DSN(t))
	finished := make(chan insights.Delivery, 10)
	var looks atomic.Int32
	stop := work(t, s, store.Work{Delivery: func(ctx context.Context, id int64) error {
		if looks.Add(1) == 1 {
			return errors.New("out of order") // and tried again
		}
		d, claimed, err := s.ClaimDelivery(ctx, id, time.Now(), time.Hour)
		if err != nil || !claimed {
			return err
		}
		if d.Attempt == 2 { // Slack asks to wait
			return s.DeferDelivery(ctx, id, d.Attempt, time.Now().Add(50*time.Millisecond), "ratelimited", time.Now())
		}
		finished <- d
		return s.FinishDelivery(ctx, id, d.Attempt, insights.Sent, "C1", "1.2", "", time.Now())
	}})
	defer stop()
	d := hello("k1")
	recorded, _, err := s.Record(t.Context(), insights.Turn{Deliveries: []insights.Delivery{d}}, time.Now(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	got := await(t, finished)
	if got.ID != recorded[0].ID || got.Attempt != 3 || got.State != insights.Pending {
		t.Errorf("finished %+v", got)
	}
}

func TestANewJobIsHeardOfAtOnce(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.DSN(t))
	looked := make(chan time.Time, 1000)
	stop := work(t, s, store.Work{Delivery: func(ctx context.Context, id int64) error {
		d, claimed, err := s.ClaimDelivery(ctx, id, time.Now(), time.Hour)
		if err != nil || !claimed {
			return err
		}
		looked <- time.Now()
		return s.DeferDelivery(ctx, id, d.Attempt, time.Now(), "again", time.Now())
	}})
	defer stop()
	_, _, err := s.Record(t.Context(), insights.Turn{Deliveries: []insights.Delivery{hello("k1")}}, time.Now(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	const rounds = 20 // by polling alone they would take as many seconds
	first := await(t, looked)
	last := first
	for range rounds {
		last = await(t, looked)
	}
	if took := last.Sub(first); took > rounds*250*time.Millisecond {
		t.Errorf("%d jobs took %s", rounds, took)
	}
}

func TestStoppingWaitsForTheJobUnderWay(t *testing.T) {
	t.Parallel()
	s := openAt(t, storetest.DSN(t))
	begun, ended := make(chan bool, 1), make(chan bool, 1)
	stop := work(t, s, store.Work{Received: func(ctx context.Context, id int64) error {
		begun <- true
		select {
		case <-ctx.Done():
		case <-time.After(300 * time.Millisecond):
		}
		ended <- ctx.Err() == nil
		return nil
	}})
	if _, _, err := s.Receive(t.Context(), received("Ev1"), time.Now(), 0); err != nil {
		t.Fatal(err)
	}
	await(t, begun)
	stop()
	select {
	case whole := <-ended:
		if !whole {
			t.Error("the job was cut short")
		}
	default:
		t.Error("stop did not wait")
	}
}

// The process that had begun the jobs is dead, and River still takes it for alive.
func TestWhatNobodyIsAtWorkOnIsFoundWithoutItsJob(t *testing.T) {
	t.Parallel()
	s := open(t)
	r, _, err := s.Receive(t.Context(), received("Ev1"), time.Now(), 0)
	if err != nil {
		t.Fatal(err)
	}
	due, _, err := s.Record(t.Context(), insights.Turn{Deliveries: []insights.Delivery{hello("k1")}}, time.Now(), time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.DB().ExecContext(t.Context(), `update river_job set state = 'running', attempt = 1, attempted_at = now(), attempted_by = '{dead}'`)
	if err != nil {
		t.Fatal(err)
	}

	handled, sent := make(chan int64, 10), make(chan int64, 10)
	stop := work(t, s, store.Work{
		Received: func(ctx context.Context, id int64) error {
			_, claimed, err := s.ClaimReceived(ctx, id, time.Now(), time.Hour)
			if err == nil && claimed {
				handled <- id
			}
			return err
		},
		Delivery: func(ctx context.Context, id int64) error {
			_, claimed, err := s.ClaimDelivery(ctx, id, time.Now(), time.Hour)
			if err == nil && claimed {
				sent <- id
			}
			return err
		},
	})
	defer stop()
	if id := await(t, handled); id != r.ID {
		t.Errorf("handled %d, received %d", id, r.ID)
	}
	if id := await(t, sent); id != due[0].ID {
		t.Errorf("sent %d, recorded %d", id, due[0].ID)
	}
}
