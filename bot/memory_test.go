package bot_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"salesbot/insights"
)

// memory is an inbox and a ledger without a database. It has no jobs: a test
// looks at rows itself when a lease is over.
type memory struct {
	mu         sync.Mutex
	changed    chan struct{}
	down       error
	refuse     func(insights.Turn) error // what cannot be recorded; nil: all can
	hang       chan struct{}             // Receive waits for it, whatever its context says
	received   []insights.Received
	done       map[int64]bool
	deliveries []insights.Delivery
	digests    []insights.Digest
	audit      *insights.AuditEntry // the last one
	held       int                  // how often a lease was renewed
}

func newMemory() *memory {
	return &memory{changed: make(chan struct{}), done: map[int64]bool{}}
}

// touch wakes whoever waits for a change. It is called with the lock held.
func (m *memory) touch() {
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.down = err
}

// until waits for something to be true of the store.
func (m *memory) until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	for {
		m.mu.Lock()
		ok, changed := holds(), m.changed
		m.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-deadline.C:
			t.Fatalf("it never came about that %s", what)
		}
	}
}

// only waits until the one delivery there is has reached the state.
func (m *memory) only(t *testing.T, state insights.DeliveryState) insights.Delivery {
	t.Helper()
	m.until(t, "the only delivery is "+string(state), func() bool {
		return len(m.deliveries) == 1 && m.deliveries[0].State == state
	})
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.deliveries[0]
}

func (m *memory) audited() *insights.AuditEntry {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.audit
}

func (m *memory) counts() (received, deliveries int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.received), len(m.deliveries)
}

func (m *memory) Receive(ctx context.Context, r insights.Received, now time.Time, lease time.Duration) (insights.Received, bool, error) {
	m.mu.Lock()
	hang := m.hang
	m.mu.Unlock()
	if hang != nil {
		<-hang
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.down, ctx.Err()); err != nil {
		return r, false, err
	}
	for _, known := range m.received {
		if known.Team == r.Team && known.Key == r.Key {
			return known, false, nil
		}
	}
	r.ID, r.Attempt, r.Lease = int64(len(m.received)+1), 1, now.Add(lease)
	m.received = append(m.received, r)
	m.touch()
	return r, true, nil
}

func (m *memory) ClaimReceived(_ context.Context, id int64, now time.Time, lease time.Duration) (insights.Received, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &m.received[id-1]
	if m.done[id] || r.Lease.After(now) {
		return insights.Received{}, false, nil
	}
	r.Attempt, r.Lease = r.Attempt+1, now.Add(lease)
	return *r, true, nil
}

// AnswersTo finds none: what is edited in place is shown on the whole program.
func (m *memory) AnswersTo(context.Context, string, string) (int64, int, error) {
	return 0, 0, nil
}

func (m *memory) HoldReceived(_ context.Context, id int64, attempt int, now time.Time, lease time.Duration) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := &m.received[id-1]
	if m.done[id] || r.Attempt != attempt {
		return false, nil
	}
	r.Lease = now.Add(lease)
	m.held++
	m.touch()
	return true, nil
}

func (m *memory) Record(ctx context.Context, turn insights.Turn, now time.Time, lease time.Duration) ([]insights.Delivery, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := errors.Join(m.down, ctx.Err()); err != nil {
		return nil, false, err
	}
	if m.done[turn.Received] {
		return nil, false, nil
	}
	if m.refuse != nil {
		if err := m.refuse(turn); err != nil {
			return nil, false, err
		}
	}
	m.done[turn.Received] = true
	due := m.enqueue(turn, now, lease)
	m.touch()
	return due, true, nil
}

// enqueue keeps what a turn says. It is called with the lock held.
func (m *memory) enqueue(turn insights.Turn, now time.Time, lease time.Duration) []insights.Delivery {
	m.audit = turn.Audit
	var due []insights.Delivery
	for _, d := range turn.Deliveries {
		d.ID, d.State, d.Attempt = int64(len(m.deliveries)+1), insights.Sending, 1
		d.CreatedAt, d.FirstTry, d.Lease = now, now, now.Add(lease)
		m.deliveries = append(m.deliveries, d)
		due = append(due, d)
	}
	return due
}

func (m *memory) ClaimDelivery(_ context.Context, id int64, now time.Time, lease time.Duration) (insights.Delivery, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := &m.deliveries[id-1]
	open := d.State == insights.Pending || d.State == insights.Sending
	if !open || d.Lease.After(now) || d.NotBefore.After(now) {
		return insights.Delivery{}, false, nil
	}
	found := d.State
	d.State, d.Attempt, d.Lease = insights.Sending, d.Attempt+1, now.Add(lease)
	claimed := *d
	claimed.State = found
	return claimed, true, nil
}

func (m *memory) FinishDelivery(_ context.Context, id int64, attempt int, state insights.DeliveryState, channel, ts, errText string, _ time.Time) error {
	return m.change(id, attempt, func(d *insights.Delivery) {
		d.State, d.Channel, d.TS, d.Error = state, channel, ts, errText
	})
}

func (m *memory) FinishDeliveryWith(ctx context.Context, id int64, attempt int, state insights.DeliveryState, errText string, turn insights.Turn, now time.Time, lease time.Duration) ([]insights.Delivery, error) {
	if err := m.FinishDelivery(ctx, id, attempt, state, "", "", errText, now); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.enqueue(turn, now, lease), nil
}

func (m *memory) DeferDelivery(_ context.Context, id int64, attempt int, until time.Time, errText string, now time.Time) error {
	return m.change(id, attempt, func(d *insights.Delivery) {
		d.State, d.NotBefore, d.Lease, d.Error = insights.Pending, until, now, errText
	})
}

func (m *memory) change(id int64, attempt int, do func(*insights.Delivery)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := &m.deliveries[id-1]
	if d.Attempt != attempt || d.State != insights.Sending {
		return errors.New("taken over")
	}
	do(d)
	m.touch()
	return nil
}

func (m *memory) PlaceDelivery(_ context.Context, id int64, attempt int, target insights.Target) error {
	return m.change(id, attempt, func(d *insights.Delivery) { d.Target = target })
}

func (m *memory) Original(_ context.Context, id int64, of string, _ time.Time) (insights.Original, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	superseded := false
	for _, d := range m.deliveries {
		superseded = superseded || d.Target.Of == of && d.Target.Kind == insights.ToUpdate && d.ID > id
	}
	for _, d := range m.deliveries {
		if d.Key == of {
			return insights.Original{State: d.State, Channel: d.Channel, TS: d.TS, Superseded: superseded}, true, nil
		}
	}
	return insights.Original{}, false, nil
}
