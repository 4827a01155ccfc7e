package metric_test

import (
	"math/big"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestCreditsAddUpToWhatWasWon: however deals are split, what people are credited
// with is what was won, to the cent, in every cut that is not by whose they are;
// and by person the parts add up to it.
func TestCreditsAddUpToWhatWasWon(t *testing.T) {
	db := storetest.New(t)
	all, co := metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany()
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		today, instant := day(rapid.IntRange(0, lastDay).Draw(rt, "today")), day(rapid.IntRange(0, lastDay).Draw(rt, "as of"))
		by := rapid.SampledFrom([][]string{nil, {"product"}, {"account", "quarter"}, {"kind"}}).Draw(rt, "by")
		within(db, w, func(tx *sqlx.Tx) {
			result := func(name string, by ...string) metric.Result {
				q := metric.Query{Shape: metric.ShapeFigure, Metric: name, By: by}
				if instant < today {
					q.AsOf = endOf(co, instant)
				}
				plan, err := metric.Default().Compile(q, all, co, endOf(co, today))
				if err != nil {
					rt.Fatal(err)
				}
				return read(t, tx, plan)
			}
			sumsByRow := func(r metric.Result) (out []string) {
				for _, row := range r.Rows {
					line := ""
					for _, c := range row {
						line += c.Text + " / "
						if c.Quantity != nil {
							line += c.Quantity.Currency + " " + difference(c.Quantity.Value, minor(0))
						}
					}
					out = append(out, line)
				}
				return out
			}
			won, credited, people := result("won_revenue", by...), result("credited_revenue", by...), result("credited_revenue", "person")
			if diff := gocmp.Diff(amounts(sumsOf(won)), amounts(sumsOf(credited))); diff != "" {
				rt.Fatalf("(-won +credited)\n%s", diff)
			}
			if diff := gocmp.Diff(sumsByRow(won), sumsByRow(credited)); diff != "" {
				rt.Fatalf("by %v (-won +credited)\n%s", by, diff)
			}
			parts := map[string]*big.Rat{}
			for _, row := range people.Rows {
				add(parts, *row[len(row)-1].Quantity)
			}
			if diff := gocmp.Diff(amounts(sumsOf(won)), amounts(parts)); diff != "" {
				rt.Fatalf("(-won +by person)\n%s", diff)
			}
		})
	})
}
