package metric

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// An expected deal was open as a period began and was to close in it, by how
// deals stood at the end of the day before. What became of it is how it stands at
// the end of the period, or at the moment asked about while that goes on: won,
// lost, moved to a later period, or still open. All else about it, its owner, its
// stage and its amount, is what it was as the period began: what was expected.
//
// A question by month or quarter takes each of those for a period of its own, so
// that what was expected of a quarter is not the sum of what was of its months.
// A deal that was deleted by the end is out. Of a deal whose stage is not known
// as the period began nobody knows whether it was expected.
var expectations = &facts{
	model: "expectation", noun: "expected deal", rebuilt: (*builder).expectations, snapshots: true,
	listed: &listable{name: aDeal.name, id: aDeal.id, order: "o.starts_on", describes: aDeal.describes, day: "close_on"},
	columns: append(slices.Clone(ofADeal), []*column{
		{
			name: "fate", kind: kindText, value: "o.fate", words: []string{"won", "lost", "moved", "open", "in_time"},
			unsure: "of which it is not known whether they were open as the period began",
		},
		{name: "starts_on", kind: kindDay, value: "o.starts_on"},
		{name: "close_on", kind: kindDay, value: "o.close_on"},
		amountColumn,
	}...),
}

// fatesSQL selects the expected deals of one period. %s are the first day,
// the deals as it began, its first and its next day, the deals as they stand at
// its end, its next day, and what an open deal is that has not moved.
const fatesSQL = `    select %s as starts_on, was.*,
           case when was.stage_id is null then null
                when later.outcome = 'won' then 'won' when later.outcome = 'lost' then 'lost'
                when later.close_on >= %s then 'moved' else %s end as fate
    from (
        %s
        where not o.deleted and (stage.outcome = 'open' or o.stage_id is null) and o.close_on >= %s and o.close_on < %s
    ) was
    join (
        %s
        where not o.deleted
    ) later on later.id = was.id`

// expectations writes the expected deals of the periods asked about.
func (b *builder) expectations() string {
	var each []string
	for _, span := range b.plan.periods(b.span, b.at.day) {
		before := b.plan.company.midnight(span.from).Add(-time.Microsecond)
		end, otherwise := b.at, "'in_time'"
		if !span.to.After(b.at.day) {
			end = b.standingAt(b.plan.company.midnight(span.to).Add(-time.Microsecond))
			otherwise = "'open'"
		}
		was := b.snapshot(b.standingAt(before), "o.id, o.external_id, o.name, o.account_id, o.product_id, o.owner_id, o.stage_id, o.amount_minor, o.currency,"+
			"\n            o.close_on, o.loss_reason, o.competitor, o.source, o.kind")
		later := b.snapshot(end, "o.id, o.close_on, stage.outcome")
		from, to := b.day(span.from), b.day(span.to)
		each = append(each, fmt.Sprintf(fatesSQL, from, to, otherwise, was, from, to, later))
	}
	return "(\n" + strings.Join(each, "\n    union all\n") + "\n)"
}

// standingAt is how things stood at an instant, as they are known at the
// builder's revision.
func (b *builder) standingAt(instant time.Time) standing {
	return standing{instant: instant, day: b.plan.company.today(instant), revision: b.at.revision}
}

// snapshot selects columns of the deals o at a standing, and of their stages.
func (b *builder) snapshot(at standing, columns string) string {
	here := b.at
	b.at = at
	sql := "select " + columns + "\nfrom opportunity o\nleft join stage on stage.id = o.stage_id"
	sql = b.sources(sql+" deleted close_on") + sql
	b.at = here
	return strings.ReplaceAll(sql, "\n", "\n        ")
}

// periods lists the periods that a question about some days is of: each step of
// time, or all days as one. Those that have not begun by a day are left out.
func (p *Plan) periods(span days, today time.Time) []days {
	all := []days{span}
	if g := p.step(); g != "" {
		all = nil
		for _, start := range p.company.buckets(g, span) {
			next := p.company.Step(g, start, 1)
			all = append(all, days{later(start, span.from), earlier(next, span.to)})
		}
	}
	return slices.DeleteFunc(all, func(d days) bool { return d.from.After(today) })
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// resolveSnapshots refuses what is expected of no period, or compares one that
// goes on.
func (p *Plan) resolveSnapshots() *Refusal {
	m := p.Metric
	if m.formula != nil || !m.facts.snapshots {
		return nil
	}
	switch {
	case !p.asked.bounded():
		return &Refusal{
			Code:    CodeInvalid,
			Message: m.Label + " is of a period: of what was expected of it as it began.",
			Hint:    "Name one, such as last quarter.",
			Instead: []string{phrase(m.Name) + " last quarter"},
		}
	case p.asked.from.After(p.standing.day):
		return invalid("That period has not begun, so nothing that was expected of it is known.")
	case p.before.from.After(p.standing.day):
		return invalid("What it is compared with has not begun, so nothing that was expected of it is known.")
	case p.Query.Compare != "" && p.asked.to.AddDate(0, 0, -1).After(p.standing.day):
		return invalid("A period that goes on cannot be compared by what became of its deals.")
	default:
		return nil
	}
}
