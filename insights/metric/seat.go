package metric

import "fmt"

// A seat is one person with quotas in a period: all that they are to reach in it
// beside what they booked in the days of those quotas, one vote however large
// the quotas are. A question by month or quarter takes each of those for a period
// of its own, and its whole counts a person once in each.
//
// Whether the quotas are reached is not known where they come to nought or are in
// several currencies, nor of who is below them while a won deal of their days has
// no amount in their currency. A seat stands on the map where the person did on
// its first day. While the period goes on, who is below may yet reach it.
var seats = &facts{
	model: "seat", noun: "seat", last: "o.ends_on", standing: (*builder).seats, held: true,
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		{
			name: "reach", kind: kindText, value: "o.reach", words: []string{"reached", "below"}, needs: needQuota,
			unsure: "whose quota comes to nought, or of which it is not known whether it is reached",
		},
		{name: "starts_on", kind: kindDay, value: "o.starts_on"},
	},
	listed: &listable{
		name: "person.name", id: "person.external_id", order: "o.starts_on", from: []join{joinPerson}, describes: []*column{ownerColumn}, byDay: true,
	},
}

// seatsSQL selects the seats. %s are the days asked about, and what a period is
// told by.
const seatsSQL = `(
    select q.person_id as owner_id, min(lower(q.period)) as starts_on, max(upper(q.period)) - 1 as ends_on,
           case when min(q.currency) <> max(q.currency) or sum(q.amount_minor) <= 0 then null
                when sum(won.booked) >= sum(q.amount_minor) then 'reached'
                when sum(won.unset) = 0 then 'below' end as reach
    from quota q
    cross join lateral (
        select coalesce(sum(d.amount_minor) filter (where d.currency = q.currency), 0) as booked,
               count(*) filter (where d.currency is distinct from q.currency) as unset
        from opportunity d
        join stage on stage.id = d.stage_id
        where d.owner_id = q.person_id and not d.deleted
          and stage.outcome = 'won' and d.close_on >= lower(q.period) and d.close_on < upper(q.period)
    ) won
    where upper_inf(q.known) and q.measure = 'bookings' and q.person_id is not null and q.period && daterange(%s, %s)
    group by q.person_id, %s
)`

func (b *builder) seats() string {
	period := "()"
	if g := b.plan.step(); g != "" {
		period = b.plan.company.startSQL(b, g, "lower(q.period)")
	}
	return fmt.Sprintf(seatsSQL, b.dayOrNull(b.span.from), b.dayOrNull(b.span.to), period)
}
