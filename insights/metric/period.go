package metric

import (
	"strconv"
	"strings"
	"time"
)

// days is a half-open range of calendar days, each as midnight UTC, so that
// they can be counted. A zero side is open.
type days struct{ from, to time.Time }

// Midnight is the first instant of a day: where the clocks go over midnight as
// they are put forward, that is one o'clock. time.Date would give an instant of
// the day before.
func Midnight(y int, m time.Month, d int, zone *time.Location) time.Time {
	t, noon := time.Date(y, m, d, 0, 0, 0, 0, zone), time.Date(y, m, d, 12, 0, 0, 0, zone)
	if t.Day() == noon.Day() {
		return t
	}
	_, before := t.Zone()
	_, after := noon.Zone()
	return t.Add(time.Duration(after-before) * time.Second)
}

// civil returns the calendar day that t is the beginning of, where t stands.
// A day that begins with a change of clocks may begin an hour off midnight.
func civil(t time.Time) (day time.Time, ok bool) {
	if t.IsZero() {
		return time.Time{}, true
	}
	t = t.Add(time.Hour)
	y, m, d := t.Date()
	begins := time.Date(y, m, d, 0, 0, 0, 0, t.Location())
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), t.Sub(begins) <= 2*time.Hour
}

// today returns the calendar day of now in the company's zone.
func (c Company) today(now time.Time) time.Time {
	y, m, d := now.In(c.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// days returns the calendar days of the period, and false when it does not
// begin and end with days or holds none.
func (p Period) days() (days, bool) {
	from, ok1 := civil(p.From)
	to, ok2 := civil(p.To)
	d := days{from, to}
	return d, ok1 && ok2 && (!d.bounded() || from.Before(to))
}

// period returns the days as a Period in the company's zone, labelled with its
// first and last day.
func (d days) period(c Company) Period {
	const layout = "2 Jan 2006"
	in := func(day time.Time) time.Time {
		y, m, dd := day.Date()
		return Midnight(y, m, dd, c.Zone)
	}
	label := d.from.Format(layout)
	if d.count() > 1 {
		label += " – " + d.to.AddDate(0, 0, -1).Format(layout)
	}
	return Period{From: in(d.from), To: in(d.to), Label: label}
}

func (d days) bounded() bool { return !d.from.IsZero() && !d.to.IsZero() }

// count returns the number of days of a bounded range.
func (d days) count() int { return daysBetween(d.from, d.to) }

func daysBetween(from, to time.Time) int { return int(to.Sub(from) / (24 * time.Hour)) }

// months returns how many whole months of the calendar the days make up; 0 when
// they do not. Fiscal quarters and years are whole months, whenever the fiscal
// year starts, unless it is cut by weeks.
func (d days) months() int {
	if d.from.Day() != 1 || d.to.Day() != 1 {
		return 0
	}
	return 12*(d.to.Year()-d.from.Year()) + int(d.to.Month()) - int(d.from.Month())
}

// previous returns the bounded days to compare with: as many months before, if
// they are whole months, those of the fiscal calendar first, or else as many
// days before. When today is among the days only as many of the previous ones
// are taken as have begun, today included, so that a part is never set against
// a whole. It reports false when none has begun.
func (c Company) previous(d days, today time.Time) (days, bool) {
	before := days{d.from.AddDate(0, 0, -d.count()), d.from}
	if n := c.months(d); n > 0 {
		before.from = c.Step(Month, d.from, -n)
	} else if n := d.months(); n > 0 {
		before.from = d.from.AddDate(0, -n, 0)
	}
	return before.begunLike(d, today)
}

// begunLike keeps of the days that others are set against as many as have begun
// of those, today included. It reports false when none has begun.
func (d days) begunLike(others days, today time.Time) (days, bool) {
	begun := daysBetween(others.from, today) + 1
	if begun < others.count() && begun < d.count() {
		d.to = d.from.AddDate(0, 0, begun)
	}
	return d, begun > 0
}

// maxBuckets bounds how many time buckets one answer can have.
const maxBuckets = 1000

// buckets lists the first days of the buckets that the days touch; one more
// than maxBuckets at most.
func (c Company) buckets(g Granularity, d days) []time.Time {
	var starts []time.Time
	for s := c.Start(g, d.from); s.Before(d.to) && len(starts) <= maxBuckets; s = c.Step(g, s, 1) {
		starts = append(starts, s)
	}
	return starts
}

// startSQL writes Start for a day's expression.
func (c Company) startSQL(b *builder, g Granularity, day string) string {
	switch months := monthsOf[g]; {
	case g == Week:
		return "(" + day + " - (extract(dow from " + day + ")::int - " + b.arg(int64(c.WeekStart)) + "::int + 7) % 7)"
	case months == 0:
		return day
	case c.Calendar.InWeeks():
		return c.weeksSQL(b, g, day)
	case g == Month:
		return "date_trunc('month', " + day + "::timestamp)::date"
	default:
		return fiscalStart(b, string(g), day, int64(c.FiscalStart-1)%int64(months))
	}
}

// weeksSQL writes Start where years are whole weeks: from the first day of the
// year on, as many weeks as the units before take. The year is the one whose
// month of the calendar begins last by three days after the day, unless its
// weeks begin after it; then it is the one before.
func (c Company) weeksSQL(b *builder, g Granularity, day string) string {
	first := fiscalStart(b, "year", "("+day+" + 3)", int64(c.FiscalStart-1))
	weekday := b.arg(int64(c.WeekStart)) + "::int"
	nearest := func(first string) string {
		return first + " - 3 + (" + weekday + " - extract(dow from " + first + ")::int + 10) % 7"
	}
	var weeks []string
	for _, n := range c.Calendar.begins(g) {
		weeks = append(weeks, strconv.Itoa(n))
	}
	begins := b.arg("{"+strings.Join(weeks, ",")+"}") + "::int[]"
	return "(select begins + 7 * (" + begins + ")[width_bucket((" + day + " - begins) / 7, " + begins + ")]" +
		" from (select case when " + day + " >= " + nearest("first") + " then " + nearest("first") + " else " + nearest("before") + " end as begins" +
		" from (select " + first + " as first, (" + first + " - interval '1 year')::date as before) nominal) year)"
}

// fiscalStart moves the day back to the calendar's quarter or year, finds its
// start there, and moves forth again.
func fiscalStart(b *builder, unit, day string, months int64) string {
	shift := "make_interval(months => " + b.arg(months) + "::int)"
	return "(date_trunc('" + unit + "', " + day + " - " + shift + ") + " + shift + ")::date"
}
