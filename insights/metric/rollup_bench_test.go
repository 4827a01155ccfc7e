package metric_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// BenchmarkRollup asks a company of two thousand people what can be added up:
// each question by its plan, by SQL written for that question alone on the same
// rollup, and from the facts as they are. What is to be looked at is the plan's
// time as a multiple of that by hand, and that of the facts as a multiple of
// the plan's. SALESBOT_BENCH_DEALS sets the number of deals.
func BenchmarkRollup(b *testing.B) {
	deals := 100_000
	if text := os.Getenv("SALESBOT_BENCH_DEALS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		deals = n
	}
	db := storetest.New(b)
	db.MustExec(largeCompany)
	for first := 1; first <= deals; first += 100_000 { // each within the time that a statement has
		db.MustExec(someDeals, first, min(first+99_999, deals))
	}
	db.MustExec("vacuum analyze")
	tx := db.MustBegin()
	b.Cleanup(func() { _ = tx.Rollback() })

	all := metric.Viewer{Role: metric.RoleAnalyst, All: true}
	at := func(y int, m time.Month) time.Time { return time.Date(y, m, 1, 0, 0, 0, 0, time.UTC) }
	quarter, year := metric.Period{From: at(2026, 7), To: at(2026, 10)}, metric.Period{From: at(2026, 1), To: at(2027, 1)}
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	is := func(field string, op metric.Op, id int64) []metric.Filter {
		return []metric.Filter{{Field: field, Op: op, Values: []metric.Value{{ID: id, Text: "it"}}}}
	}
	for _, q := range []struct {
		name   string
		query  metric.Query
		byHand string
	}{
		{"won revenue in a quarter", metric.Query{Metric: "won_revenue", Period: quarter}, wonByHand("", "", quarterByHand)},
		{"won revenue by territory", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"territory"}}, wonByHand("held.territory_id", heldByHand, quarterByHand)},
		{"won revenue by territory, any time", metric.Query{Metric: "won_revenue", By: []string{"territory"}}, wonByHand("held.territory_id", heldByHand, "")},
		{"won revenue by person", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}}, wonByHand("owner_id", "", quarterByHand)},
		{"won revenue by quarter, any time", metric.Query{Metric: "won_revenue", By: []string{"quarter"}}, wonByHand("date_trunc('quarter', month)", "", "")},
		{"won revenue of a person by month", metric.Query{Metric: "won_revenue", Period: year, By: []string{"month"}, Where: is("person", metric.Eq, 7)}, wonByHand("month", "", yearByHand+" and owner_id = 7")},
		{"win rate by person", metric.Query{Metric: "win_rate", Period: quarter, By: []string{"person"}}, rateByHand("owner_id", "", quarterByHand)},
		{"win rate of a territory by quarter", metric.Query{Metric: "win_rate", Period: year, By: []string{"quarter"}, Where: is("territory", metric.Eq, 3)}, rateByHand("date_trunc('quarter', month)", heldByHand, yearByHand+" and held.territory_id = 3")},
		{"won revenue but for a team", metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"territory"}, Where: is("manager", metric.Ne, 1)}, wonByHand("held.territory_id", heldByHand, quarterByHand+notTeamByHand)},
		{"open pipeline by stage", metric.Query{Metric: "open_pipeline", By: []string{"stage"}}, openByHand},
	} {
		b.Run(q.name, func(b *testing.B) {
			q.query.Shape = metric.ShapeFigure
			plan, err := metric.Default().Compile(q.query, all, metric.DefaultCompany(), now)
			if err != nil {
				b.Fatal(err)
			}
			facts, err := metric.Default().CompileAt(q.query, all, metric.DefaultCompany(), now, 0)
			if err != nil {
				b.Fatal(err)
			}
			var took [3]time.Duration
			for b.Loop() {
				for i, statements := range [][]metric.Statement{plan.Statements, {{SQL: q.byHand}}, facts.Statements} {
					took[i] += reading(b, tx, statements)
				}
			}
			b.ReportMetric(took[0].Seconds()*1000/float64(b.N), "plan-ms")
			b.ReportMetric(took[0].Seconds()/took[1].Seconds(), "plan/hand")
			b.ReportMetric(took[2].Seconds()/took[0].Seconds(), "facts/plan")
		})
	}
}

