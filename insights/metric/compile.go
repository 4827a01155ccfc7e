package metric

import (
	"fmt"
	"time"
)

// aggregation is how deals become one value.
type aggregation string

const (
	aggCount      aggregation = "count"
	aggSum        aggregation = "sum"
	aggAverage    aggregation = "average"
	aggMedian     aggregation = "median"
	aggPercentile aggregation = "percentile"
)

// Statement is one SELECT. Every column it returns is text; its arguments are
// strings, bound by position.
type Statement struct {
	SQL  string
	Args []any
}

// Plan is a Query made ready to be read under one viewer's rights. Its
// Statements are to be read in one snapshot.
type Plan struct {
	Query      Query // as resolved: with the perspective it is answered in
	Metric     *Metric
	Grain      Grain
	Narrowed   bool   // counts only the deals of the viewer's people
	Compared   Period // the period compared with, when asked
	Statements []Statement
}

// Compile makes a Query ready to be read with the viewer's rights. now is the
// moment of asking. What a person can mend is refused with a *Refusal.
func (c *Catalog) Compile(q Query, v Viewer, co Company, now time.Time) (*Plan, error) {
	return nil, fmt.Errorf("metric: not compiled yet")
}

// Result turns what the store read into the answer.
func (p *Plan) Result(r Reading) (Result, error) {
	return Result{}, fmt.Errorf("metric: not compiled yet")
}

type builder struct {
	args  []any
	joins [joins]bool
}

func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return fmt.Sprintf("$%d", len(b.args))
}

func (b *builder) use(js ...join) {
	for _, j := range js {
		b.joins[j] = true
	}
}
