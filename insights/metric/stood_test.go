package metric_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// stocks are some of the metrics of which is told how they stood at the end of each step
// of time.
var stocks = []string{"open_pipeline", "open_count", "weighted_pipeline", "overdue_count", "greatest_open_amount", "overdue_share"}

// TestAStockByStepsOfTimeIsItsLastValueInEach compares each step with what the
// same question says as of its end, and the whole with the last of them. The ends
// are those that plain loops over the days find.
func TestAStockByStepsOfTimeIsItsLastValueInEach(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w, co := drawWorld(rt), drawCompany(rt)
		within(db, w, func(tx *sqlx.Tx) {
			today := day(rapid.IntRange(40, lastDay).Draw(rt, "today"))
			step := rapid.SampledFrom([]string{"week", "month", "quarter"}).Draw(rt, "step")
			from := today - day(rapid.IntRange(0, 100).Draw(rt, "days"))
			till := from + day(rapid.IntRange(1, 300).Draw(rt, "length"))
			by := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"territory", "person", "stage", "industry", "product"}), 0, 2, rapid.ID).Draw(rt, "by")
			q := metric.Query{
				Shape: metric.ShapeFigure, Metric: rapid.SampledFrom(stocks).Draw(rt, "metric"), By: append(slices.Clone(by), step), Stood: true,
				Where:  rapid.SliceOfN(rapid.Custom(drawFilter), 0, 1).Draw(rt, "where"),
				Period: metric.Period{From: midnight(co, from), To: midnight(co, till)},
			}
			v := drawViewer(rt)
			at := endOf(co, today).Add(-time.Hour)
			p, err := catalog.Compile(q, v, co, at)
			one := q
			one.By, one.Stood, one.Period = by, false, metric.Period{}
			_, refused := catalog.Compile(one, v, co, at)
			if codeOf(rt, err) != codeOf(rt, refused) {
				rt.Fatalf("it is refused as %v, and as of a day as %v", err, refused)
			}
			if err != nil {
				return
			}
			got := read(t, tx, p)
			want, begun := map[string]string{}, map[string]bool{}
			for _, end := range endsOf(co, step, from, min(till-1, today)) {
				one.AsOf = endOf(co, end)
				if end == today {
					one.AsOf = time.Time{}
				}
				plan, err := catalog.Compile(one, v, co, at)
				if err != nil {
					rt.Fatal(err)
				}
				as := read(t, tx, plan)
				start := bucket(co, step, end).String()
				begun[start] = true
				if len(by) == 0 {
					for _, f := range as.Figures {
						addKnown(want, start+"#0 ", f.Quantity)
					}
				}
				for name, value := range valuesBefore(as, q.Metric, start+"#0 ") {
					want[name] = value
				}
				if end == min(till-1, today) && diffFigures(as, got) != "" {
					rt.Errorf("the whole is not the last: %s\n%+v", diffFigures(as, got), q)
				}
			}
			for _, row := range got.Rows {
				if start := row[len(by)].Text; !begun[start] {
					rt.Errorf("it stood at the end of %s, which has not begun\n%+v", start, q)
				}
			}
			if diff := cmp.Diff(want, values(got, q.Metric)); diff != "" {
				rt.Errorf("the rows (-as of each end +told)\n%s\n%+v", diff, q)
			}
		})
	})
}

// endsOf lists the last day of each step that a range of days touches, and of the
// range itself.
func endsOf(co metric.Company, step string, first, last day) []day {
	var ends []day
	for on := first; on <= last; on++ {
		if on == last || bucket(co, step, on) != bucket(co, step, on+1) {
			ends = append(ends, on)
		}
	}
	return ends
}

func midnight(co metric.Company, on day) time.Time {
	y, m, d := on.time().Date()
	return metric.Midnight(y, m, d, co.Zone)
}

// valuesBefore are the values of a Result without a step of time, by their names
// and that of the step.
func valuesBefore(r metric.Result, column, step string) map[string]string {
	r.Rows = slices.Clone(r.Rows)
	for i, row := range r.Rows {
		at := slices.IndexFunc(row, func(c metric.Cell) bool { return c.Quantity != nil || isCurrency(c) })
		r.Rows[i] = slices.Insert(slices.Clone(row), at, metric.Cell{Text: step[:len(step)-3]})
	}
	r.Columns = slices.Insert(slices.Clone(r.Columns), 0, metric.Column{Name: "step"})
	return values(r, column)
}

func addKnown(to map[string]string, name string, q metric.Quantity) {
	if q.Value != nil && q.Value.Sign() != 0 {
		to[name+q.Currency] = q.Value.RatString()
	}
}

// diffFigures compares the figures that are known and not nought.
func diffFigures(a, b metric.Result) string {
	known := func(r metric.Result) map[string]string {
		out := map[string]string{}
		for _, f := range r.Figures {
			addKnown(out, "", f.Quantity)
		}
		return out
	}
	return cmp.Diff(known(a), known(b))
}

// TestHowAStockStoodIsRefused where there is no telling.
func TestHowAStockStoodIsRefused(t *testing.T) {
	now := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	at := func(m time.Month, d int) time.Time { return time.Date(2026, m, d, 0, 0, 0, 0, time.UTC) }
	year := metric.Period{From: at(1, 1), To: at(12, 31)}
	cases := map[string]struct {
		q    metric.Query
		code string
	}{
		"a stock":                        {metric.Query{Metric: "open_pipeline", By: []string{"month"}, Period: year}, ""},
		"what is counted over days":      {metric.Query{Metric: "won_revenue", By: []string{"month"}, Period: year}, metric.CodeNotAvailable},
		"a stock beside quotas":          {metric.Query{Metric: "coverage_target", By: []string{"month"}, Period: year}, metric.CodeNotAvailable},
		"a stock beside what was won":    {metric.Query{Metric: "forecast_commit_cumulative", By: []string{"month"}, Period: year}, metric.CodeNotAvailable},
		"without a step":                 {metric.Query{Metric: "open_pipeline", Period: year}, metric.CodeInvalid},
		"since ever":                     {metric.Query{Metric: "open_pipeline", By: []string{"month"}}, metric.CodeInvalid},
		"ahead":                          {metric.Query{Metric: "open_pipeline", By: []string{"month"}, Period: metric.Period{From: at(12, 1), To: at(12, 31)}}, metric.CodeInvalid},
		"at more ends than can be told":  {metric.Query{Metric: "open_pipeline", By: []string{"day"}, Period: year}, metric.CodeInvalid},
		"until the day asked about only": {metric.Query{Metric: "open_pipeline", By: []string{"month"}, Period: metric.Period{From: at(6, 1)}, AsOf: at(5, 3)}, metric.CodeInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.q.Shape, c.q.Stood = metric.ShapeFigure, true
			_, err := metric.Default().Compile(c.q, metric.Viewer{Role: metric.RoleAdmin, All: true}, metric.DefaultCompany(), now)
			var refusal *metric.Refusal
			if code := ""; errors.As(err, &refusal) && refusal.Code != c.code || (err == nil) != (c.code == code) {
				t.Errorf("it is refused with %v, not with %q", err, c.code)
			}
		})
	}
}
