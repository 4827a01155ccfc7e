package metric

import (
	"encoding/json"
	"time"
)

// Shape is the kind of thing a Query asks for.
type Shape string

// The shapes a Query can have.
const (
	ShapeFigure     Shape = "figure"     // one metric, whole or broken down
	ShapeDeals      Shape = "deals"      // the deals that a figure counts, one by one
	ShapeChange     Shape = "change"     // what made a stock change between two instants, part by part
	ShapeFactors    Shape = "factors"    // by which factors a figure is another than the one it is compared with
	ShapeOwner      Shape = "owner"      // who owns an account, a territory or a deal
	ShapeDefinition Shape = "definition" // what a metric means
)

// Perspective chooses the territory and reporting map a figure is drawn on.
type Perspective string

// The perspectives of design §7; they choose the map only, never the facts.
// Beside these there is one for each planned map: AsPlanned.
const (
	AsWas Perspective = "as_was" // who held it on the fact's own date
	AsIs  Perspective = "as_is"  // who holds it at the moment of asking
)

// Compare names the period a figure is set against.
type Compare string

// ComparePrevious sets a period against the one before it, day for day: a
// period still running is compared with as many days of the previous one.
const ComparePrevious Compare = "previous"

// ComparePeriod sets a period against another one, the Query's Against, day for
// day like ComparePrevious: the same quarter of last year, or any other days.
const ComparePeriod Compare = "period"

// CompareThen sets a stock against how it stood at an earlier instant, the
// Query's Then: a stock has no period of its own to be compared with.
const CompareThen Compare = "then"

// Order sorts the rows of a breakdown by value.
type Order string

// The two orders; the empty Order keeps the natural order of the breakdown.
const (
	Descending Order = "desc"
	Ascending  Order = "asc"
)

// A list of deals is ordered by amount, the greatest first unless the least is
// asked for, or by the metric's clock.
const (
	Latest   Order = "latest"
	Earliest Order = "earliest"
)

// Op is a comparison in a Filter.
type Op string

// The operators of a Filter. IsNull takes no value.
const (
	Eq     Op = "eq"
	Ne     Op = "ne"
	In     Op = "in"
	NotIn  Op = "not_in"
	Lt     Op = "lt"
	Lte    Op = "lte"
	Gt     Op = "gt"
	Gte    Op = "gte"
	IsNull Op = "is_null"
)

// Value is one operand of a Filter: a stored thing by its id and name, or a
// literal (ID 0) by its text.
type Value struct {
	ID   int64  `json:"id,omitempty"`
	Text string `json:"text"`
}

// Filter keeps the facts whose Field stands in relation Op to Values.
type Filter struct {
	Field  string
	Op     Op
	Values []Value
}

// Period is a half-open range of days [From, To) in the company's zone. A
// zero From or To leaves that side open; both zero is all time.
type Period struct {
	From  time.Time
	To    time.Time
	Label string
}

// IsAll reports whether the period is unbounded on both sides.
func (p Period) IsAll() bool { return p.From.IsZero() && p.To.IsZero() }

// Query is what is asked, complete and free of words: it is valid or refused,
// never repaired in silence. Equal Queries asked by viewers of equal scope at
// one revision have equal Results.
type Query struct {
	Shape       Shape
	Metric      string
	By          []string // dimension names, then at most one time grain
	Where       []Filter
	Period      Period
	Compare     Compare
	Perspective Perspective
	AsOf        time.Time // the instant at which the facts stood; zero: now
	Reported    time.Time // the moment until which what is counted was loaded, by the clock of then; zero: now
	Stood       bool      // of a stock by steps of time: how it stood at the end of each, not what closes in it
	Against     Period    // the other period, for ComparePeriod
	Then        time.Time // the earlier instant, for CompareThen: of a change, the one at which it begins
	Part        Part      // of a list: the part of a change that its deals are in, not those of a figure
	Having      []Bound   // of a breakdown: only rows whose value is within all of these
	Order       Order
	In          string // the currency to convert amounts into; empty: each stays in its own
	Share       string // told as parts of a whole: ShareOfRows, or the field of the filter that makes the part; empty: not
	Limit       int    // rows of a breakdown, ranked ones of each currency; 0: all. Deals of a list; 0: DealsListed
	Offset      int    // deals of a list that come before the first one listed
}

