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

// TestAccountsInTerritoriesAreThoseOfThePlainReading compares what is counted of
// accounts in territories with the plain reading, now and as of earlier days, on
// maps in force and planned.
func TestAccountsInTerritoriesAreThoseOfThePlainReading(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		w.places = rapid.SliceOfN(drawPlacement(len(w.accounts), len(w.territory)), 1, 8).Draw(rt, "more places")
		within(db, w, func(tx *sqlx.Tx) {
			for range 6 {
				co, on := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
				here, today, instant := drawStanding(rt, w, co, on)
				q := drawQuery(rt, co, today)
				q.Metric = rapid.SampledFrom([]string{"territory_accounts", "covered_accounts", "territory_coverage", "territory_coverage_open", "whitespace_accounts", "accounts_lacking_product", "customers_lacking_product", "unassigned_accounts", "unplaced_accounts", "vacant_territories"}).Draw(rt, "of")
				q.AsOf, q.Compare, q.In, q.Period, q.from, q.till = instant, "", "", metric.Period{}, noDay, noDay
				q.By = rapid.SampledFrom([][]string{{"territory"}, {"person"}, {"manager", "territory"}, {"segment"}, {"account"}, {"product"}, {"territory", "product"}, {}}).Draw(rt, "cut by")
				if len(q.By) == 0 {
					q.Order, q.Limit = "", 0
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
				if (codeOf(rt, err) == metric.CodeNotAvailable) != o.isUnplanned() {
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