// reading is how long it takes to read the statements.
func reading(b *testing.B, tx *sqlx.Tx, statements []metric.Statement) time.Duration {
	b.Helper()
	start := time.Now()
	for _, s := range statements {
		if _, err := readTable(tx, s); err != nil {
			b.Fatalf("%v\n%s", err, s.SQL)
		}
	}
	return time.Since(start)
}

const (
	quarterByHand = " and month >= '2026-07-01' and month < '2026-10-01'"
	yearByHand    = " and month >= '2026-01-01' and month < '2027-01-01'"
	heldByHand    = " join territory_member held on held.person_id = owner_id and held.valid @> month and upper_inf(held.known)"
	notTeamByHand = " and owner_id not in (select person_id from reporting_line where manager_id = 1 and upper_inf(known))"
	openByHand    = "select stage_id, currency, sum(deals), sum(priced), sum(amount_minor) from opportunity_rollup where clock = 'close_on' and stage_id < 4 group by 1, 2"
)

func wonByHand(key, join, kept string) string {
	return "select " + keyed(key) + "currency, sum(deals)::text, sum(priced)::text, sum(amount_minor)::text from opportunity_rollup" + join +
		" where clock = 'close_on' and stage_id = 4" + kept + " group by " + keyed(key) + "currency"
}

func rateByHand(key, join, kept string) string {
	return "select " + key + ", sum(deals), sum(deals) filter (where stage_id = 4) from opportunity_rollup" + join +
		" where clock = 'close_on' and stage_id in (4, 5)" + kept + " group by 1"
}

func keyed(key string) string {
	if key == "" {
		return ""
	}
	return key + ", "
}

// largeCompany are two thousand people who report to a hundred managers and sell
// in a hundred territories; one in ten moved within a month.
const largeCompany = `
insert into person (id, external_id, name, role) overriding system value select n, 'p' || n, 'Person ' || n, 'rep' from generate_series(1, 2000) n;
insert into reporting_line (person_id, manager_id, known) select n, 1 + n % 100, '[1,)' from generate_series(101, 2000) n;
insert into territory (id, external_id, name) overriding system value select n, 't' || n, 'T' || n from generate_series(1, 100) n;
insert into territory_member (person_id, territory_id, valid, known)
select n, 1 + n % 100, case when n % 10 = 0 then '(,2026-08-10)' else '(,)' end::daterange, '[1,)' from generate_series(1, 2000) n;
insert into territory_member (person_id, territory_id, valid, known) select n, 1 + (n + 1) % 100, '[2026-08-10,)', '[1,)' from generate_series(1, 2000) n where n % 10 = 0;
insert into stage (id, name, position, outcome) overriding system value
values (1, 'Open', 1, 'open'), (2, 'Offered', 2, 'open'), (3, 'Agreed', 3, 'open'), (4, 'Won', 4, 'won'), (5, 'Lost', 5, 'lost');`

// someDeals are those numbered from $1 to $2: by their close days over five years,
// those to come open.
const someDeals = `
insert into opportunity (id, external_id, owner_id, stage_id, amount_minor, currency, created_on, engaged_on, close_on, deleted) overriding system value
select n, 'd' || n, 1 + (hashint8(n) & 65535) % 2000,
       case when closed > date '2026-11-22' then 1 + n % 3 when n % 3 = 0 then 4 else 5 end,
       case when n % 50 > 0 then 100 * (n % 100000) end, case when n % 50 > 0 then 'USD' end, closed - 90, closed - 60, closed, false
from generate_series($1::bigint, $2::bigint) n cross join lateral (select date '2022-01-01' + (hashint8(n + 1) & 1048575) % 1826 as closed) days`
