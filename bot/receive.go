package bot

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"salesbot/handlers"
	"salesbot/insights"
)

// incoming is an envelope with a question in it.
type incoming struct {
	envelope
	question question
}

// take sorts what came over a socket. It does not wait: the socket's reader
// also answers Slack's pings.
func (b *Bot) take(ctx context.Context, e envelope) {
	if e.retry > 0 {
		b.log.DebugContext(ctx, "Slack sends again", slog.String("envelope", e.id), slog.Int("retry", e.retry))
	}
	q, err := read(kinds[e.kind], e.payload)
	switch {
	case errors.Is(err, errNotAsked), err == nil && q.user == b.self.user:
		b.notice(e)
		b.ack(ctx, e, nil)
	case err != nil:
		b.log.WarnContext(ctx, "a payload cannot be read", slog.String("kind", e.kind), slog.String("envelope", e.id))
		b.ack(ctx, e, nil)
	default:
		q.key = or(q.key, kinds[e.kind]+":"+e.id)
		if !b.lanes.put(q.conversation(b.self.team), incoming{envelope: e, question: q}) {
			b.log.WarnContext(ctx, "too much arrives at once", slog.String("kind", e.kind))
			b.notKept(ctx, incoming{envelope: e, question: q})
		}
	}
}

// notice acts on events that ask nothing but change what is remembered.
func (b *Bot) notice(e envelope) {
	var p struct {
		Event struct {
			Type string `json:"type"`
			User struct {
				ID string `json:"id"`
			} `json:"user"`
		} `json:"event"`
	}
	if json.Unmarshal(e.payload, &p) == nil && p.Event.Type == "user_change" {
		b.people.forget(p.Event.User.ID)
	}
}

// receive keeps a question, acknowledges it, and puts it in line.
func (b *Bot) receive(ctx context.Context, in incoming) {
	if faults := b.faults(ctx, in.question); len(faults) > 0 {
		b.ack(ctx, in.envelope, refill(faults))
		return
	}
	kept, fresh, err := b.keep(ctx, in)
	if err != nil {
		b.log.ErrorContext(ctx, "what Slack sent could not be kept", slog.String("kind", in.kind), slog.Any("error", err))
		b.notKept(ctx, in)
		return
	}
	b.ack(ctx, in.envelope, nil)
	if fresh {
		b.enqueue(ctx, kept, in.question)
	}
}

type keptOrNot struct {
	kept  insights.Received
	fresh bool
	err   error
}

// keep writes the question to the inbox. A database that hangs is given up
// after the time there is; should it keep the question after all, it is
// answered, late.
func (b *Bot) keep(ctx context.Context, in incoming) (insights.Received, bool, error) {
	now := b.cfg.Now()
	r := insights.Received{Team: b.self.team, Key: in.question.key, Kind: kinds[in.kind], Payload: in.payload, At: now}
	limited, cancel := context.WithTimeout(ctx, b.cfg.KeepWithin)
	result := make(chan keptOrNot, 1)
	go func() {
		kept, fresh, err := b.cfg.Store.Receive(limited, r, now, b.cfg.ReceivedLease)
		result <- keptOrNot{kept, fresh, err}
	}()
	select {
	case k := <-result:
		cancel()
		return k.kept, k.fresh, k.err
	case <-limited.Done():
		go func() {
			defer cancel()
			if k := <-result; k.err == nil && k.fresh {
				b.enqueue(ctx, k.kept, in.question)
			}
		}()
		return insights.Received{}, false, limited.Err()
	}
}

// notKept leaves an event for Slack to send again. Commands and interactions
// are not sent again: a command says so, a form stays open and says so, and
// Slack marks the button.
func (b *Bot) notKept(ctx context.Context, in incoming) {
	switch {
	case in.question.form != nil:
		b.ack(ctx, in.envelope, refill(handlers.Faults{in.question.form.first: nothingKept}))
	case kinds[in.kind] == kindCommand:
		b.ack(ctx, in.envelope, map[string]string{"response_type": "ephemeral", "text": nothingKept})
	}
}

const nothingKept = "I cannot reach my database, or am just restarting: nothing of this was kept. Please try again in a minute."

func (b *Bot) ack(ctx context.Context, e envelope, payload any) {
	if err := e.socket.ack(ctx, e.id, payload); err != nil {
		b.log.WarnContext(ctx, "an acknowledgement could not be sent", slog.String("kind", e.kind), slog.Any("error", err))
	}
}

// How many questions are kept at once, and how many wait for it.
const (
	laneCount = 8
	laneDepth = 64
)

// lanes keep what arrives, several things at a time but in the order of
// arrival within each conversation.
type lanes struct {
	work    func(context.Context, incoming)
	mu      sync.RWMutex
	stopped bool
	queues  []chan incoming
	running sync.WaitGroup
}

func newLanes(work func(context.Context, incoming)) *lanes {
	l := &lanes{work: work, queues: make([]chan incoming, laneCount)}
	for i := range l.queues {
		l.queues[i] = make(chan incoming, laneDepth)
	}
	return l
}

func (l *lanes) start(ctx context.Context) {
	for _, q := range l.queues {
		l.running.Go(func() {
			for in := range q {
				l.work(ctx, in)
			}
		})
	}
}

// put reports false when the lane is full or closed.
func (l *lanes) put(conversation string, in incoming) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if l.stopped {
		return false
	}
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(conversation))
	select {
	case l.queues[hash.Sum32()%laneCount] <- in:
		return true
	default:
		return false
	}
}

// stop takes nothing new, and reports whether all that was taken was done in
// time. It is called once.
func (l *lanes) stop(within time.Duration) bool {
	l.mu.Lock()
	l.stopped = true
	for _, q := range l.queues {
		close(q)
	}
	l.mu.Unlock()
	done := make(chan struct{})
	go func() {
		l.running.Wait()
		close(done)
	}()
	return ended(done, within)
}
