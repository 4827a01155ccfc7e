package metric

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"
)

// Type is how a metric is made.
type Type string

// The types of MetricFlow that are supported.
const (
	TypeSimple     Type = "simple"     // one aggregation over facts
	TypeRatio      Type = "ratio"      // of the facts of one count, those of another; or one sum over another
	TypeDerived    Type = "derived"    // an expression over other metrics
	TypeCumulative Type = "cumulative" // the running figure of a sum or count
	TypeConversion Type = "conversion" // of the facts of one count, those that another came to count within a time
)

// aggregation is how deals become one value.
type aggregation string

const (
	aggCount         aggregation = "count"
	aggCountDistinct aggregation = "count_distinct"
	aggSum           aggregation = "sum"
	aggAverage       aggregation = "average"
	aggMax           aggregation = "max"
	aggMin           aggregation = "min"
	aggMedian        aggregation = "median"
	aggPercentile    aggregation = "percentile"
)

// Direction says which way a metric should move.
type Direction string

// The directions of a metric.
const (
	UpIsGood   Direction = "up_is_good"
	DownIsGood Direction = "down_is_good"
	Neutral    Direction = "neutral"
)

// Granularity is the length of a time bucket.
type Granularity string

// The granularities. Quarters and years are those of the company's fiscal
// calendar, and so are months where that is cut by weeks; weeks begin on the
// company's first weekday. A half is no step of a breakdown.
const (
	Day     Granularity = "day"
	Week    Granularity = "week"
	Month   Granularity = "month"
	Quarter Granularity = "quarter"
	Half    Granularity = "half"
	Year    Granularity = "year"
)

// FieldAmount is a field that a Filter can compare though nothing can be broken
// down by it. Its value is a decimal in major units, set against each deal in the
// deal's own currency: 50000 is 50,000 euros to a deal in euros.
const FieldAmount = "amount"

// Metric is one KPI of the catalogue. Its name is never given to another
// meaning.
type Metric struct {
	Name         string
	Label        string
	Description  string
	Type         Type
	Unit         Unit
	Fact         string // what it counts: deal, quota; a metric of several, what lasts longest
	Clock        string // the day by which facts fall into periods: close_on, created_on, …
	Stock        bool   // counted at the moment of asking; adds over people, never over moments
	Perspective  Perspective
	Direction    Direction
	Version      int
	Effective    time.Time // midnight UTC of the day from which the version holds; zero: since ever
	MinN         int       // a rate of fewer deals is not ranked
	Needs        string    // what must have been loaded for it beside the deals; empty: nothing
	UnrankedBy   []string  // dimensions by which it is told, but nobody and nothing is ranked
	Clearance    []Role    // who alone may see it; empty: everybody
	Synonyms     []string
	NotTheSameAs []string // metrics it is mistaken for
	Companions   []string // metrics it should be read beside
	Examples     []string
	Owner        string
	Source       string
	Sides        Sides // words in the place of a sign

	facts                  *facts
	agg                    aggregation
	percentile             string  // for aggPercentile, a decimal from 0 to 1
	expr                   *column // what is aggregated; nil for counts
	filter                 condition
	filterText             string
	filterNeeds            *need       // of the columns that it is filtered by
	early                  *column     // of them, the one that tells of which facts it is too early to tell
	numerator, denominator *Metric     // of a ratio
	running                *running    // of a cumulative metric, nil of others
	conversion             *conversion // of a conversion metric, nil of others
	unsure                 string      // of them, what may be unknown

	// A metric of several is put together from what each of them is by itself.
	// Those it is made of are never of several themselves.
	formula *expression
	inputs  []*Metric

	written  []entry // all that the catalogue says of it
	place    place   // of its version
	embedded bool    // in the catalogue that comes with Salesbot
}

// ByCurrency reports whether there is one figure a currency: of money, and of
// ratios of money.
func (m *Metric) ByCurrency() bool {
	return m.Unit == UnitMoney || m.ofSums() || slices.ContainsFunc(m.inputs, (*Metric).ByCurrency)
}

// isShare reports whether the metric sets some facts against all of them, in one
// statement.
func (m *Metric) isShare() bool { return m.formula == nil && m.numerator != nil }

