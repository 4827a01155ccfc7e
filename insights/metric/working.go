package metric

import "time"

// Holiday is a day on which the company does not work. Day is midnight UTC.
type Holiday struct {
	Day  time.Time
	Name string
}

var mondayToFriday = [7]bool{time.Monday: true, time.Tuesday: true, time.Wednesday: true, time.Thursday: true, time.Friday: true}

// IsWorkingDay reports whether the company works on a day, given as midnight
// UTC: on its weekdays of work, but not on holidays.
func (c Company) IsWorkingDay(day time.Time) bool {
	return c.worksOn(day.Weekday()) && !c.IsHoliday(day)
}

// worksOn reports whether the company works on a weekday that is no holiday.
// One that never works is not one: it has not said when it does.
func (c Company) worksOn(weekday time.Weekday) bool {
	return c.WorkingDays[weekday] || c.WorkingDays == [7]bool{}
}

// IsHoliday reports whether a day, given as midnight UTC, is a holiday of the
// company, on whatever weekday.
func (c Company) IsHoliday(day time.Time) bool {
	for _, h := range c.Holidays {
		if h.Day.Equal(day) {
			return true
		}
	}
	return false
}

// CountWorkingDays counts the days from one until before another, each as midnight
// UTC, on which the company works; 0 when the second is not later.
func (c Company) CountWorkingDays(from, to time.Time) int {
	if !from.Before(to) {
		return 0
	}
	whole, n := daysBetween(from, to)/7, 0
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if c.worksOn(weekday) {
			n += whole
		}
	}
	for day := from.AddDate(0, 0, 7*whole); day.Before(to); day = day.AddDate(0, 0, 1) {
		if c.worksOn(day.Weekday()) {
			n++
		}
	}
	for i, h := range c.Holidays {
		counted := !h.Day.Before(from) && h.Day.Before(to) && c.worksOn(h.Day.Weekday())
		if counted && !(Company{Holidays: c.Holidays[:i]}).IsHoliday(h.Day) {
			n--
		}
	}
	return n
}

// AddWorkingDays returns the n-th working day after a day, given as midnight
// UTC, or before it when n is negative; the day itself when n is 0.
func (c Company) AddWorkingDays(day time.Time, n int) time.Time {
	step := 1
	if n < 0 {
		step, n = -1, -n
	}
	for n > 0 {
		day = day.AddDate(0, 0, step)
		if c.IsWorkingDay(day) {
			n--
		}
	}
	return day
}
