package metric

import "time"

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

// months returns how many whole months the days make up; 0 when they do not.
// Fiscal quarters and years are whole months, whenever the fiscal year starts.
func (d days) months() int {
	if d.from.Day() != 1 || d.to.Day() != 1 {
		return 0
	}
	return 12*(d.to.Year()-d.from.Year()) + int(d.to.Month()) - int(d.from.Month())
}

// previous returns the bounded days to compare with: as many months before, if
// they are whole months, or else as many days before. When today is among the
// days only as many of the previous ones are taken as have begun, today
// included, so that a part is never set against a whole. It reports false when
// none has begun.
func (d days) previous(today time.Time) (days, bool) {
	before := days{d.from.AddDate(0, 0, -d.count()), d.from}
	if n := d.months(); n > 0 {
		before.from = d.from.AddDate(0, -n, 0)
	}
	begun := daysBetween(d.from, today) + 1
	if begun < d.count() && begun < before.count() {
		before.to = before.from.AddDate(0, 0, begun)
	}
	return before, begun > 0
}

// start returns the first day of the bucket that holds the day.
func (g Granularity) start(day time.Time, c Company) time.Time {
	first := day.AddDate(0, 0, 1-day.Day())
	switch g {
	case Week:
		return day.AddDate(0, 0, -int(day.Weekday()-c.WeekStart+7)%7)
	case Month:
		return first
	case Quarter:
		return first.AddDate(0, -int(day.Month()-c.FiscalStart+12)%3, 0)
	case Year:
		return first.AddDate(0, -int(day.Month()-c.FiscalStart+12)%12, 0)
	default:
		return day
	}
}

// next returns the first day of the following bucket.
func (g Granularity) next(start time.Time) time.Time {
	switch g {
	case Week:
		return start.AddDate(0, 0, 7)
	case Month:
		return start.AddDate(0, 1, 0)
	case Quarter:
		return start.AddDate(0, 3, 0)
	case Year:
		return start.AddDate(1, 0, 0)
	default:
		return start.AddDate(0, 0, 1)
	}
}

// maxBuckets bounds how many time buckets one answer can have.
const maxBuckets = 1000

// buckets lists the first days of the buckets that the days touch; one more
// than maxBuckets at most.
func (g Granularity) buckets(d days, c Company) []time.Time {
	var starts []time.Time
	for s := g.start(d.from, c); s.Before(d.to) && len(starts) <= maxBuckets; s = g.next(s) {
		starts = append(starts, s)
	}
	return starts
}

// sql writes start for a day's expression.
func (g Granularity) sql(b *builder, day string, c Company) string {
	switch g {
	case Week:
		return "(" + day + " - (extract(dow from " + day + ")::int - " + b.arg(int64(c.WeekStart)) + "::int + 7) % 7)"
	case Month:
		return "date_trunc('month', " + day + "::timestamp)::date"
	case Quarter:
		return fiscalStart(b, "quarter", day, int64(c.FiscalStart-1)%3)
	case Year:
		return fiscalStart(b, "year", day, int64(c.FiscalStart-1))
	default:
		return day
	}
}

// fiscalStart moves the day back to the calendar's quarter or year, finds its
// start there, and moves forth again.
func fiscalStart(b *builder, unit, day string, months int64) string {
	shift := "make_interval(months => " + b.arg(months) + "::int)"
	return "(date_trunc('" + unit + "', " + day + " - " + shift + ") + " + shift + ")::date"
}
