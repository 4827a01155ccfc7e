package store_test

import (
	"fmt"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// scaleQuestion is one question, and the same by SQL that knows this company:
// which stages are open, that its people hold one territory at a time, and that
// its map has no models. The best of these statements counts; the first of those
// that are scanned reads the facts themselves. Each gives the names of a row and
// its value.
type scaleQuestion struct {
	name    string
	query   metric.Query
	byHand  []string
	scanned bool
	atMost  float64 // times the best SQL by hand; 0: nothing is asked
	atLeast float64 // times as fast as the scan
}

// The territories asked about: a district of reps, and a region with its districts.
const (
	scaleDistrict = 30
	scaleRegion   = 7
)

// Of the hot questions this is wanted.
const (
	timesPrepared = 2
	timesPast     = 3
	timesScan     = 100
)

func scaleQuestions() []scaleQuestion {
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	endOf := func(y int, m time.Month, d int) time.Time { return day(y, m, d+1).Add(-time.Microsecond) }
	quarter := metric.Period{From: day(2026, 10, 1), To: day(2027, 1, 1)}
	year := metric.Period{From: day(2026, 1, 1), To: day(2027, 1, 1)}
	in := func(id int64) []metric.Filter {
		return []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: id, Text: "it"}}}}
	}
	hot := func(name, byHand string, q metric.Query) scaleQuestion {
		q.Shape = metric.ShapeFigure
		return scaleQuestion{name: name, query: q, byHand: append([]string{byHand}, fromRollups(byHand)...), scanned: true, atMost: timesPrepared, atLeast: timesScan}
	}
	past := func(name string, q metric.Query, byHand ...string) scaleQuestion {
		return scaleQuestion{name: name, query: q, byHand: byHand, atMost: timesPast}
	}
	free := func(name string, q metric.Query, byHand string) scaleQuestion {
		q.Shape = metric.ShapeFigure
		return scaleQuestion{name: name, query: q, byHand: []string{byHand}}
	}
	asOf := func(t time.Time) metric.Query {
		return metric.Query{Shape: metric.ShapeFigure, Metric: "open_pipeline", Where: in(scaleDistrict), AsOf: t}
	}
	return []scaleQuestion{
		hot("won revenue this quarter", wonBy("", "", thisQuarter), metric.Query{Metric: "won_revenue", Period: quarter}),
		hot("won revenue this quarter by territory", wonBy(districtName, districtThen, thisQuarter), metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"territory"}}),
		hot("won revenue this quarter by rep", wonBy(ownerName, owner, thisQuarter), metric.Query{Metric: "won_revenue", Period: quarter, By: []string{"person"}}),
		hot("won revenue this quarter of a region", wonBy("", districtThen, thisQuarter+inRegion), metric.Query{Metric: "won_revenue", Period: quarter, Where: in(scaleRegion)}),
		hot("won revenue by quarter", wonBy(closeQuarter, "", ""), metric.Query{Metric: "won_revenue", By: []string{"quarter"}}),
		hot("won revenue of a region by quarter", wonBy(closeQuarter, districtThen, inRegion), metric.Query{Metric: "won_revenue", By: []string{"quarter"}, Where: in(scaleRegion)}),
		hot("win rate this quarter", winRateBy("", "", thisQuarter), metric.Query{Metric: "win_rate", Period: quarter}),
		hot("win rate this quarter by territory", winRateBy(districtName, districtThen, thisQuarter), metric.Query{Metric: "win_rate", Period: quarter, By: []string{"territory"}}),
		hot("win rate this quarter by rep", winRateBy(ownerName, owner, thisQuarter), metric.Query{Metric: "win_rate", Period: quarter, By: []string{"person"}}),
		hot("win rate by quarter", winRateBy(closeQuarter, "", ""), metric.Query{Metric: "win_rate", By: []string{"quarter"}}),
		hot("open pipeline by stage", openBy("stage.name", "join stage on stage.id = o.stage_id", ""), metric.Query{Metric: "open_pipeline", By: []string{"stage"}}),
		hot("open pipeline by territory", openBy(districtName, districtNow, ""), metric.Query{Metric: "open_pipeline", By: []string{"territory"}}),
		hot("open pipeline by rep", openBy(ownerName, owner, ""), metric.Query{Metric: "open_pipeline", By: []string{"person"}}),
		hot("open pipeline of a region by stage", openBy("stage.name", districtNow+" join stage on stage.id = o.stage_id", inRegion), metric.Query{Metric: "open_pipeline", By: []string{"stage"}, Where: in(scaleRegion)}),
		past("open pipeline of a district three weeks ago", asOf(endOf(2026, 10, 31)), openAsOf("2026-10-31")...),
		past("open pipeline of a district end of June", asOf(endOf(2026, 6, 30)), openAsOf("2026-06-30")...),
		past("open pipeline of a district a year ago", asOf(endOf(2025, 11, 21)), openAsOf("2025-11-21")...),
		past("a week's waterfall of a district", metric.Query{
			Shape: metric.ShapeChange, Metric: "open_pipeline", Where: in(scaleDistrict), Compare: metric.CompareThen, Then: endOf(2026, 11, 14),
		}, waterfall("2026-11-14")...),
		free("median sales cycle this year by industry", metric.Query{Metric: "sales_cycle", Period: year, By: []string{"industry"}}, medianCycle),
		free("won revenue this year by product and country", metric.Query{Metric: "won_revenue", Period: year, By: []string{"product", "country"}},
			wonBy("product.name || ' ' || account.country", "join product on product.id = o.product_id join account on account.id = o.account_id", thisYear)),
	}
}

