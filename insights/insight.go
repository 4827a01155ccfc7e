package insights

import (
	"slices"
	"strings"
	"time"
)

// Insight is what customers want or do, as an analyst found out, with its
// evidence and whom it concerns. Correcting it makes a new version; what the
// versions before said is kept.
type Insight struct {
	ID         string
	Version    int // from 1
	Author     Author
	What       string
	Evidence   string // a receipt's id or an https address
	Audience   Audience
	Confidence Confidence
	Until      time.Time // the last day on which it holds
	State      InsightState
	Why        string    // it was retired
	At         time.Time // when this version was written
	PostedAt   time.Time // when the first one was
}

// Author is who posted an Insight. An administrator need not be a person of
// the CRM.
type Author struct {
	Person int64 // 0: none
	Name   string
	Email  string
}

// Is reports whether both are the same.
func (a Author) Is(other Author) bool {
	if a.Person != 0 && other.Person != 0 {
		return a.Person == other.Person
	}
	return a.Email != "" && strings.EqualFold(a.Email, other.Email)
}

// Confidence is how sure the author is.
type Confidence string

// The confidences.
const (
	Low    Confidence = "low"
	Medium Confidence = "medium"
	High   Confidence = "high"
)

// Confidences lists them from the lowest.
func Confidences() []Confidence { return []Confidence{Low, Medium, High} }

// InsightState says whether an Insight still holds.
type InsightState string

// The states of an Insight.
const (
	Live    InsightState = "live"
	Retired InsightState = "retired"
)

// Audience says which open deals an Insight concerns, and through them whom: a
// deal matches when it has one of the values in every dimension that is named.
type Audience []Criterion

// Criterion is one value of a dimension: the territory EMEA, the industry food.
type Criterion struct {
	Dimension string `json:"dimension"`
	ID        int64  `json:"id,omitempty"` // of a stored thing; 0: the text itself is the value
	Text      string `json:"text"`
}

// AudienceDimensions lists what an Audience can be made of.
func AudienceDimensions() []string {
	return []string{"territory", "industry", "segment", "product", "stage"}
}

// Of keeps the criteria of one dimension.
func (a Audience) Of(dimension string) Audience {
	return slices.DeleteFunc(slices.Clone(a), func(c Criterion) bool { return c.Dimension != dimension })
}

// IDs are those of the stored things.
func (a Audience) IDs() []int64 {
	ids := make([]int64, len(a))
	for i, c := range a {
		ids[i] = c.ID
	}
	return ids
}

// Texts are the values as they are called.
func (a Audience) Texts() []string {
	texts := make([]string, len(a))
	for i, c := range a {
		texts[i] = c.Text
	}
	return texts
}

// String writes the audience as people say it: "territory EMEA or APAC,
// industry food".
func (a Audience) String() string {
	var parts []string
	for _, dimension := range AudienceDimensions() {
		if of := a.Of(dimension); len(of) > 0 {
			parts = append(parts, dimension+" "+strings.Join(of.Texts(), " or "))
		}
	}
	return strings.Join(parts, ", ")
}

// Reader is somebody whose open deals an Insight touches.
type Reader struct {
	Person   int64
	Name     string
	Email    string
	Delivery string // key of the message they got; empty: they could not be sent one
	State    DeliveryState
	First    int // the version they were told first
	Version  int // the version they were told last
	Deals    []TouchedDeal
	Touched  int // deals; at least as many as are listed
	Marks    []Mark
	Muted    time.Time // until when they are told nothing; zero, or past: they did not mute insights
}

// MostDeals is how many touched deals a Reader is named.
const MostDeals = 5

// TouchedDeal is an open deal of a Reader.
type TouchedDeal struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Account string `json:"account"`
	Stage   string `json:"stage"`
}

// Reach is whom an Audience concerns, in one snapshot of the facts.
type Reach struct {
	Readers  []Reader
	Revision int64
	FreshAt  time.Time
}

// Touched counts the deals.
func (r Reach) Touched() int {
	n := 0
	for _, reader := range r.Readers {
		n += reader.Touched
	}
	return n
}

// Mark is what a Reader says of an Insight.
type Mark string

// The marks.
const (
	Useful Mark = "useful"
	Used   Mark = "used"
	Wrong  Mark = "wrong"
)

// Marks lists them.
func Marks() []Mark { return []Mark{Useful, Used, Wrong} }

// Marked is a mark that a Reader sets or takes back.
type Marked struct {
	Person int64
	Mark   Mark
	Set    bool
}

// InsightChange is what a Turn does to one Insight.
type InsightChange struct {
	Insight Insight
	Written bool     // the Insight is a new version; otherwise it is as it was read
	Readers []Reader // who are told this version
	Marked  *Marked
}

// InsightStanding is how far an Insight came.
type InsightStanding struct {
	Insight
	Told    int // people who got it
	Waiting int // people who are about to
	Missed  int // people who could not be reached
	Touched int // deals of those who got it or are about to
	Marks   map[Mark]int
}
