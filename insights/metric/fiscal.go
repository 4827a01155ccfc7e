package metric

import "time"

// Calendar is how a fiscal year is cut into quarters and months.
//
// Gregorian cuts it into the calendar's months. The others are the calendars of
// retail and finance, in which a year is whole weeks and each of its quarters
// has 13, cut into three months of 4 and 5 weeks in the order that the name
// tells. Their year begins on the first day of the week that is nearest to the
// first day of the month in which fiscal years start, so that it ends on the
// last day of the week nearest to the end of the month before. That gives a year
// of 52 weeks, and one of 53 every five or six years, whose last week goes to
// the last month. With weeks from Sunday and years from February, "454" is the
// calendar of the National Retail Federation
// (https://nrf.com/resources/4-5-4-calendar); the nearest day is one of the two
// that 26 CFR 1.441-2 allows for years of 52 and 53 weeks.
type Calendar string

// The calendars.
const (
	Gregorian Calendar = "gregorian"
	Weeks445  Calendar = "445"
	Weeks454  Calendar = "454"
	Weeks544  Calendar = "544"
)

// weeksInQuarter are the weeks of the months of a quarter.
var weeksInQuarter = map[Calendar][3]int{Weeks445: {4, 4, 5}, Weeks454: {4, 5, 4}, Weeks544: {5, 4, 4}}

// Known reports whether there is such a calendar.
func (cal Calendar) Known() bool { return cal == "" || cal == Gregorian || cal.InWeeks() }

// InWeeks reports whether fiscal months, quarters and years are whole weeks,
// and so other days than those of the calendar.
func (cal Calendar) InWeeks() bool {
	_, ok := weeksInQuarter[cal]
	return ok
}

// begins lists how many weeks into the year its units begin, where years are
// whole weeks.
func (cal Calendar) begins(g Granularity) []int {
	switch g {
	case Month:
		var starts []int
		at := 0
		for range 4 {
			for _, weeks := range weeksInQuarter[cal] {
				starts = append(starts, at)
				at += weeks
			}
		}
		return starts
	case Quarter:
		return []int{0, 13, 26, 39}
	case Half:
		return []int{0, 26}
	default:
		return []int{0}
	}
}

// monthsOf is how many months make up a unit that consists of months.
var monthsOf = map[Granularity]int{Month: 1, Quarter: 3, Half: 6, Year: 12}

// YearStart returns the first day, as midnight UTC, of the fiscal year called
// y: it is called by the calendar year in which it ends or, where it starts in
// January, by that January.
func (c Company) YearStart(y int) time.Time {
	if c.FiscalStart != time.January {
		y--
	}
	first := time.Date(y, c.FiscalStart, 1, 0, 0, 0, 0, time.UTC)
	if !c.Calendar.InWeeks() {
		return first
	}
	earliest := first.AddDate(0, 0, -3)
	return earliest.AddDate(0, 0, int(c.WeekStart-earliest.Weekday()+7)%7)
}

// YearOf returns what the fiscal year is called that holds the day.
func (c Company) YearOf(day time.Time) int {
	y := day.Year() + 1
	for day.Before(c.YearStart(y)) {
		y--
	}
	return y
}

// Start returns the first day of the unit that holds the day, both midnight
// UTC.
func (c Company) Start(g Granularity, day time.Time) time.Time {
	switch months := monthsOf[g]; {
	case g == Week:
		return day.AddDate(0, 0, -int(day.Weekday()-c.WeekStart+7)%7)
	case months == 0:
		return day
	case c.Calendar.InWeeks():
		n, y := c.Place(g, day)
		return c.nth(g, n, y)
	default:
		first := day.AddDate(0, 0, 1-day.Day())
		return first.AddDate(0, -int(day.Month()-c.FiscalStart+12)%months, 0)
	}
}

// Place returns which unit of its fiscal year holds the day, the first being 1,
// and what that year is called. Only months and what is made of them have a
// place.
func (c Company) Place(g Granularity, day time.Time) (n, year int) {
	year = c.YearOf(day)
	if !c.Calendar.InWeeks() {
		return int(day.Month()-c.FiscalStart+12)%12/monthsOf[g] + 1, year
	}
	week := daysBetween(c.YearStart(year), day) / 7
	for _, begins := range c.Calendar.begins(g) {
		if begins <= week {
			n++
		}
	}
	return n, year
}

// Step returns the first day of the unit n units after the one that begins on
// the day, or before it when n is negative.
func (c Company) Step(g Granularity, start time.Time, n int) time.Time {
	switch months := monthsOf[g]; {
	case g == Week:
		return start.AddDate(0, 0, 7*n)
	case months == 0:
		return start.AddDate(0, 0, n)
	case c.Calendar.InWeeks():
		at, y := c.Place(g, start)
		return c.nth(g, at+n, y)
	default:
		return start.AddDate(0, n*months, 0)
	}
}

// nth returns the first day of the n-th unit of the year called y; below 1 and
// above the last it goes on in the years beside. Years are whole weeks.
func (c Company) nth(g Granularity, n, y int) time.Time {
	begins := c.Calendar.begins(g)
	in := ((n-1)%len(begins) + len(begins)) % len(begins)
	return c.YearStart(y+(n-1-in)/len(begins)).AddDate(0, 0, 7*begins[in])
}

// months returns how many months of the fiscal calendar the bounded days make
// up; 0 when they are not whole ones.
func (c Company) months(d days) int {
	if !c.Start(Month, d.from).Equal(d.from) || !c.Start(Month, d.to).Equal(d.to) {
		return 0
	}
	n, y := c.Place(Month, d.from)
	m, z := c.Place(Month, d.to)
	return 12*(z-y) + m - n
}
