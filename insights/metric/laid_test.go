package metric_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestQuotasOfTerritoriesAreThoseOfThePlainReading compares them and the balance of
// territories, told together and each by itself, over maps that follow each other
// or are planned.
func TestQuotasOfTerritoriesAreThoseOfThePlainReading(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		w.quotas = rapid.SliceOfNDistinct(drawLaid(len(w.territory)), 1, 8, func(q quota) [3]int {
			return [3]int{q.territory, int(q.from), int(q.till)}
		}).Draw(rt, "laid")
		within(db, w, func(tx *sqlx.Tx) {
			for range 8 {
				co, on := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				here, today, instant := drawStanding(rt, w, co, on)
				q := drawQuery(rt, co, today)
				q.Metric = rapid.SampledFrom([]string{"territory_quota", "territory_bookings", "territory_attainment", "open_pipeline_of_territories", "even_share_of_pipeline", "territory_balance", "territory_balance_share", "territory_spread", "least_pipeline_of_territories", "greatest_pipeline_of_territories", "territories_near_average", "territories_with_average"}).Draw(rt, "of")
				if !measures[q.Metric].byCurrency() {
					q.In = ""
				}
				q.AsOf, q.Compare, q.Period, q.from, q.till = instant, "", metric.Period{}, noDay, noDay
				q.By = rapid.SampledFrom([][]string{{"territory"}, {"territory", "quarter"}, {"quarter"}, {}}).Draw(rt, "cut by")
				if len(q.By) == 0 {
					q.Order, q.Limit = "", 0
				}
				q.Where = nil
				if rapid.Bool().Draw(rt, "of one") {
					id := rapid.Int64Range(1, int64(len(w.territory))).Draw(rt, "territory")
					q.Where = []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: id, Text: "one"}}}}
				}
				o := &oracle{world: here, q: q.Query, v: drawViewer(rt), co: co, today: today, from: noDay, till: noDay}
				now := on.time()
				p, err := catalog.Compile(q.Query, o.v, co, time.Date(now.Year(), now.Month(), now.Day(), 23, 59, 0, 0, co.Zone))
				if code := codeOf(rt, err); code != o.refusal() {
					rt.Fatalf("refused as %q, not %q: %v\n%+v", code, o.refusal(), err, q.Query)
				}
				if err != nil {
					continue
				}
				result, err := tryRead(t, tx, p)
				if (codeOf(rt, err) == metric.CodeNotAvailable) != (o.isUnplanned() || o.cut(noDay, noDay)) {
					rt.Fatalf("%v\n%+v", err, q.Query)
				}
				if err != nil {
					continue
				}
				if diff := cmp.Diff(o.expected(noDay, noDay, noDay, noDay), said(result)); diff != "" {
					rt.Fatalf("(-want +got)\n%s\n%+v\n%s", diff, q.Query, p.Statements[0].SQL)
				}
			}
		})
	})
}

// drawLaid draws quotas of territories.
func drawLaid(territories int) *rapid.Generator[quota] {
	return rapid.Custom(func(t *rapid.T) quota {
		q := drawQuota(t)
		q.person, q.territory = 0, rapid.IntRange(1, territories).Draw(t, "laid on")
		return q
	})
}
