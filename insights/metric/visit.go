package metric

import (
	"fmt"
	"slices"
	"time"
)

// A visit is the time that a deal spends at one stage, from the moment it enters
// it until the moment it enters another. Visits are rebuilt from the log of
// deals, as it was known at the revision and up to the instant that is asked
// about:
//
//   - Each change of the stage ends one visit and begins another, even if both
//     are of one moment: those who told the history told that the deal was
//     there. Where two imports speak of the same moment, the later one has the
//     last word, and what it replaced is no visit.
//   - The first sight of a deal holds since ever. When the deal entered the stage
//     that it was first seen at is not known, and so not on which day, nor how
//     long it stayed.
//   - Whose deal it is and what it is worth are as they stand at the moment asked
//     about, as for all that is counted of deals; only the map is that of the
//     visit's own day. A deal that is deleted has no visits.
//   - What a stage means, and which is later than another, is what the stages
//     mean at the moment asked about.
//
// Days are the company's. A visit that begins and ends on one day lasted none.
var visits = &facts{
	model: "stage_visit", noun: "stage visit", rebuilt: (*builder).visits, needs: needStages,
	listed: &listable{name: aDeal.name, id: aDeal.id, order: "o.nth", describes: aDeal.describes},
	columns: append(slices.Clone(ofADeal), []*column{
		dealState("first", "o.first", nil),
		{name: "entered_on", kind: kindDay, value: "o.entered_on"},
		{name: "left_on", kind: kindDay, value: "o.left_on"},
		{name: "passed_on", kind: kindDay, value: "o.passed_on"},
		{name: "days_in_stage", kind: kindDays, value: "o.left_on - o.entered_on"},
		amountColumn,
	}...),
}

var needStages = &need{
	what: "the histories of the deals' stages", known: "when it began and when it ended",
	loaded: "exists (select from opportunity_change c where c.field = 'stage_id' and :told)",
}

// told tests that a row c of the log was known at the builder's revision and
// held by its instant.
func (b *builder) told() string {
	test := "c.retracted is null"
	if r := b.at.revision; r != 0 {
		at := b.arg(r) + "::bigint"
		test = "c.revision <= " + at + " and (c.retracted is null or c.retracted > " + at + ")"
	}
	if !b.at.instant.IsZero() {
		test += " and c.valid_at <= " + b.moment(b.at.instant)
	}
	return test
}

// entriesSQL selects the stages that a deal entered, one after the other by nth,
// and when; null is since ever. %s are the deal's id and what tells which rows
// of the log count.
const entriesSQL = `
        select stage_id, nullif(valid_at, '-infinity') as at, nth
        from (
            select *, lag(stage_id) over (order by nth) as before
            from (
                select case c.field when 'deal' then c.new::jsonb ->> 'stage_id' else c.new end::bigint as stage_id, c.valid_at,
                       row_number() over (order by c.valid_at, c.revision, c.step) as nth,
                       c.revision = max(c.revision) over (partition by c.valid_at) as last_word
                from opportunity_change c
                where c.opportunity_id = %s and c.field in ('deal', 'stage_id') and %s
            ) said
            where last_word
        ) spoken
        where stage_id is distinct from before`

// entries writes the stages that the deal of the id entered.
func (b *builder) entries(id string) string { return fmt.Sprintf(entriesSQL, id, b.told()) }

// zone binds the company's zone.
func (b *builder) zone() string { return b.arg(b.plan.company.Zone.String()) + "::text" }

