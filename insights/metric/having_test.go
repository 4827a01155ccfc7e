package metric_test

import (
	"errors"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// usual are metrics of every unit that small worlds have rows of.
var usual = []string{"won_revenue", "won_count", "win_rate", "win_rate_value", "average_deal_size", "open_pipeline", "open_count", "sales_cycle", "gross_margin", "quota_attainment"}

// TestRowsAreKeptByTheirValue compares the rows that are kept with those that a
// plain loop keeps of the whole breakdown, over small random worlds: the whole, the
// rights and the order stay those of the breakdown, and what is not judged is
// counted.
func TestRowsAreKeptByTheirValue(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			for range 12 {
				co, asked := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				_, today, instant := drawStanding(rt, w, co, asked)
				q := drawQuery(rt, co, today)
				q.AsOf, q.Compare, q.Against, q.Where = instant, "", metric.Period{}, nil
				q.Perspective, q.By = rapid.SampledFrom([]metric.Perspective{metric.AsWas, metric.AsIs}).Draw(rt, "map"), deleteUnheld(q.By)
				if rapid.Bool().Draw(rt, "of what most worlds have") {
					q.Metric, q.Period = rapid.SampledFrom(usual).Draw(rt, "usual"), metric.Period{}
					q.By = []string{rapid.SampledFrom([]string{"person", "account", "product", "segment", "stage", "kind"}).Draw(rt, "usually by")}
				}
				if !measures[q.Metric].byCurrency() {
					q.In = ""
				}
				if len(q.By) == 0 {
					q.By = []string{"person"}
				}
				c := keeping{t: t, rt: rt, tx: tx, catalog: catalog, v: drawViewer(rt), co: co, asked: asked}
				c.check(q.Query)
			}
		})
	})
}

// keeping checks which rows of one breakdown are kept.
type keeping struct {
	t       *testing.T
	rt      *rapid.T
	tx      *sqlx.Tx
	catalog *metric.Catalog
	v       metric.Viewer
	co      metric.Company
	asked   day
}

func (c keeping) read(q metric.Query) (metric.Result, error) {
	now := c.asked.time()
	p, err := c.catalog.Compile(q, c.v, c.co, time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, c.co.Zone))
	if err != nil {
		return metric.Result{}, err
	}
	return tryRead(c.t, c.tx, p)
}

func (c keeping) check(q metric.Query) {
	bounds, order := c.drawBounds(q)
	q.Having = bounds
	all := q
	all.Having, all.Limit = nil, 0
	if all.Order == "" && !slices.Contains(steps, q.By[len(q.By)-1]) {
		all.Order = order
	}
	plain, plainErr := c.read(all)
	got, err := c.read(q)
	if codeOf(c.rt, err) != codeOf(c.rt, plainErr) {
		c.rt.Fatalf("refused: %v, and without bounds: %v\n%+v", err, plainErr, q)
	}
	if err != nil {
		return
	}
	want := c.kept(q, plain)
	want.Query = got.Query
	if got.Kept == nil || *got.Kept != *want.Kept {
		c.rt.Fatalf("kept %+v, not %+v\n%+v", got.Kept, want.Kept, q)
	}
	if diff := cmp.Diff(said(want), said(got)); diff != "" {
		c.rt.Fatalf("(-want +got)\n%s\n%+v", diff, q)
	}
}

// drawBounds draws one bound or two, often of a value that a row has, and the order
// that rows above or below it come in.
func (c keeping) drawBounds(q metric.Query) ([]metric.Bound, metric.Order) {
	values := []string{"0", "0.5", "1", "3", "1000"}
	q.Order, q.Limit = "", 0
	if plain, err := c.read(q); err == nil {
		for _, row := range plain.Rows {
			if value := row[len(row)-1].Quantity.Value; value != nil {
				values = append(values, value.FloatString(6))
			}
		}
	}
	draw := func(ops ...metric.Op) metric.Bound {
		return metric.Bound{Op: rapid.SampledFrom(ops).Draw(c.rt, "op"), Value: rapid.SampledFrom(values).Draw(c.rt, "value")}
	}
	low, high := draw(metric.Gt, metric.Gte), draw(metric.Lt, metric.Lte)
	switch rapid.IntRange(0, 2).Draw(c.rt, "bounds") {
	case 0:
		return []metric.Bound{low}, metric.Descending
	case 1:
		return []metric.Bound{high}, metric.Ascending
	}
	if rat(low.Value).Cmp(rat(high.Value)) > 0 {
		low.Value, high.Value = high.Value, low.Value
	}
	return []metric.Bound{low, high}, metric.Descending
}

func rat(decimal string) *big.Rat {
	value, ok := new(big.Rat).SetString(decimal)
	if !ok {
		panic(decimal)
	}
	return value
}

