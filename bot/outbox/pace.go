package outbox

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Slack takes about one message a second in a channel, and short bursts.
const (
	messagesASecond = 1
	burst           = 3
)

// pace keeps the process within Slack's limits: so many messages a channel,
// and no call of a method that has asked for a rest.
type pace struct {
	mu       sync.Mutex
	channels map[string]*rate.Limiter
	rests    map[string]time.Time // by method
}

func newPace() *pace {
	return &pace{channels: map[string]*rate.Limiter{}, rests: map[string]time.Time{}}
}

// reserve takes the next place in the channel and returns how long to wait for
// it. When that is more than most, no place is taken.
func (p *pace) reserve(method, channel string, now time.Time, most time.Duration) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	rest := max(p.rests[method].Sub(now), 0)
	if rest > most {
		return rest, false
	}
	if channel == "" {
		return rest, true
	}
	place := p.limiter(channel).ReserveN(now.Add(rest), 1)
	wait = rest + place.DelayFrom(now.Add(rest))
	if wait > most {
		place.CancelAt(now)
		return wait, false
	}
	return wait, true
}

func (p *pace) limiter(channel string) *rate.Limiter {
	if p.channels[channel] == nil {
		p.channels[channel] = rate.NewLimiter(messagesASecond, burst)
	}
	return p.channels[channel]
}

// rest keeps a method from being called until the given time.
func (p *pace) rest(method string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if until.After(p.rests[method]) {
		p.rests[method] = until
	}
}

// sleep waits, or returns the context's error.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
