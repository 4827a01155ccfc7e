package ask

import "time"

// This file reads the days of the week: "last friday", "wednesday of next week",
// "the first monday of october".

var weekdays = map[string]time.Weekday{
	"monday": time.Monday, "mon": time.Monday, "tuesday": time.Tuesday, "tue": time.Tuesday, "tues": time.Tuesday,
	"wednesday": time.Wednesday, "wed": time.Wednesday, "thursday": time.Thursday, "thu": time.Thursday, "thurs": time.Thursday,
	"friday": time.Friday, "fri": time.Friday, "saturday": time.Saturday, "sunday": time.Sunday,
}

// readWeekday reads "monday", "last friday", "next tuesday", "this thursday". The
// one of this week may lie behind or ahead; without a word before it, a weekday is
// today or the latest one before today.
func (c calendar) readWeekday(ts []token) (part, int) {
	n, step := 0, 0
	if len(ts) > 1 {
		if s, ok := steps[ts[0].word]; ok {
			n, step = 1, s
		}
	}
	if n >= len(ts) {
		return part{}, 0
	}
	weekday, ok := weekdays[ts[n].word]
	if !ok {
		return part{}, 0
	}
	switch {
	case step < 0:
		return c.firstFrom(c.plusDays(c.today, -7), weekday), n + 1
	case step > 0:
		return c.firstFrom(c.plusDays(c.today, 1), weekday), n + 1
	case n > 0:
		return c.firstFrom(c.start(c.today, week), weekday), n + 1
	default:
		return c.firstFrom(c.plusDays(c.today, -6), weekday), n + 1
	}
}

// readWeekdayOfWeek reads "wednesday of next week" and "monday this week".
func (c calendar) readWeekdayOfWeek(ts []token) (part, int) {
	n := 1
	if is(ts, n, "of") {
		n++
	}
	if len(ts) < n+2 || units[ts[n+1].word] != week || len(ts[n+1].word) < 2 {
		return part{}, 0
	}
	weekday, ok := weekdays[ts[0].word]
	step, stepped := steps[ts[n].word]
	if !ok || !stepped {
		return part{}, 0
	}
	return c.firstFrom(c.plusDays(c.start(c.today, week), 7*step), weekday), n + 2
}

// readNthWeekday reads "the first monday of october" and "last friday of the
// month".
func (c calendar) readNthWeekday(ts []token) (part, int) {
	n := countArticle(ts)
	nth, used := readOrdinal(ts[n:])
	last := is(ts, n, "last")
	if last {
		used = 1
	}
	n += used
	if used == 0 || len(ts) < n+3 || !isPhraseAny(ts[n+1:], "of", "in") {
		return part{}, 0
	}
	weekday, ok := weekdays[ts[n].word]
	of, more := c.readWholeUnit(ts[n+2:])
	if !ok || more == 0 {
		return part{}, 0
	}
	at := func(p part) part {
		on := c.firstFrom(p.From, weekday)
		if last {
			on = c.firstFrom(c.plusDays(p.To, -7), weekday)
		} else {
			on = c.oneDay(c.plusDays(on.From, 7*(nth-1)))
		}
		if p.From.IsZero() || !on.From.Before(p.To) {
			return part{}
		}
		return on
	}
	if of.inYear != nil {
		place := of.inYear
		return part{unit: day, count: 1, inYear: func(y int) part { return at(place(y)) }}, n + 2 + more
	}
	if on := at(of); !on.From.IsZero() {
		return on, n + 2 + more
	}
	return part{}, 0
}

// readWholeUnit reads one month, quarter or year: "october", "next month", "the year".
func (c calendar) readWholeUnit(ts []token) (part, int) {
	if n := countArticle(ts); n > 0 && n < len(ts) {
		if u := units[ts[n].word]; u == month || u == quarter || u == year {
			return c.relative(u, 0, false), n + 1
		}
	}
	p, n := c.readPlain(ts)
	if p.count != 1 || p.toDate || p.unit != month && p.unit != quarter && p.unit != year {
		return part{}, 0
	}
	return p, n
}