type queryJSON struct {
	Shape       Shape        `json:"shape"`
	Metric      string       `json:"metric"`
	By          []string     `json:"by"`
	Where       []filterJSON `json:"where"`
	Period      periodJSON   `json:"period"`
	Compare     *Compare     `json:"compare"`
	Perspective Perspective  `json:"perspective"`
	AsOf        *time.Time   `json:"as_of"`
	Reported    *time.Time   `json:"reported,omitempty"`
	Stood       bool         `json:"stood,omitempty"`
	Against     *periodJSON  `json:"against,omitempty"`
	Then        *time.Time   `json:"then,omitempty"`
	Part        Part         `json:"part,omitempty"`
	Having      []Bound      `json:"having,omitempty"`
	Order       *Order       `json:"order"`
	In          string       `json:"in,omitempty"`
	Share       string       `json:"share,omitempty"`
	Limit       *int         `json:"limit"`
	Offset      int          `json:"offset,omitempty"`
}

type filterJSON struct {
	Field string `json:"field"`
	Op    Op     `json:"op"`
	Value any    `json:"value"`
}

type periodJSON struct {
	From  *time.Time `json:"from"`
	To    *time.Time `json:"to"`
	Label string     `json:"label"`
}

// MarshalJSON writes the stable form of the `ask --json` contract: names
// instead of ids, null for what was not asked, instants with their zone.
func (q Query) MarshalJSON() ([]byte, error) {
	out := queryJSON{
		Shape: q.Shape, Metric: q.Metric, By: q.By, Where: []filterJSON{},
		Period:      periodJSON{From: orNil(q.Period.From), To: orNil(q.Period.To), Label: q.Period.Label},
		Compare:     orNil(q.Compare),
		Perspective: q.Perspective,
		AsOf:        orNil(q.AsOf),
		Reported:    orNil(q.Reported),
		Stood:       q.Stood,
		Then:        orNil(q.Then),
		Part:        q.Part,
		Having:      q.Having,
		Order:       orNil(q.Order),
		In:          q.In,
		Share:       q.Share,
		Limit:       orNil(q.Limit),
		Offset:      q.Offset,
	}
	if q.Compare == ComparePeriod {
		out.Against = &periodJSON{From: orNil(q.Against.From), To: orNil(q.Against.To), Label: q.Against.Label}
	}
	if out.By == nil {
		out.By = []string{}
	}
	for _, f := range q.Where {
		out.Where = append(out.Where, filterJSON{Field: f.Field, Op: f.Op, Value: valueJSON(f)})
	}
	return json.Marshal(out)
}

func valueJSON(f Filter) any {
	texts := make([]string, 0, len(f.Values))
	for _, v := range f.Values {
		texts = append(texts, v.Text)
	}
	switch {
	case f.Op == IsNull:
		return nil
	case f.Op == In || f.Op == NotIn || len(texts) != 1:
		return texts
	default:
		return texts[0]
	}
}

func orNil[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// Unlimited is the Query of which all rows are told.
func (q Query) Unlimited() Query {
	switch q.Shape {
	case ShapeDeals:
		q.Limit, q.Offset = MostDealsListed, 0
	case ShapeFigure:
		q.Limit, q.Having = 0, nil
	}
	return q
}

// Encode writes the whole Query, ids included, for the store.
func (q Query) Encode() ([]byte, error) {
	type whole Query
	return json.Marshal(whole(q))
}

// DecodeQuery reads what Encode wrote.
func DecodeQuery(data []byte) (Query, error) {
	type whole Query
	var q whole
	err := json.Unmarshal(data, &q)
	return Query(q), err
}
