package insights

import (
	"encoding/json"
	"fmt"
	"time"

	"salesbot/insights/metric"
)

// Received is one thing Slack sent, kept before it is acknowledged. Key is
// made of Slack's own ids, so that a repeat is the same row.
type Received struct {
	ID      int64
	Team    string
	Key     string
	Kind    string // event, command, action
	Payload json.RawMessage
	At      time.Time
	Attempt int
	Lease   time.Time // until when the holder alone may work on it
}

// Target is where a message goes.
type Target struct {
	Kind    TargetKind `json:"kind"`
	Channel string     `json:"channel,omitempty"` // conversation id
	User    string     `json:"user,omitempty"`    // for Ephemeral: who sees it; with Receipt: who shared it
	Thread  string     `json:"thread,omitempty"`
	URL     string     `json:"url,omitempty"`     // for ResponseURL; it is a secret
	Email   string     `json:"email,omitempty"`   // for ToPerson, unless User is known
	Of      string     `json:"of,omitempty"`      // key of the delivery that this one changes (ToUpdate) or replies to
	TS      string     `json:"ts,omitempty"`      // for ToUpdate: the message, once it is known
	File    string     `json:"file,omitempty"`    // Slack's id of the file that is shared, once there is one
	Receipt string     `json:"receipt,omitempty"` // of an answer that is shared: whoever is there must be allowed to read it when it is posted
}

// TargetKind is a way of saying something in Slack.
type TargetKind string

// The ways of saying something. ToChannel and ToPerson can be looked up
// afterwards; ToUpdate can be repeated without harm.
const (
	ToChannel     TargetKind = "channel" // a channel or direct message, seen by its members
	ToOne         TargetKind = "ephemeral"
	ToResponseURL TargetKind = "response_url"
	ToPerson      TargetKind = "person" // a direct message; its channel is found out when it is sent
	ToUpdate      TargetKind = "update" // a message that was sent is changed in place
)

// Original is how a delivery stands that another one changes or replies to.
type Original struct {
	State      DeliveryState
	Channel    string
	TS         string
	NotBefore  time.Time
	Superseded bool // a later delivery changes it, so this one would undo that
	Busy       bool // an earlier change of it is under way
}

// DeliveryState is how far a Delivery came.
type DeliveryState string

// The states of a Delivery. Sent, Unconfirmed, Failed and Expired are final.
const (
	Pending     DeliveryState = "pending"
	Sending     DeliveryState = "sending"     // an attempt is under way or its end is not known
	Sent        DeliveryState = "sent"        // Slack said so, or history shows it
	Unconfirmed DeliveryState = "unconfirmed" // sent once, the answer was lost, and nothing can show it
	Failed      DeliveryState = "failed"      // Slack refused it for good
	Expired     DeliveryState = "expired"     // its time passed before it could be sent
)

// Delivery is one message on its way to Slack. Its row alone decides what
// happens to it.
type Delivery struct {
	ID        int64
	Key       string // unique; travels in the message's metadata
	Team      string
	Target    Target
	Payload   json.RawMessage // rendered once, sent whole or not at all
	NotBefore time.Time
	Expires   time.Time // zero: never
	State     DeliveryState
	Attempt   int // attempts begun
	Lease     time.Time
	CreatedAt time.Time
	FirstTry  time.Time // when the first attempt began; zero: none yet
	Channel   string    // Slack's receipt
	TS        string
	Error     string
}

// Receipt says how a figure was computed, so that it can be computed again.
type Receipt struct {
	ID       string
	At       time.Time
	Query    metric.Query
	Viewer   metric.Viewer
	Company  metric.Company
	Metric   string
	Version  int
	Revision int64
	Rows     int64
	Said     *metric.Said // nil: it was not kept
	Meaning  string       // of the metric; empty: it was not kept
}

// AuditEntry is one line of who asked or was refused what, and where.
type AuditEntry struct {
	At      time.Time
	Person  int64 // 0: unmatched
	Actor   string
	Origin  string
	Place   string
	Text    string
	Status  string
	Code    string
	Receipt string
}

// Turn is all that one handled request changes. It is written whole, in one
// transaction, or not at all; a Turn for a Received that is already done
// changes nothing.
type Turn struct {
	Received   int64 // 0: asked from the terminal
	At         time.Time
	Deliveries []Delivery
	Receipt    *Receipt
	Audit      *AuditEntry
	Further    []Recorded // of the further questions of the same request
	Thread     string     // conversation key; empty: none kept
	Opens      string     // key of the conversation that replies to the request begin; empty: none
	LastQuery  *metric.Query
	LastAnswer string         // receipt of the answer to LastQuery; empty: it has none
	Asked      string         // key of the message that asked, or that an edited one was; empty: no message did
	Edited     bool           // that message was edited, and asked something else before
	Forgets    string         // key of a message that was deleted: what it asked is forgotten in Thread
	Insight    *InsightChange // nil: none changes
	Digest     *DigestChange  // nil: none changes
	Digests    []DigestChange // beside: new ones, or those that their owner changed
	Mute       *Mute          // nil: nothing is muted, nor unmuted
	ModelUse   *ModelUse      // nil: no model was asked
}

// Mute is that somebody is told no insights for a while.
type Mute struct {
	Person int64
	Until  time.Time // past: they are told again
}

// MostAnswers is how many answers one request may have: one for each question in
// it.
const MostAnswers = 3

// AnswerKey is the key of the n-th delivery that answers what was received,
// counted from 0.
func AnswerKey(received int64, n int) string {
	if n == 0 {
		return fmt.Sprintf("answer:%d", received)
	}
	return fmt.Sprintf("answer:%d:%d", received, n+1)
}

// Recorded is what is kept of one more answer to a request of several questions.
type Recorded struct {
	Receipt *Receipt
	Audit   *AuditEntry
}

// ModelUse is what asking a language model once cost.
type ModelUse struct {
	Person     int64 // who asked; 0: nobody who is stored
	Model      string
	Prompt     int64 // tokens
	Completion int64 // tokens
	CostMicros int64 // millionths of whatever the company is billed in
}

// ModelUsed is how many tokens models were given and gave on a day, in all and
// for one person.
type ModelUsed struct {
	Day, Person int64
}