// ofSums reports whether the metric is one sum over another of the same facts.
func (m *Metric) ofSums() bool {
	return m.Type == TypeRatio && m.formula == nil && m.denominator.agg == aggSum
}

// Undated lists what of the facts has no past, where that is not said of deals:
// as of an earlier instant it is as it is known now.
func (m *Metric) Undated() []string {
	if m.formula == nil {
		return slices.DeleteFunc([]string{m.facts.undated}, func(s string) bool { return s == "" })
	}
	var out []string
	for _, in := range m.inputs {
		for _, what := range in.Undated() {
			if !slices.Contains(out, what) {
				out = append(out, what)
			}
		}
	}
	return out
}

// isUnrankedBy reports whether a ranking by the dimension would say what the
// metric does not.
func (m *Metric) isUnrankedBy(dimension string) bool {
	return slices.Contains(m.UnrankedBy, dimension) ||
		slices.ContainsFunc(m.inputs, func(in *Metric) bool { return in.isUnrankedBy(dimension) })
}

// has reports whether the metric can be cut by the dimension: all it is made of
// can be.
func (m *Metric) has(d *Dimension) bool {
	if m.formula == nil {
		return m.facts.has(d)
	}
	return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.has(d) })
}

// CutsBy reports whether the metric can be cut by the dimension of a name.
func (c *Catalog) CutsBy(m *Metric, name string) bool {
	d, ok := c.Dimension(name)
	return ok && m.has(d)
}

// ofDeals reports whether all that the metric counts are deals, or of them.
func (m *Metric) ofDeals() bool {
	if m.formula == nil {
		return m.facts.ofDeals()
	}
	return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.ofDeals() })
}

// need is what must have been loaded for the metric, nil for nothing. Those of
// which a metric is made each have their own.
func (m *Metric) need() *need {
	switch {
	case m.formula != nil:
		return nil
	case m.ofSums():
		return m.numerator.need()
	case m.isShare():
		return m.numerator.need()
	case m.expr != nil && m.expr.needs != nil:
		return m.expr.needs
	case m.filterNeeds != nil:
		return m.filterNeeds
	case m.Clock == createdColumn.name && m.facts == deals:
		return createdColumn.needs
	default:
		return m.facts.needs
	}
}

// Dimension is something a metric can be broken down or filtered by. Time
// dimensions (Time set) break down by the metric's clock; to filter by time is
// the Period's part.
type Dimension struct {
	Name     string
	Label    string
	Plural   string
	Synonyms []string
	Grain    Grain       // how fine it cuts, for the viewer's rights
	Entity   bool        // a value is a stored thing with an id
	Time     Granularity // empty: not a time dimension

	column *column
}

// Catalog is the list of metrics and dimensions that can be asked for. It is
// read once and never changed, and must not be modified by those it is lent to.
type Catalog struct {
	metrics    []*Metric
	dimensions []*Dimension
	metric     map[string]*Metric
	dimension  map[string]*Dimension
}

// Plural names several of what a noun names one of.
func Plural(noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); ok && !strings.HasSuffix(stem, "a") {
		return stem + "ies"
	}
	return noun + "s"
}

//go:embed catalog.yaml
var defaultCatalog []byte

// Default returns the catalogue that comes with Salesbot.
func Default() *Catalog { return parseDefault() }

var parseDefault = sync.OnceValue(func() *Catalog {
	p := newCatalogParser("catalog.yaml", defaultCatalog)
	p.embedded = true
	c, err := p.whole(defaultCatalog)
	if err != nil {
		panic("metric: the embedded catalogue: " + err.Error())
	}
	return c
})

// Metrics returns the metrics in the order of the catalogue.
func (c *Catalog) Metrics() []*Metric { return c.metrics }

// Metric returns the metric of that name.
func (c *Catalog) Metric(name string) (*Metric, bool) {
	m, ok := c.metric[name]
	return m, ok
}

// Dimensions returns the dimensions in the order of the catalogue, the time
// dimensions after the others, from day to year.
func (c *Catalog) Dimensions() []*Dimension { return c.dimensions }

// Dimension returns the dimension of that name.
func (c *Catalog) Dimension(name string) (*Dimension, bool) {
	d, ok := c.dimension[name]
	return d, ok
}