// kept keeps rows of a whole breakdown in a plain loop.
func (c keeping) kept(q metric.Query, all metric.Result) metric.Result {
	out := all
	out.Rows, out.Total, out.Unranked, out.Tied = nil, 0, 0, 0
	out.Kept = &metric.Kept{Of: len(all.Rows)}
	shown, last := map[string]int{}, map[string]*big.Rat{}
	for _, row := range all.Rows {
		value := *row[len(row)-1].Quantity
		money := value.Unit == metric.UnitMoney || value.Unit == metric.UnitMoneyPerDay
		bound := c.co.Currency
		if q.In != "" {
			bound = q.In
		}
		switch {
		case ofFew(metric.Input{Metric: c.metric(q), Quantity: value}):
			out.Kept.Few++
		case money && value.Currency != "" && value.Currency != bound:
			out.Kept.Foreign++
		case value.Value == nil:
			out.Kept.Unknown++
		case isWithin(value.Value, q.Having):
			out.Kept.Rows++
			group := value.Currency
			if q.Order == "" && slices.Contains(steps, q.By[len(q.By)-1]) {
				group = "" // those that are not ranked are counted together
			}
			if shown[group]++; q.Limit == 0 || shown[group] <= q.Limit {
				out.Rows = append(out.Rows, row)
				last[group] = value.Value
			} else if ranked := q.Order != "" || !slices.Contains(steps, q.By[len(q.By)-1]); ranked && last[group].Cmp(value.Value) == 0 {
				out.Tied++
			}
		}
	}
	out.Total = out.Kept.Rows
	return out
}

func (c keeping) metric(q metric.Query) *metric.Metric {
	m, _ := c.catalog.Metric(q.Metric)
	return m
}

func ofFew(of metric.Input) bool {
	return of.N != nil && *of.N < int64(of.Metric.MinN) || slices.ContainsFunc(of.Inputs, ofFew)
}

func isWithin(value *big.Rat, bounds []metric.Bound) bool {
	for _, b := range bounds {
		bound := rat(b.Value)
		below, above := value.Cmp(bound) < 0, value.Cmp(bound) > 0
		switch {
		case b.Op == metric.Lt && !below, b.Op == metric.Lte && above, b.Op == metric.Gt && !above, b.Op == metric.Gte && below:
			return false
		}
	}
	return true
}

// TestBoundsThatMeanNothing sees them refused in words.
func TestBoundsThatMeanNothing(t *testing.T) {
	all := metric.Viewer{PersonID: 4, Role: metric.RoleAnalyst, All: true}
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	quarter := metric.Period{From: time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)}
	half := []metric.Bound{{Op: metric.Lt, Value: "0.5"}}
	for name, q := range map[string]metric.Query{
		"of no breakdown":    {Metric: "win_rate", Having: half},
		"of a list":          {Shape: metric.ShapeDeals, Metric: "won_revenue", Having: half},
		"of a change":        {Shape: metric.ShapeChange, Metric: "open_pipeline", Compare: metric.CompareThen, Then: now.AddDate(0, -1, 0), Having: half},
		"of factors":         {Shape: metric.ShapeFactors, Metric: "win_rate", Period: quarter, Compare: metric.ComparePrevious, Having: half},
		"compared":           {Metric: "win_rate", By: []string{"person"}, Period: quarter, Compare: metric.ComparePrevious, Having: half},
		"of shares":          {Metric: "won_revenue", By: []string{"person"}, Share: metric.ShareOfRows, Having: half},
		"as it stood":        {Metric: "open_pipeline", By: []string{"month"}, Period: quarter, Stood: true, Having: half},
		"equal to":           {Metric: "win_rate", By: []string{"person"}, Having: []metric.Bound{{Op: metric.Eq, Value: "0.5"}}},
		"no number":          {Metric: "win_rate", By: []string{"person"}, Having: []metric.Bound{{Op: metric.Lt, Value: "1/2"}}},
		"above two":          {Metric: "win_rate", By: []string{"person"}, Having: []metric.Bound{{Op: metric.Gt, Value: "0.5"}, {Op: metric.Gte, Value: "0.6"}}},
		"nothing in between": {Metric: "win_rate", By: []string{"person"}, Having: []metric.Bound{{Op: metric.Gt, Value: "0.5"}, {Op: metric.Lt, Value: "0.4"}}},
	} {
		if q.Shape == "" {
			q.Shape = metric.ShapeFigure
		}
		_, err := metric.Default().Compile(q, all, metric.DefaultCompany(), now)
		var refusal *metric.Refusal
		if !errors.As(err, &refusal) || refusal.Code != metric.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
