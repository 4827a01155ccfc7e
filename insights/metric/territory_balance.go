package metric

import "fmt"

// How even the territories are in what is open. One fact is a territory with
// nothing below it, on the map in force on the day asked about or on the planned
// one, in one of the currencies of its deals: beside the open amounts of those who
// stand there on that day stands the average, an even share of what all such
// territories have. Shares are whole minor units, of which the first territories
// get those that do not go round, so that together they are all of it. A vacant
// territory counts, with nought; what is open in territories above others is in
// none of them. Whether a territory is near the average is told against the exact
// one: up to 15 in a hundred above or below it are near, and where nothing is open,
// or less than that, there is none.
var territories = &facts{
	model: "territory", noun: "territory", known: "o.priced", of: "o.deals", standing: (*builder).territories, placed: true, momentary: true,
	columns: []*column{
		{name: "id", kind: kindKey},
		territoryColumn,
		{name: "stands_on", kind: kindDay, value: "o.stands_on"},
		{name: "as_of", kind: kindAsOf},
		{name: "open_amount", kind: kindMoney, value: "o.open_minor"},
		evenShare,
		{
			name: "near_average", kind: kindText, value: "o.near", words: []string{yes, no},
			unsure: "of which there is no average, as nothing is open in any",
		},
	},
}

var evenShare = &column{name: "even_share", kind: kindMoney, value: "o.share_minor"}

// ToldBy is by what a figure is told where a Query leaves that open, empty for
// nothing: the balance of territories by territory, since all of them together are
// always at the average, and what is of one thing or of each by that.
func (m *Metric) ToldBy(q Query) string {
	switch {
	case q.Shape != ShapeFigure || m.formula != nil:
		return ""
	case len(q.By) == 0 && m.denominator != nil && m.denominator.expr == evenShare:
		return territoryColumn.makes
	case len(q.By) < 2 && m.facts.each != nil && !m.isOfEach(q):
		return m.facts.each.makes
	default:
		return ""
	}
}

// territoriesSQL selects them. %[1]s lists territories, %[2]s joins where the owner
// of a deal o stands, and %[3]s is the day.
const territoriesSQL = `(
    with drawn as (%[1]s
    ), leaf as materialized (
        select drawn.id
        from drawn
        where ` + noneBelowSQL + `
    ), pipeline as materialized (
        select member.id as territory_id, o.currency, o.amount_minor
        from opportunity o
        join stage means on means.id = o.stage_id and means.outcome = 'open'
        %[2]s
        where not o.deleted and member.id in (select id from leaf)
    ), held as (
        select leaf.id as territory_id, money.currency, open.amount_minor, open.priced, open.deals,
               sum(open.amount_minor) over (partition by money.currency) as whole,
               row_number() over (partition by money.currency order by leaf.id) as nth,
               count(*) over (partition by money.currency) as many
        from leaf
        cross join (select distinct currency from pipeline where currency is not null) money
        cross join lateral (
            select coalesce(sum(amount_minor) filter (where currency = money.currency), 0) as amount_minor,
                   count(*) filter (where currency = money.currency) as priced,
                   count(*) filter (where currency = money.currency or currency is null) as deals
            from pipeline
            where pipeline.territory_id = leaf.id
        ) open
    )
    select territory_id, null::bigint as owner_id, %[3]s as stands_on, currency, amount_minor as open_minor, priced, deals,
           ceil(whole * nth / many) - ceil(whole * (nth - 1) / many) as share_minor,
           case when whole > 0 then case when abs(amount_minor * many - whole) * 100 <= whole * 15 then 'yes' else 'no' end end as near
    from held
)`

const drawnInForceSQL = `
        select t.id
        from territory t
        join territory_in_force in_force on in_force.territory_id = t.id
        where in_force.days @> %s and not t.taken_back`

const drawnPlannedSQL = `
        select t.id
        from territory t
        join territory_model on territory_model.id = t.model_id and territory_model.state = 'planning' and territory_model.name = %s
        where not t.taken_back`

func (b *builder) territories() string {
	day := b.day(b.at.day)
	if planned := b.plan.planned; planned != "" {
		name := b.arg(planned)
		return fmt.Sprintf(territoriesSQL, fmt.Sprintf(drawnPlannedSQL, name), fmt.Sprintf(plannedSQL, name), day)
	}
	held := "join (" + fmt.Sprintf(territoriesOnSQL, day) + ") member on member.person_id = o.owner_id"
	return fmt.Sprintf(territoriesSQL, fmt.Sprintf(drawnInForceSQL, day), held, day)
}
