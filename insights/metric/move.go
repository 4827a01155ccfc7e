package metric

import (
	"fmt"
	"slices"
)

// A move is a day on which the close date of a deal came to be another, as its
// log was known at the revision and up to the instant asked about. Several
// changes on a day are one move, from what the date was before that day to what
// it was after; if that is the same there was none.
//
// Only deals that were open before that day and after it are moved: a deal that
// closes is given the day on which it did. A date that was not known before, or
// is not known any more, is no move either. A deal is pushed if its date goes to
// a later month of the company's, pulled if it goes to an earlier one, and
// corrected if it stays in its month. All else is as the deal stands.
var moves = &facts{
	model: "close_date_move", noun: "close date move", rebuilt: (*builder).moves, needs: needDates,
	listed: &listable{name: aDeal.name, id: aDeal.id, order: "o.moved_on", describes: aDeal.describes},
	columns: append(slices.Clone(ofADeal), []*column{
		{name: "move", kind: kindText, value: "o.move", words: []string{"pushed", "pulled", "corrected"}},
		{name: "moved_on", kind: kindDay, value: "o.moved_on"},
		{name: "days_moved", kind: kindDays, value: "o.days"},
		amountColumn,
	}...),
}

var needDates = &need{
	what:   "the histories of the deals' close dates",
	loaded: "exists (select from opportunity_change c where c.field = 'close_on' and :told)",
}

// movesSQL selects the moves of deals d. %s are the company's months of the new
// and the old date, twice, the zone, twice, what tells which rows of the log
// count, the stages that the deal entered, and which deals count.
const movesSQL = `(
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.owner_id, d.stage_id, d.amount_minor, d.currency,
           d.loss_reason, d.competitor, d.source, d.kind, moved.*
    from opportunity d
    cross join lateral (
        select dated.day as moved_on, dated.now - dated.was as days,
               case when %s > %s then 'pushed' when %s < %s then 'pulled' else 'corrected' end as move
        from (
            select (valid_at at time zone %s)::date as day,
                   (array_agg(before order by nth))[1] as was, (array_agg(close_on order by nth desc))[1] as now,
                   (array_agg(beginning order by nth))[1] as beginning
            from (
                select *, lag(close_on) over (order by nth) as before,
                       date_trunc('day', valid_at, %s) as beginning
                from (
                    select case c.field when 'deal' then c.new::jsonb ->> 'close_on' else c.new end::date as close_on, c.valid_at,
                           row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                           c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                    from opportunity_change c
                    where c.opportunity_id = d.id and c.field in ('deal', 'close_on') and %s
                ) said
                where last_word
            ) spoken
            where valid_at > '-infinity'
            group by 1
        ) dated
        cross join lateral (
            select bool_and(stage.outcome = 'open') as open, count(*) as ends
            from (
                (select stage_id from (%s) entry where at is null or at < dated.beginning order by nth desc limit 1)
                union all
                (select stage_id from (%s) entry where at is null or (at at time zone %s)::date <= dated.day order by nth desc limit 1)
            ) stood
            join stage on stage.id = stood.stage_id
        ) throughout
        where dated.was <> dated.now and throughout.open and throughout.ends = 2
    ) moved
    where not d.deleted%s
)`

// moves writes the moves. Where only those of some days are asked for, only
// deals whose date changed in those days are looked at.
func (b *builder) moves() string { return b.movesOf(b.changedIn("close_on")) }

// movesOf writes the moves of the deals d that pass a test, all if it is empty.
func (b *builder) movesOf(test string) string {
	if test != "" {
		test = "\n      and " + test
	}
	month := func(day string) string { return b.plan.company.startSQL(b, Month, day) }
	was, now := month("dated.was"), month("dated.now")
	return fmt.Sprintf(movesSQL, now, was, now, was, b.zone(), b.zone(), b.told(), b.entries("d.id"), b.entries("d.id"), b.zone(), test)
}

// pushedColumn tells how often a deal has been pushed.
var pushedColumn = &column{
	name: "pushed", kind: kindText, makes: "pushed", grain: GrainCompany, value: pushedSQL, from: []join{joinPushes},
	words: []string{"never", "once", "twice or more"}, needs: needDates,
	group: pushedSQL, print: pushedSQL, join: []join{joinPushes},
}

const pushedSQL = "case when pushes.n > 1 then 'twice or more' when pushes.n = 1 then 'once' else 'never' end"

// pushes joins how often a deal has been pushed.
func (b *builder) pushes() string {
	return "left join lateral (\n    select count(*) as n\n    from " + b.movesOf("d.id = o.id") + " moved\n    where moved.move = 'pushed'\n) pushes on true"
}