// What the hand-written SQL is put together from.
const (
	thisQuarter  = " and o.close_on >= '2026-10-01' and o.close_on < '2027-01-01'"
	thisYear     = " and o.close_on >= '2026-01-01' and o.close_on < '2027-01-01'"
	inRegion     = " and member.territory_id in (select id from territory where id = 7 or parent_id = 7)"
	owner        = "join person on person.id = o.owner_id"
	ownerName    = "person.name"
	districtThen = "join territory_member member on member.person_id = o.owner_id and upper_inf(member.known) and member.valid @> o.close_on join territory on territory.id = member.territory_id"
	districtNow  = "join territory_member member on member.person_id = o.owner_id and upper_inf(member.known) and member.valid @> date '2026-11-22' join territory on territory.id = member.territory_id"
	districtName = "territory.name"
	closeQuarter = "date_trunc('quarter', o.close_on)::date::text"
)

// fromRollups asks the same of the rollups that have all of it, where nobody
// moves but on the first of a month.
func fromRollups(sql string) []string {
	rolled := strings.NewReplacer(
		"from opportunity o", "from opportunity_rollup o", "not o.deleted", "o.clock = 'close_on'", "o.close_on", "o.month", "o.amount_minor is not null", "o.priced > 0",
		"count(*) filter (where o.stage_id = 7)", "coalesce(sum(o.deals) filter (where o.stage_id = 7), 0)", "count(*)", "sum(o.deals)",
	).Replace(sql)
	statements := []string{rolled}
	for table, lacks := range map[string]string{"opportunity_rollup_company": "o.owner_id", "opportunity_rollup_person": "o.month"} {
		if !strings.Contains(rolled, lacks) {
			statements = append(statements, strings.Replace(rolled, "opportunity_rollup", table, 1))
		}
	}
	return statements
}

func wonBy(key, joins, where string) string {
	return amountsBy(key, joins, "o.stage_id = 7"+where)
}

func openBy(key, joins, where string) string {
	return amountsBy(key, joins, "o.stage_id in (1, 2, 3, 4, 5, 6)"+where)
}

func amountsBy(key, joins, where string) string {
	group, key := keyed(key)
	return fmt.Sprintf("select %s o.currency, (sum(o.amount_minor) / 100.0)::text from opportunity o %s where not o.deleted and o.amount_minor is not null and %s group by %s o.currency", key, joins, where, group)
}

func winRateBy(key, joins, where string) string {
	by := ""
	if key != "" {
		by = " group by " + key
	} else {
		key = "''"
	}
	return fmt.Sprintf("select %s, count(*) filter (where o.stage_id = 7) || '/' || count(*) from opportunity o %s where not o.deleted and o.stage_id in (7, 8)%s%s", key, joins, where, by)
}

// keyed writes the name of a row before its currency, to group by and to read.
func keyed(key string) (group, selected string) {
	if key == "" {
		return "", ""
	}
	return key + ", ", key + " || ' ' || "
}

const medianCycle = `
select account.industry, percentile_disc(0.5) within group (order by days) + percentile_disc(0.5) within group (order by days desc) || '/2'
from opportunity o
cross join lateral (select o.close_on - o.engaged_on as days) cycle
join account on account.id = o.account_id
where o.stage_id = 7 and not o.deleted and days >= 0 and o.close_on >= '2026-01-01' and o.close_on < '2027-01-01'
group by account.industry`

