package metric_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// TestFiguresOnAPlannedMap compares figures of territories on maps that may be
// planned, now and as of earlier days, with those of the plain reading.
func TestFiguresOnAPlannedMap(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	rapid.Check(t, func(rt *rapid.T) {
		w := drawWorld(rt)
		within(db, w, func(tx *sqlx.Tx) {
			co, on := drawCompany(rt), day(rapid.IntRange(0, lastDay).Draw(rt, "today"))
			here, today, instant := drawStanding(rt, w, co, on)
			q := drawQuery(rt, co, today)
			q.Metric = rapid.SampledFrom([]string{"open_pipeline", "won_revenue", "win_rate", "win_rate_value", "quota_attainment", "sales_velocity"}).Draw(rt, "of")
			q.AsOf, q.Compare, q.In, q.Period, q.from, q.till = instant, "", "", metric.Period{}, noDay, noDay
			q.Perspective = metric.AsPlanned(rapid.SampledFrom([]string{"Map 0", "Map 1", "Map 2"}).Draw(rt, "map"))
			q.By, q.Limit, q.Order = rapid.SampledFrom([][]string{{"territory"}, {"day"}, {}}).Draw(rt, "cut by"), 0, ""
			o := &oracle{world: here, q: q.Query, v: drawViewer(rt), co: co, today: today}
			now := on.time()
			p, err := catalog.Compile(q.Query, o.v, co, time.Date(now.Year(), now.Month(), now.Day(), 12, 0, 0, 0, co.Zone))
			if code := codeOf(rt, err); code != o.refusal() {
				rt.Fatalf("refused as %q, not %q: %v\n%+v", code, o.refusal(), err, q.Query)
			}
			if err != nil {
				return
			}
			result, err := tryRead(t, tx, p)
			if (codeOf(rt, err) == metric.CodeNotAvailable) != (o.isUnplanned() || o.cut(q.from, q.till)) {
				rt.Fatalf("%v\n%+v", err, q.Query)
			}
			if err != nil {
				return
			}
			if diff := cmp.Diff(o.expected(q.from, q.till, noDay, noDay), said(result)); diff != "" {
				rt.Fatalf("(-want +got)\n%s\n%+v\n%s", diff, q.Query, p.Statements[0].SQL)
			}
		})
	})
}

// Two plans may each have a territory of one id that is on no map in force, and
// call it otherwise: it is called as in the plan that is asked for.
func TestATerritoryThatIsOnlyPlannedIsCalledAsInItsPlan(t *testing.T) {
	db, catalog := storetest.New(t), smallCatalog(t)
	w := &world{
		people: []string{"Ann"},
		maps:   []drawing{{planned: true}, {planned: true}},
		territory: []territory{
			{name: "Nordics", key: "north"},
			{name: "The North", key: "north", mapped: 1}, {name: "Iberia", key: "south", mapped: 1},
			{name: "Up north", key: "north", mapped: 2}, {name: "Spain and Portugal", key: "south", mapped: 2},
		},
	}
	for _, on := range []int{2, 3, 4, 5} {
		w.quotas = append(w.quotas, quota{territory: on, from: 0, till: 31, amount: 100, currency: "USD"})
	}
	admin := metric.Viewer{All: true, Role: metric.RoleAdmin}
	within(db, w, func(tx *sqlx.Tx) {
		for plan, names := range map[string][]string{"Map 0": {"Nordics", "Iberia"}, "Map 1": {"Nordics", "Spain and Portugal"}} {
			q := metric.Query{Shape: metric.ShapeFigure, Metric: "territory_quota", By: []string{"territory"}, Perspective: metric.AsPlanned(plan)}
			p, err := catalog.Compile(q, admin, metric.Company{Zone: time.UTC, FiscalStart: time.January, Currency: "USD"}, day(10).time())
			if err != nil {
				t.Fatal(err)
			}
			var called []string
			for _, row := range read(t, tx, p).Rows {
				called = append(called, row[0].Text)
			}
			slices.Sort(called)
			slices.Sort(names)
			if diff := cmp.Diff(names, called); diff != "" {
				t.Errorf("as planned on %s (-want +got)\n%s", plan, diff)
			}
		}
	})
}
