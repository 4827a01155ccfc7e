package insights

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"salesbot/insights/metric"
)

// Schedule is a wall-clock time on days of the week, in an IANA zone: what a
// person means by "every Monday at 8", whatever the clocks do in between.
type Schedule struct {
	Days   []time.Weekday `json:"days"` // in the order of the week from Monday; never empty
	Hour   int            `json:"hour"`
	Minute int            `json:"minute"`
	Zone   string         `json:"zone"`
	// ButHolidays leaves out the holidays of the company.
	ButHolidays bool `json:"but_holidays,omitempty"`
}

// mostSkipped bounds how many days in a row are looked at for one that is no
// holiday.
const mostSkipped = 400

// Next is the first moment of the schedule after the one given, by the company's
// holidays as they are known now. A wall-clock
// time that a change of the clocks leaves out is the first minute after it; a
// time that happens twice is the first of the two.
func (s Schedule) Next(after time.Time, co metric.Company) (time.Time, error) {
	zone, err := time.LoadLocation(s.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("schedule in zone %q: %w", s.Zone, err)
	}
	if len(s.Days) == 0 {
		return time.Time{}, fmt.Errorf("a schedule without days")
	}
	local := after.In(zone)
	for offset := range mostSkipped {
		day := time.Date(local.Year(), local.Month(), local.Day()+offset, 12, 0, 0, 0, zone)
		if !slices.Contains(s.Days, day.Weekday()) || s.ButHolidays && co.IsHoliday(metric.Midnight(day.Year(), day.Month(), day.Day(), time.UTC)) {
			continue
		}
		if at := wallClock(day, s.Hour, s.Minute); at.After(after) {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("a schedule without a next time")
}

// NextThree are the next three moments, so that people can see what they asked
// for.
func (s Schedule) NextThree(after time.Time, co metric.Company) ([]time.Time, error) {
	var times []time.Time
	for range 3 {
		next, err := s.Next(after, co)
		if err != nil {
			return nil, err
		}
		times = append(times, next)
		after = next
	}
	return times, nil
}

// wallClock is the moment at which the clocks of the day's zone show hour and
// minute.
func wallClock(day time.Time, hour, minute int) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, day.Location())
	begin, end := at.ZoneBounds()
	if at.Hour() != hour || at.Minute() != minute {
		if at.Sub(begin).Abs() < end.Sub(at).Abs() {
			return begin
		}
		return end
	}
	if begin.IsZero() {
		return at
	}
	_, before := begin.Add(-time.Second).Zone()
	_, now := at.Zone()
	if twice := time.Duration(before-now) * time.Second; at.Sub(begin) < twice {
		return at.Add(-twice)
	}
	return at
}

// String writes the schedule as people say it: "every Monday at 08:00
// (Europe/Berlin)".
func (s Schedule) String() string {
	but := ""
	if s.ButHolidays {
		but = " but holidays"
	}
	return fmt.Sprintf("every %s%s at %02d:%02d (%s)", s.dayWords(), but, s.Hour, s.Minute, s.Zone)
}

func (s Schedule) dayWords() string {
	switch {
	case len(s.Days) == 7:
		return "day"
	case slices.Equal(s.Days, Weekdays()):
		return "weekday"
	}
	names := make([]string, len(s.Days))
	for i, d := range s.Days {
		names[i] = d.String()
	}
	return strings.Join(names, ", ")
}

// Weekdays are Monday to Friday.
func Weekdays() []time.Weekday {
	return []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
}
