package ask

import (
	"fmt"
	"time"

	"salesbot/insights/metric"
)

// unit is a stretch of the calendar.
type unit string

const (
	day     unit = "day"
	week    unit = "week"
	month   unit = "month"
	quarter unit = "quarter"
	half    unit = "half"
	year    unit = "year"
)

// monthsIn is how many months make up a unit that consists of months.
var monthsIn = map[unit]int{month: 1, quarter: 3, half: 6, year: 12}

// granularities are the units that fiscal years are cut into.
var granularities = map[unit]metric.Granularity{
	month: metric.Month, quarter: metric.Quarter, half: metric.Half, year: metric.Year,
}

// calendar places words such as "last quarter" on the days of a company.
type calendar struct {
	today   time.Time // midnight in the company's zone
	company metric.Company
	// ahead reads a month or quarter without a year as the next that has not
	// ended, instead of the latest that has begun: pipeline lies ahead.
	ahead bool
	order DateOrder
}

// DateOrder says which number of a date such as 3/4/2017 comes first.
type DateOrder string

// The orders; without one, dates that can be read in both are asked back.
const (
	MonthFirst DateOrder = "mdy"
	DayFirst   DateOrder = "dmy"
)

func newCalendar(at time.Time, c metric.Company) calendar {
	zone := c.Zone
	if zone == nil {
		zone = time.UTC
	}
	if c.FiscalStart < time.January || c.FiscalStart > time.December {
		c.FiscalStart = time.January
	}
	y, m, d := at.In(zone).Date()
	return calendar{today: metric.Midnight(y, m, d, zone), company: c}
}

// isFiscal reports whether years are others than those of the calendar.
func (c calendar) isFiscal() bool { return c.company.FiscalStart != time.January || c.inWeeks() }

// inWeeks reports whether months, quarters and years are whole weeks.
func (c calendar) inWeeks() bool { return c.company.Calendar.InWeeks() }

// cutsOwn reports whether the unit is another than the calendar's of that name.
func (c calendar) cutsOwn(u unit) bool {
	return c.isFiscal() && (monthsIn[u] > 1 || u == month && c.inWeeks())
}

// civil is the same calendar with years that begin in January and are cut into
// the calendar's months.
func (c calendar) civil() calendar {
	c.company.FiscalStart, c.company.Calendar = time.January, metric.Gregorian
	return c
}

// dayOf is the calendar day of a moment, as metric counts them.
func dayOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// on is the first moment of such a day.
func (c calendar) on(day time.Time) time.Time { return c.date(day.Year(), day.Month(), day.Day()) }

func (c calendar) date(y int, m time.Month, d int) time.Time {
	return metric.Midnight(y, m, d, c.today.Location())
}

// plusDays counts days on the wall, so that a change of the clock is no hour
// off.
func (c calendar) plusDays(t time.Time, n int) time.Time {
	return c.date(t.Year(), t.Month(), t.Day()+n)
}

// plusMonths moves by whole months; where the target month is too short for
// the day, it takes that month's last.
func (c calendar) plusMonths(t time.Time, n int) time.Time {
	first := c.date(t.Year(), t.Month()+time.Month(n), 1)
	last := c.date(first.Year(), first.Month()+1, 0).Day()
	return c.date(first.Year(), first.Month(), min(t.Day(), last))
}

// plus is n units from t, which is a unit's first day where those are whole
// weeks.
func (c calendar) plus(t time.Time, u unit, n int) time.Time {
	switch {
	case u == day:
		return c.plusDays(t, n)
	case u == week:
		return c.plusDays(t, 7*n)
	case c.inWeeks():
		return c.on(c.company.Step(granularities[u], dayOf(t), n))
	default:
		return c.plusMonths(t, n*monthsIn[u])
	}
}

// start is the first day of the unit that t lies in.
func (c calendar) start(t time.Time, u unit) time.Time {
	switch u {
	case day:
		return t
	case week:
		return c.on(c.company.Start(metric.Week, dayOf(t)))
	default:
		return c.on(c.company.Start(granularities[u], dayOf(t)))
	}
}

// yearStart is the first day of the year called y: a fiscal year is called by
// the calendar year in which it ends.
func (c calendar) yearStart(y int) time.Time { return c.on(c.company.YearStart(y)) }

// yearOf is what the year that t lies in is called.
func (c calendar) yearOf(t time.Time) int { return c.company.YearOf(dayOf(t)) }

// nth is the n-th unit of the year called y.
func (c calendar) nth(u unit, n, y int) part {
	from := c.plus(c.yearStart(y), u, n-1)
	return c.whole(from, u, 1, c.nthLabel(u, n, y))
}

func (c calendar) nthLabel(u unit, n, y int) string {
	letter := map[unit]string{quarter: "Q", half: "H"}[u]
	switch {
	case u == year && c.isFiscal():
		return fiscalYear(y)
	case u == year:
		return fmt.Sprint(y)
	case c.isFiscal():
		return fmt.Sprintf("F%s%d %s", letter, n, fiscalYear(y))
	default:
		return fmt.Sprintf("%s%d %d", letter, n, y)
	}
}

func fiscalYear(y int) string {
	if y >= 2000 && y < 2100 {
		return fmt.Sprintf("FY%02d", y%100)
	}
	return fmt.Sprintf("FY%d", y)
}

// whole is n units from a unit's first day.
func (c calendar) whole(from time.Time, u unit, n int, label string) part {
	return part{
		Period: metric.Period{From: from, To: c.plus(from, u, n), Label: label},
		unit:   u, count: n, fiscal: c.cutsOwn(u), civil: !c.isFiscal(),
	}
}

// monthOf is a month by its name; it is the same in every fiscal calendar.
func (c calendar) monthOf(m time.Month, y int) part {
	from := c.date(y, m, 1)
	return c.civil().whole(from, month, 1, from.Format("Jan 2006"))
}

// oneDay is a part of a single day.
func (c calendar) oneDay(t time.Time) part {
	return c.whole(t, day, 1, dayLabel(t))
}

func dayLabel(t time.Time) string { return t.Format("2 Jan 2006") }

// between is the part from the first day of one part to the last of another.
func (c calendar) between(a, b part) part {
	last := c.plusDays(b.To, -1)
	return part{Period: metric.Period{
		From: a.From, To: b.To, Label: dayLabel(a.From) + " – " + dayLabel(last),
	}}
}

// before is the part as long as p that ends where p begins.
func (c calendar) before(p part) metric.Period {
	if p.civil && !c.isOwn(p) {
		c = c.civil()
	}
	if p.unit != "" {
		return metric.Period{From: c.plus(p.From, p.unit, -p.count), To: p.From}
	}
	days := int(p.To.Sub(p.From).Hours()+12) / 24
	return metric.Period{From: c.plusDays(p.From, -days), To: p.From}
}

// isOwn reports whether a part that was named as the calendar's happens to be
// whole months of weeks: what is compared with those are such months again.
func (c calendar) isOwn(p part) bool {
	return c.inWeeks() && c.start(p.From, month).Equal(p.From) && c.start(p.To, month).Equal(p.To)
}
