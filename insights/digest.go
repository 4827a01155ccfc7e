package insights

import (
	"fmt"
	"time"

	"salesbot/insights/metric"
)

// DigestState says whether a Digest is sent.
type DigestState string

// The states of a Digest. A deleted one is kept, since its sendings are on
// record, but nobody sees it any more.
const (
	DigestActive  DigestState = "active"
	DigestPaused  DigestState = "paused"
	DigestDeleted DigestState = "deleted"
)

// Digest is a question that is asked for somebody on time. It is kept in
// words, so that "this week" is the week of each sending; Query is how the
// words were read when it was set up, so that a name that has come to mean
// something else is noticed.
type Digest struct {
	ID       int64
	Team     string
	Owner    string // the door's own id of the person it is for
	Name     string // of the owner
	Person   int64  // 0: an administrator by configuration
	Thread   string // the conversation it was set up in
	Words    string
	Query    metric.Query
	Schedule Schedule
	State    DigestState
	NextAt   time.Time // the moment of the schedule that is to be sent next
	LookAt   time.Time // when to look at it: NextAt, or later when a sending waits
	Held     bool      // the sending of NextAt waits for fresh data, and the owner was told
	Tries    int       // how often the sending of NextAt failed
	Attempt  int       // counts the changes of the row, so that none is made twice
	MadeAt   time.Time

	Last *DigestRun // the latest sending, or what came in its place
	Said *DigestRun // the latest that said figures
}

// DigestOutcome is how one run of a Digest ended.
type DigestOutcome string

// The outcomes of a run.
const (
	DigestSent    DigestOutcome = "sent"
	DigestHeld    DigestOutcome = "held"    // the data was not fresh
	DigestStopped DigestOutcome = "stopped" // refused or no longer understood: it was paused
	DigestFailed  DigestOutcome = "failed"
)

// DigestRun is one moment of a Digest's schedule and what became of it. Of
// each moment there is one at most.
type DigestRun struct {
	At       time.Time // the moment of the schedule
	Outcome  DigestOutcome
	Period   metric.Period // what the figures were of
	Figures  []metric.Quantity
	Scope    []int64       // of a narrowed figure, the people it was narrowed to
	Delivery DeliveryState // how far its message came; empty: there is none
}

// DigestChange is what a Turn does to one Digest, which it holds as it is to
// be: a new one, one that its owner changed, or one that ran.
type DigestChange struct {
	Digest Digest
	New    bool
	// Run is set when it is the schedule that asked. Such a Turn is fresh only
	// if nobody has changed the Digest meanwhile.
	Run *DigestRun
	// Silent leaves the owner alone: there is nothing new to say.
	Silent bool
}

// DigestKey names the message of a run in the ledger, so that it is sent once
// whoever runs it. That a sending is held is a message of its own.
func (c DigestChange) DigestKey() string {
	key := fmt.Sprintf("digest:%d:%d", c.Digest.ID, c.Run.At.Unix())
	if c.Run.Outcome == DigestHeld {
		key += ":held"
	}
	return key
}

// Due is the moment of the schedule that is to be sent now, and the one that
// follows. After an outage that is the latest of those that were missed: at
// most one is caught up.
func (d Digest) Due(now time.Time, co metric.Company) (at, following time.Time, err error) {
	at = d.NextAt
	for {
		following, err = d.Schedule.Next(at, co)
		if err != nil || following.After(now) {
			return at, following, err
		}
		at = following
	}
}

// Again returns the Digest with its next sending after the moment given.
func (d Digest) Again(after time.Time, co metric.Company) (Digest, error) {
	next, err := d.Schedule.Next(after, co)
	d.NextAt, d.LookAt, d.Held, d.Tries = next, next, false, 0
	return d, err
}

// DigestGrace is how long after its time a digest counts as late.
const DigestGrace = 5 * time.Minute

// DigestCounts says how the digests stand.
type DigestCounts struct {
	Active, Paused int64
	Held           int64 // wait for fresh data
	Late           int64 // should have been sent and were not
}
