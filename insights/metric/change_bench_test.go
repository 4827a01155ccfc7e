package metric_test

import (
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

// BenchmarkChange takes apart a week of one territory, of a company with a
// hundred thousand deals, of which two in a hundred changed in that week; beside
// it the same by SQL written for this one question. The ratio of the two is what
// is to be looked at.
func BenchmarkChange(b *testing.B) {
	tx := storetest.New(b).MustBegin()
	b.Cleanup(func() { _ = tx.Rollback() })
	tx.MustExec(busyCompany)
	then := time.Date(2026, 11, 15, 23, 59, 59, 0, time.UTC)
	plan, err := metric.Default().Compile(metric.Query{
		Shape: metric.ShapeChange, Metric: "open_pipeline", Compare: metric.CompareThen, Then: then,
		Where: []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: 1, Text: "T1"}}}},
	}, metric.Viewer{Role: metric.RoleAnalyst, All: true}, metric.DefaultCompany(), time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	if err != nil {
		b.Fatal(err)
	}
	for name, statement := range map[string]metric.Statement{"compiled": plan.Statements[0], "by hand": {SQL: weekByHand, Args: []any{then}}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := readTable(tx, statement); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	sameParts(b, tx, plan, metric.Statement{SQL: weekByHand, Args: []any{then}})
}

// sameParts sees to it that both say the same.
func sameParts(b *testing.B, tx *sqlx.Tx, plan *metric.Plan, byHand metric.Statement) {
	b.Helper()
	parts := map[string]string{}
	table, err := readTable(tx, byHand)
	if err != nil {
		b.Fatal(err)
	}
	for _, row := range table {
		parts[*row[0]] = *row[1]
	}
	if table, err = readTable(tx, plan.Statements[0]); err != nil || len(table) != len(parts) {
		b.Fatalf("%v: %d parts, by hand %v", err, len(table), parts)
	}
	for _, row := range table {
		if parts[*row[0]] != *row[4] {
			b.Errorf("%s: compiled %s, by hand %s", *row[0], *row[4], parts[*row[0]])
		}
	}
}

// busyCompany are fifty territories of four people each, and their deals.
const busyCompany = `
insert into person (id, external_id, name, role) overriding system value select n, 'p' || n, 'Person ' || n, 'rep' from generate_series(1, 200) n;
insert into territory (id, external_id, name) overriding system value select n, 't' || n, 'T' || n from generate_series(1, 50) n;
insert into territory_member (person_id, territory_id, valid, known) select n, 1 + n % 50, '(,)', '[1,)' from generate_series(1, 200) n;
insert into stage (id, name, position, outcome) overriding system value values (1, 'Open', 1, 'open'), (2, 'Won', 2, 'won'), (3, 'Lost', 3, 'lost');
insert into opportunity (id, external_id, owner_id, stage_id, amount_minor, currency, created_on, close_on, deleted) overriding system value
select n, 'd' || n, 1 + n % 200, 1 + (n / 200) % 3, 100 * n, 'USD', date '2026-01-01', date '2026-10-01' + n % 30, false from generate_series(1, 100000) n;
insert into opportunity_change (opportunity_id, field, new, valid_at, revision, actor)
select id, 'deal', (to_jsonb(o) - 'id' - 'external_id')::text, '-infinity', 1, 'bench' from opportunity o;
insert into opportunity_change (opportunity_id, field, old, new, valid_at, revision, actor)
select id, case when id % 100 = 1 then 'amount_minor' else 'stage_id' end, case when id % 100 = 1 then '50' else '1' end,
       case when id % 100 = 1 then amount_minor::text else stage_id::text end, '2026-11-18', 2, 'bench'
from opportunity where id % 100 = 1 or id % 100 = 2 and stage_id > 1;
analyze person, territory, territory_member, stage, opportunity, opportunity_change;`

// weekByHand rolls the deals back that changed since $1, of one territory whose
// people have not changed.
const weekByHand = `
with mine as (
    select person_id from territory_member where territory_id = 1 and upper_inf(known)
), first as (
    select distinct on (opportunity_id, field) opportunity_id, field, old
    from opportunity_change where valid_at > $1 and retracted is null
    order by opportunity_id, field, valid_at, revision, step
), back as (
    select opportunity_id as id, max(old) filter (where field = 'stage_id')::bigint as stage_id, max(old) filter (where field = 'amount_minor')::bigint as amount
    from first group by opportunity_id
), both_ends as (
    select coalesce(back.stage_id, o.stage_id) = 1 as opens, coalesce(back.amount, o.amount_minor) as was, o.stage_id = 1 as closes, o.amount_minor as worth, o.stage_id
    from opportunity o
    left join back using (id)
    where o.owner_id in (select person_id from mine) and not o.deleted
)
select part, sum(amount)::text from both_ends cross join lateral (
    values ('opening', was, opens), ('closing', worth, closes), ('won', -was, opens and stage_id = 2), ('lost', -was, opens and stage_id = 3),
           ('increased', worth - was, opens and closes and worth > was), ('decreased', worth - was, opens and closes and worth < was)
) told (part, amount, holds)
where holds
group by part`
