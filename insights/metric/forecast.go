package metric

import (
	"fmt"
	"time"
)

// Forecasts are what people said would be booked in a period, one row for each
// person, period and category: the latest submission that stands, beside the one
// that stood at the end of the third week of the period, and what was booked.
// As of an earlier instant a later submission has not been made. Forecasts of
// territories are not among them: they are made of what their people say.
//
// A forecast is accurate as far as it was early: one of the last week measures
// how late deals are entered. So the one of the third week is compared (Kellblog,
// week-3 snapshots), and with a period that has ended only. What was booked then
// is what there is now of it.
var forecasts = &facts{
	model: "forecast", noun: "forecast", last: "o.ends_on", standing: (*builder).forecasts, needs: needForecast,
	columns: []*column{
		{name: "id", kind: kindKey},
		ownerColumn, managerColumn, territoryColumn,
		{name: "category", kind: kindText, value: "o.category", words: []string{"pipeline", "best_case", "commit", "closed"}},
		{name: "starts_on", kind: kindDay, value: "o.starts_on"},
		{name: "amount", kind: kindMoney, value: "o.amount_minor"},
		{name: "week3", kind: kindMoney, value: "o.week3"},
		{name: "judged", kind: kindMoney, value: "case when o.actual is not null then o.week3 end"},
		{name: "actual", kind: kindMoney, value: "o.actual"},
		{name: "missed", kind: kindMoney, value: "abs(o.week3 - o.actual)"},
	},
}

var needForecast = &need{
	what: "forecasts", known: "forecast of week 3",
	loaded: "exists (select from forecast where upper_inf(known) and person_id is not null)",
}

// forecastsSQL selects the forecasts: %s are what a submission must pass to
// stand, twice, the company's zone, and the day.
const forecastsSQL = `(
    select latest.person_id as owner_id, lower(latest.period) as starts_on, upper(latest.period) - 1 as ends_on,
           latest.category, latest.amount_minor, latest.currency, early.amount_minor as week3,
           case when early.amount_minor is not null and upper(latest.period) - 1 <= %[3]s then won.booked end as actual
    from (
        select distinct on (person_id, period, category) person_id, period, category, amount_minor, currency
        from forecast
        where upper_inf(known) and person_id is not null and %[1]s
        order by person_id, period, category, submitted_at desc
    ) latest
    left join lateral (
        select amount_minor
        from forecast
        where upper_inf(known) and person_id = latest.person_id and period = latest.period and category = latest.category
          and currency = latest.currency and submitted_at < (lower(latest.period) + 21)::timestamp at time zone %[2]s and %[1]s
        order by submitted_at desc
        limit 1
    ) early on true
    cross join lateral (
        select coalesce(sum(d.amount_minor), 0) as booked
        from opportunity d
        join stage on stage.id = d.stage_id
        where d.owner_id = latest.person_id and not d.deleted and d.currency = latest.currency
          and stage.outcome = 'won' and d.close_on >= lower(latest.period) and d.close_on < upper(latest.period)
    ) won
)`

func (b *builder) forecasts() string {
	stands := "true"
	if at := b.at.instant; !at.IsZero() {
		stands = "submitted_at <= " + b.arg(at.Format(time.RFC3339Nano)) + "::timestamptz"
	}
	return fmt.Sprintf(forecastsSQL, stands, b.arg(b.plan.company.Zone.String())+"::text", b.day(b.at.day))
}