// visitsSQL selects visits to open stages, with the days on which the deal
// entered the stage, left it, and first entered a later one of the same process
// or was won. %s are the entries, the zone twice more, and which deals count.
const visitsSQL = `(
    select d.id, d.external_id, d.name, d.account_id, d.product_id, d.owner_id, d.amount_minor, d.currency,
           d.loss_reason, d.competitor, d.source, d.kind, visit.*
    from opportunity d
    cross join lateral (
        with entry as (%s
        ), visit as (
            select *, lead(at) over turns as next_at, row_number() over (partition by stage_id order by nth) = 1 as first
            from entry
            window turns as (order by nth)
        )
        select visit.nth, visit.stage_id, visit.first,
               (visit.at at time zone asked.zone)::date as entered_on, (visit.next_at at time zone asked.zone)::date as left_on,
               (
                   select (min(later.at) at time zone asked.zone)::date
                   from entry later
                   join stage further on further.id = later.stage_id
                   where later.nth > visit.nth
                     and (further.outcome = 'won' or further.outcome = 'open' and further.position > stage.position
                          and further.process_id is not distinct from stage.process_id)
               ) as passed_on
        from visit
        join stage on stage.id = visit.stage_id and stage.outcome = 'open'
        cross join (select %s as zone) asked
    ) visit
    where not d.deleted%s
)`

// visits writes the visits. Where only those of some days are asked for, only
// deals that moved in those days are looked at.
func (b *builder) visits() string {
	if b.undated && !b.span.from.IsZero() {
		b.span.to = time.Time{}
	}
	test := b.changedIn("stage_id")
	if b.undated && test != "" {
		test = "(" + test + " or d.stage_id in (select id from stage where outcome = 'open'))"
	}
	return b.visitsOf(test)
}

// changedIn tests that a field of a deal d changed in the days asked about;
// empty if all days are.
func (b *builder) changedIn(field string) string {
	days := ""
	if from := b.span.from; !from.IsZero() {
		days += " and c.valid_at >= " + b.moment(b.plan.company.midnight(from))
	}
	if to := b.span.to; !to.IsZero() {
		days += " and c.valid_at < " + b.moment(b.plan.company.midnight(to))
	}
	if days == "" {
		return ""
	}
	return "d.id in (select c.opportunity_id from opportunity_change c where c.field = '" + field + "'" + days + ")"
}

// midnight is the moment at which a day begins at the company.
func (c Company) midnight(day time.Time) time.Time {
	return Midnight(day.Year(), day.Month(), day.Day(), c.Zone)
}

// visitsOf writes the visits of the deals d that pass a test, all if it is
// empty.
func (b *builder) visitsOf(test string) string {
	if test != "" {
		test = "\n      and " + test
	}
	return fmt.Sprintf(visitsSQL, b.entries("d.id"), b.zone(), test)
}

// currentSQL joins the visit that a deal is on, with the day on which it began,
// if that is known. %s are the entries and the zone.
const currentSQL = `left join lateral (
    select (at at time zone %s)::date as entered_on
    from (%s
    ) entry
    order by nth desc
    limit 1
) visit on true`

func (b *builder) currentVisit() string { return fmt.Sprintf(currentSQL, b.zone(), b.entries("o.id")) }

// usualSQL joins how long four in five visits to the deal's stage lasted, of the
// deals that were won since.
const usualSQL = `left join (
    select o.stage_id, percentile_disc(0.8) within group (order by o.left_on - o.entered_on) as days
    from %s o
    group by o.stage_id
) usual on usual.stage_id = o.stage_id`

func (b *builder) usualVisits() string {
	return fmt.Sprintf(usualSQL, b.visitsOf("d.stage_id in (select id from stage where outcome = 'won')"))
}

// How long a deal has been at its stage, and whether that is too long. Both are
// unknown where it is not known when it came there; too long also where nothing
// says how long is.
var (
	ageColumn = &column{
		name: "days_at_stage", kind: kindDays, value: "asked.day - visit.entered_on", from: []join{joinAsked, joinVisit}, needs: needStages,
	}
	stalledColumn = overstayed("stalled", "usual.days")
	agedColumn    = overstayed("aged", "coalesce(stage.expected_days, usual.days)")
)

// overstayed tells by yes or no whether a deal has been at its stage for more
// days than a limit.
func overstayed(name, limit string) *column {
	return &column{
		name: name, kind: kindText, words: []string{yes, no}, needs: needStages,
		value:  "case when asked.day - visit.entered_on > " + limit + " then 'yes' when asked.day - visit.entered_on <= " + limit + " then 'no' end",
		from:   []join{joinStage, joinAsked, joinVisit, joinUsual},
		unsure: "of which it is not known since when they are at their stage, or how long is too long there",
	}
}
