package metric

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Pace sets what has been booked against what was to be booked so far: as much
// of a quota as working days of its own period have gone by, the day asked about
// included, of all it has. They are the company's: its weekdays of work, without
// its holidays. What is expected of one quota is rounded to minor units, halves
// up, so that the parts of a team add up to the team. Of a quota whose period has
// no working day, all is expected from the last day on.
//
// A quota that was revised counts as what is known of it now, or at an earlier
// revision as what was known then; who joined in the middle has a quota of the
// days since, and its working days are those.

// expectedSQL is what is expected of a quota so far, in minor units.
const expectedSQL = `case when worked.whole > 0
            then sign(o.amount_minor::numeric) * div(2 * abs(o.amount_minor::numeric) * worked.gone + worked.whole, 2 * worked.whole)
            when worked.over then o.amount_minor else 0 end`

var expectedColumn = &column{name: "expected", kind: kindMoney, value: expectedSQL, from: []join{joinWorked}, needs: needQuota}

// workedSQL joins how many working days a quota has, how many of them have
// gone, and whether all of its days have.
func (b *builder) workedSQL() string {
	day, co := b.day(b.at.day), b.plan.company
	var weekdays, holidays []string
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if co.worksOn(weekday) {
			weekdays = append(weekdays, fmt.Sprint(int(weekday)))
		}
	}
	for _, h := range co.Holidays {
		if date := h.Day.Format(time.DateOnly); co.worksOn(h.Day.Weekday()) && !slices.Contains(holidays, date) {
			holidays = append(holidays, date)
		}
	}
	worksOn, closedOn := b.arg("{"+strings.Join(weekdays, ",")+"}")+"::int[]", b.arg(arrayOf(holidays))+"::date[]"
	// Days are counted from a Sunday, so that each weekday comes once in seven.
	counted := func(until string) string {
		days := "(" + until + " - date '1899-12-31')"
		return "(select coalesce(sum(floor((" + days + " + 6 - weekday) / 7.0)), 0) from unnest(" + worksOn + ") weekday)" +
			" - (select count(*) from unnest(" + closedOn + ") holiday where holiday < " + until + ")"
	}
	return `cross join lateral (
    select until.last - until.first as whole, greatest(until.now - until.first, 0) as gone, o.ends_on <= ` + day + ` as over
    from (
        select ` + counted("o.starts_on") + ` as first,
               ` + counted("(o.ends_on + 1)") + ` as last,
               ` + counted("(least(o.ends_on, "+day+") + 1)") + ` as now
    ) until
) worked`
}

// WorkingDays are those of a period, and how many of them have gone by a day.
type WorkingDays struct {
	Gone, Of int
	Day      string // ISO; it is among those that have gone
}

// workingDays tells how much of the period asked for has gone, where that is
// what is expected by; nil else.
func (p *Plan) workingDays() *WorkingDays {
	ofPace := func(m *Metric) bool {
		return m.expr == expectedColumn || m.Type == TypeRatio && m.formula == nil && m.denominator.expr == expectedColumn
	}
	if !p.told.bounded() || !ofPace(p.Metric) && !slices.ContainsFunc(p.Metric.inputs, ofPace) {
		return nil
	}
	out := &WorkingDays{Of: p.company.CountWorkingDays(p.told.from, p.told.to), Day: p.standing.day.Format(time.DateOnly)}
	if gone := p.standing.day.AddDate(0, 0, 1); gone.Before(p.told.to) {
		out.Gone = p.company.CountWorkingDays(p.told.from, gone)
	} else {
		out.Gone = out.Of
	}
	return out
}