// ends selects, of the deals that were or are those of the district's people, how
// each stood at the end of a day, and how it stands now. The deals are those that
// its people own now, and those that they owned until a later change; and what
// changed since is either looked up deal by deal, which is best for few deals
// and a long time, or gathered from all that was told of the time since.
func ends(day string) []string {
	const mine = `
with mine as materialized (
    select person_id, person_id::text as text from territory_member where territory_id = 30 and upper_inf(known) and valid @> date '%[1]s'
), mine_now as materialized (
    select person_id, person_id::text as text from territory_member where territory_id = 30 and upper_inf(known) and valid @> date '2026-11-22'
), `
	const byTime = `
since as materialized (
    select distinct on (opportunity_id, field) opportunity_id, field, old
    from opportunity_change
    where valid_at >= timestamptz '%[1]s' + interval '1 day' and retracted is null and field in ('stage_id', 'amount_minor', 'currency', 'owner_id', 'deleted')
    order by opportunity_id, field, valid_at, revision, step
), back as (
    select opportunity_id as id, bool_or(field = 'stage_id') as staged, max(old) filter (where field = 'stage_id')::bigint as stage_id,
           bool_or(field = 'amount_minor') as priced, max(old) filter (where field = 'amount_minor')::bigint as amount,
           max(old) filter (where field = 'owner_id')::bigint as owner_id, bool_or(field = 'deleted') as undeleted
    from since
    group by opportunity_id
), ends as (
    select o.id, o.created_on <= date '%[1]s' as was_there, coalesce(back.stage_id, o.stage_id) as was_at, case when back.priced then back.amount else o.amount_minor end as was_worth,
           coalesce(back.owner_id, o.owner_id) in (select person_id from mine) as was_mine, o.deleted and not coalesce(back.undeleted, false) as was_deleted,
           o.stage_id as is_at, o.amount_minor as is_worth, o.owner_id in (select person_id from mine_now) as is_mine, o.deleted as is_deleted, o.currency
    from opportunity o
    left join back on back.id = o.id
    where (back.id is not null or o.stage_id in (1, 2, 3, 4, 5, 6)) and (o.owner_id in (select person_id from mine_now union select person_id from mine) or back.owner_id in (select person_id from mine))
)
`
	const byDeal = `
candidate as materialized (
    select id from opportunity where owner_id in (select person_id from mine_now union select person_id from mine)
    union
    select opportunity_id from opportunity_change where field = 'owner_id' and valid_at >= timestamptz '%[1]s' + interval '1 day' and retracted is null and old in (select text from mine)
), ends as (
    select o.id, o.created_on <= date '%[1]s' as was_there, coalesce(back.stage_id, o.stage_id) as was_at, case when back.priced then back.amount else o.amount_minor end as was_worth,
           coalesce(back.owner_id, o.owner_id) in (select person_id from mine) as was_mine, o.deleted and not coalesce(back.undeleted, false) as was_deleted,
           o.stage_id as is_at, o.amount_minor as is_worth, o.owner_id in (select person_id from mine_now) as is_mine, o.deleted as is_deleted, o.currency
    from (select id from candidate order by id) candidate
    join opportunity o using (id)
    cross join lateral (
        select max(old) filter (where field = 'stage_id')::bigint as stage_id, bool_or(field = 'amount_minor') as priced,
               max(old) filter (where field = 'amount_minor')::bigint as amount, max(old) filter (where field = 'owner_id')::bigint as owner_id, bool_or(field = 'deleted') as undeleted
        from (
            select distinct on (field) field, old
            from opportunity_change
            where opportunity_id = o.id and valid_at >= timestamptz '%[1]s' + interval '1 day' and retracted is null
              and (field in ('stage_id', 'amount_minor', 'currency', 'owner_id', 'deleted')) is true -- one descent of the index, not one for each
            order by field, valid_at, revision, step
        ) since
    ) back
)
`
	return []string{fmt.Sprintf(mine+byTime, day), fmt.Sprintf(mine+byDeal, day)}
}

func openAsOf(day string) []string {
	statements := ends(day)
	for i := range statements {
		statements[i] += `
select currency, (sum(was_worth) / 100.0)::text from ends
where was_there and was_at < 7 and was_mine and not was_deleted and was_worth is not null
group by currency`
	}
	return statements
}

func waterfall(day string) []string {
	statements := ends(day)
	for i := range statements {
		statements[i] += `
, counted as (
    select *, was_there and was_at < 7 and was_mine and not was_deleted as opens, is_at < 7 and is_mine and not is_deleted as closes from ends
)
select part || ' ' || currency, (sum(worth) / 100.0)::text
from counted
cross join lateral (
    values ('opening', was_worth, opens), ('closing', is_worth, closes),
           ('created', is_worth, closes and not was_there),
           ('reopened', is_worth, closes and was_there and was_at >= 7),
           ('reassigned_in', was_worth, closes and was_there and was_at < 7 and not was_mine),
           ('won', -was_worth, opens and not closes and not is_deleted and is_at = 7), ('lost', -was_worth, opens and not closes and not is_deleted and is_at = 8),
           ('reassigned_out', -was_worth, opens and not closes and not is_deleted and is_at < 7 and not is_mine), ('deleted', -was_worth, opens and is_deleted),
           ('increased', is_worth - was_worth, closes and was_there and was_at < 7 and is_worth > was_worth),
           ('decreased', is_worth - was_worth, closes and was_there and was_at < 7 and is_worth < was_worth)
) told (part, worth, holds)
where holds and worth is not null
group by part, currency`
	}
	return statements
}
