package metric

import (
	"fmt"
	"strings"
)

// What territories are to reach, each quota beside the won deals of its days that
// belong to its territory and those below it. A deal belongs where its owner
// stands on the map of the perspective: on the day it closed, on the day asked
// about or, as planned, on the planned map, of which then the quotas are too. A
// territory is the same on every map on which it has the same id, and has on each
// what is below it there; its quota counts on whichever of them it is laid, the
// latest if on several for the same days. An amount in another currency than the
// quota's cannot be set against it, and counts as unknown.
//
// A region and its districts may both have quotas, which are the same aim set
// twice. By territory each is told its own. What is told of several together
// counts, of those asked about, the top-most alone: not those whose days are all
// covered by quotas of territories above them. If these cover some of the days
// only, there is no telling.
var territoryQuotas = &facts{
	model: "territory_quota", noun: "territory quota", last: "o.ends_on", known: "o.priced", of: "o.deals", standing: (*builder).territoryQuotas,
	placed: true, nested: true,
	columns: []*column{
		{name: "id", kind: kindKey},
		territoryColumn,
		{name: "starts_on", kind: kindDay, value: "o.starts_on"},
		{name: "amount", kind: kindMoney, value: "o.amount_minor", needs: needTerritoryQuota},
		{name: "booked", kind: kindMoney, value: "o.booked", needs: needTerritoryQuota},
	},
}

var needTerritoryQuota = &need{
	what: "quotas of territories", known: "amount",
	loaded: "exists (select from quota where upper_inf(known) and territory_id is not null)",
}

// territoryQuotasSQL selects them. %[1]s are the quotas, each with what its
// territory is known as, %[2]s tells which rows are the same territory, and %[3]s
// joins where the owner of a deal o stands.
const territoryQuotasSQL = `(
    with recursive aim as materialized (%[1]s
    ), below as (
        select aim.territory_id as top, same.territory_id as id
        from (select distinct territory_id, known_as from aim) aim
        join territory_in_force same on %[2]s
        union
        select below.top, t.id
        from below
        join territory t on t.parent_id = below.id
    ), booking as materialized (
        select member.id as territory_id, o.close_on, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'won'
        %[3]s
        where not o.deleted and o.close_on >= (select min(lower(period)) from aim) and o.close_on < (select max(upper(period)) from aim)
    )
    select aim.territory_id, null::bigint as owner_id, lower(aim.period) as starts_on, upper(aim.period) - 1 as ends_on,
           aim.amount_minor, aim.currency, won.booked, won.priced, won.deals, above.ids as above, above.days as above_days
    from aim
    cross join lateral (
        select coalesce(sum(booking.amount_minor) filter (where booking.currency = aim.currency), 0) as booked,
               count(*) filter (where booking.currency = aim.currency) as priced, count(*) as deals
        from below
        join booking on booking.territory_id = below.id
        where below.top = aim.territory_id and booking.close_on >= lower(aim.period) and booking.close_on < upper(aim.period)
    ) won
    cross join lateral (
        select array_agg(upper.territory_id) as ids, array_agg(upper.period) as days
        from aim upper
        join below on below.top = upper.territory_id and below.id = aim.territory_id
        where upper.known_as <> aim.known_as and upper.period && aim.period
    ) above
)`

const aimsInForceSQL = `
        select distinct on (drawn.known_as, q.period) q.territory_id, drawn.known_as, q.period, q.amount_minor, q.currency
        from quota q
        join territory_in_force drawn on drawn.territory_id = q.territory_id and not isempty(drawn.days)
        where upper_inf(q.known) and q.measure = 'bookings'
        order by drawn.known_as, q.period, upper(drawn.days) desc nulls first, q.territory_id`

const aimsPlannedSQL = `
        select q.territory_id, q.territory_id as known_as, q.period, q.amount_minor, q.currency
        from quota q
        join territory on territory.id = q.territory_id
        join territory_model on territory_model.id = territory.model_id and territory_model.state = 'planning' and territory_model.name = %s
        where upper_inf(q.known) and q.measure = 'bookings'`

func (b *builder) territoryQuotas() string {
	if planned := b.plan.planned; planned != "" {
		name := b.arg(planned)
		return fmt.Sprintf(territoryQuotasSQL, fmt.Sprintf(aimsPlannedSQL, name), "same.territory_id = aim.territory_id", fmt.Sprintf(plannedSQL, name))
	}
	held := "join (" + territoriesHeld + ") member on member.person_id = o.owner_id and member.days @> o.close_on"
	if b.plan.Query.Perspective != AsWas {
		held = "join (" + fmt.Sprintf(territoriesOnSQL, b.day(b.at.day)) + ") member on member.person_id = o.owner_id"
	}
	return fmt.Sprintf(territoryQuotasSQL, aimsInForceSQL, "same.known_as = aim.known_as", held)
}

// topMost reports whether a statement that is broken down so counts the top-most
// of facts that hold others.
func (p *Plan) topMost(by []*Dimension) bool {
	for _, d := range by {
		if d.column == territoryColumn {
			return false
		}
	}
	return p.Metric.facts.nested
}

// together adds to the tests of a statement that of the top-most, where it counts
// those alone.
func (p *Plan) together(b *builder, tests []string, by []*Dimension) []string {
	if p.topMost(by) {
		tests = append(tests, b.above("range_agg(up.days) @> %s")+" is not true")
	}
	return tests
}

// above asks something of those asked about that lie above a fact.
func (b *builder) above(what string) string {
	var tests []string
	for _, c := range b.plan.where {
		if is, ok := c.(isThing); ok {
			tests = append(tests, "up.id = any (array("+fmt.Sprintf(is.column.below, b.ids(is.ids))+"))")
		}
	}
	where := ""
	if len(tests) > 0 {
		where = " where " + strings.Join(tests, " and ")
	}
	return "(select " + fmt.Sprintf(what, "daterange(o.starts_on, o.ends_on + 1)") + " from unnest(o.above, o.above_days) up (id, days)" + where + ")"
}

// refuseRest refuses what is left when a territory is taken from those above it:
// their quotas are of all that is below them.
func (p *Plan) refuseRest() *Refusal {
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s of a territory is of all that is below it, so none of that can be left out.", p.Metric.Label),
		Hint:    "Ask for it by territory.",
		Instead: []string{phrase(p.Metric.Name) + " by territory"},
	}
}
