package metric_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestAStockIsSetAgainstHowItStood: what a stock is compared with is exactly
// what the same question says as of then.
func TestAStockIsSetAgainstHowItStood(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w, co := drawWorld(rt), drawCompany(rt)
		within(db, w, func(tx *sqlx.Tx) {
			asked := day(rapid.IntRange(1, lastDay).Draw(rt, "today"))
			then := day(rapid.IntRange(0, int(asked)-1).Draw(rt, "then"))
			q := metric.Query{
				Shape: metric.ShapeFigure, Metric: rapid.SampledFrom([]string{"open_pipeline", "open_count", "weighted_pipeline"}).Draw(rt, "metric"),
				By: rapid.SliceOfNDistinct(rapid.SampledFrom(dimensions), 0, 2, rapid.ID).Draw(rt, "by"), Compare: metric.CompareThen, Then: endOf(co, then),
			}
			if q.Metric != "open_count" {
				q.In = rapid.SampledFrom([]string{"", "USD"}).Draw(rt, "in")
			}
			all := metric.Viewer{Role: metric.RoleAnalyst, All: true}
			answer := func(q metric.Query) metric.Result {
				p, err := catalog.Compile(q, all, co, endOf(co, asked))
				if err != nil {
					rt.Fatal(err)
				}
				return read(t, tx, p)
			}
			was := q
			was.Compare, was.Then, was.AsOf = "", time.Time{}, q.Then
			compared, before := answer(q), answer(was)
			for _, f := range compared.Figures {
				i := slices.IndexFunc(before.Figures, func(b metric.Figure) bool { return b.Currency == f.Currency })
				if i >= 0 && wordsOf(before.Figures[i].Quantity) != wordsOf(*f.Previous) {
					rt.Errorf("as of then %s, compared with %s\n%+v", wordsOf(before.Figures[i].Quantity), wordsOf(*f.Previous), q)
				}
				if i < 0 && before.Facts > 0 && f.Previous.Value != nil && f.Previous.Value.Sign() != 0 {
					rt.Errorf("compared with %s, of which there is nothing as of then\n%+v", wordsOf(*f.Previous), q)
				}
			}
			if diff := cmp.Diff(values(before, q.Metric), values(compared, "previous")); diff != "" {
				rt.Errorf("the rows (-as of then +compared)\n%s\n%+v", diff, q)
			}
		})
	})
}

// endOf is the last moment of a day.
func endOf(co metric.Company, on day) time.Time {
	next := (on + 1).time()
	return metric.Midnight(next.Year(), next.Month(), next.Day(), co.Zone).Add(-time.Microsecond)
}

// values are those of a column that are known and not zero, by the names of
// their rows and their currency.
func values(r metric.Result, column string) map[string]string {
	at := slices.IndexFunc(r.Columns, func(c metric.Column) bool { return c.Name == column })
	out := map[string]string{}
	for _, row := range r.Rows {
		name := ""
		for _, cell := range row {
			if cell.Quantity == nil && !isCurrency(cell) { // the currency stands apart only where there are several
				name += fmt.Sprintf("%s#%d ", strings.ToLower(cell.Text), cell.ID)
			}
		}
		if q := row[at].Quantity; q.Value != nil && q.Value.Sign() != 0 {
			out[name+q.Currency] = q.Value.RatString()
		}
	}
	return out
}

func isCurrency(c metric.Cell) bool { return c.Text == "USD" || c.Text == "EUR" || c.Text == "JPY" }

// fewDeals is the test by which a statement looks up what is held deal by deal.
const fewDeals = "(select count(*) from held) <= 250000"

// TestManyDealsStoodAsFewDo: whether the deals of a territory, a team or a person are
// few enough to be looked up in the log one by one or not, they stood the same, and
// the same made them change.
func TestManyDealsStoodAsFewDo(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	several := 0
	rapid.Check(t, func(rt *rapid.T) {
		w, co := drawWorld(rt), drawCompany(rt)
		within(db, w, func(tx *sqlx.Tx) {
			asked := day(rapid.IntRange(1, lastDay).Draw(rt, "today"))
			then := endOf(co, day(rapid.IntRange(0, int(asked)-1).Draw(rt, "then")))
			of := rapid.SampledFrom([]string{"territory", "manager", "person"}).Draw(rt, "of")
			id := rapid.Int64Range(1, 4).Draw(rt, "id")
			q := metric.Query{
				Shape: metric.ShapeFigure, Metric: rapid.SampledFrom([]string{"open_pipeline", "open_count"}).Draw(rt, "metric"), AsOf: then,
				Perspective: rapid.SampledFrom([]metric.Perspective{metric.AsIs, metric.AsWas}).Draw(rt, "perspective"),
				Where:       []metric.Filter{{Field: of, Op: metric.Eq, Values: []metric.Value{{ID: id, Text: "it"}}}},
			}
			if rapid.Bool().Draw(rt, "change") {
				q.Shape, q.AsOf, q.Compare, q.Then = metric.ShapeChange, time.Time{}, metric.CompareThen, then
			}
			p, err := catalog.Compile(q, metric.Viewer{Role: metric.RoleAnalyst, All: true}, co, endOf(co, asked))
			if err != nil {
				rt.Fatal(err)
			}
			few := said(read(t, tx, p))
			for i, s := range p.Statements {
				several += strings.Count(s.SQL, fewDeals)
				p.Statements[i].SQL = strings.ReplaceAll(s.SQL, fewDeals, "(select count(*) from held) < 0")
			}
			if diff := cmp.Diff(few, said(read(t, tx, p))); diff != "" {
				rt.Errorf("(-few +many)\n%s\n%+v", diff, q)
			}
		})
	})
	if several == 0 {
		t.Error("nothing was looked up deal by deal")
	}
}
