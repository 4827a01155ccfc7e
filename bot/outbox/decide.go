package outbox

import (
	"time"

	"salesbot/insights"
)

// next is what follows from the outcome of an attempt.
type next struct {
	do    move
	state insights.DeliveryState // for finish
	after time.Duration          // for postpone
}

type move string

const (
	finish   move = "finish"
	postpone move = "postpone"
	simplify move = "simplify" // say it at once without blocks
	lookUp   move = "look up"  // find out whether it was said
)

// A delivery is given up after this many attempts: about a day of them while
// Slack cannot be reached, some hours of those whose end nobody knows.
const maxAttempts = 300

// decide says what follows. What may have been said is never said again
// unseen: it is looked up where Slack can show it, and otherwise counted as
// unconfirmed.
func decide(o outcome, after time.Duration, where insights.TargetKind, attempt int, plain bool) next {
	switch o {
	case said:
		return next{do: finish, state: insights.Sent}
	case misshapen:
		if plain {
			return next{do: finish, state: insights.Failed}
		}
		return next{do: simplify}
	case unclear:
		if lookable(where) {
			return next{do: lookUp}
		}
		if where != insights.ToUpdate {
			return next{do: finish, state: insights.Unconfirmed}
		}
		return again(unreached, after, attempt) // changing a message twice is changing it once
	case throttled, unreached:
		return again(o, after, attempt)
	default:
		return next{do: finish, state: insights.Failed}
	}
}

func again(o outcome, after time.Duration, attempt int) next {
	if attempt >= maxAttempts {
		return next{do: finish, state: insights.Failed}
	}
	return next{do: postpone, after: max(after, pause(o, attempt))}
}

// pause doubles from a second to five minutes while Slack cannot be reached.
// When Slack is there and says how long to wait, that is enough.
func pause(o outcome, attempt int) time.Duration {
	if o == throttled {
		return time.Second
	}
	return min(time.Second<<min(max(attempt-1, 0), 10), 5*time.Minute)
}
