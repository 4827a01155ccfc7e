package metric_test

import (
	"slices"
	"time"
)

// What the metrics mean that tell a running figure: the day on which that of a
// day begins.

func init() {
	run := func(since func(o *oracle, on day) day) measure {
		m := measures["won_revenue"]
		m.since = since
		return m
	}
	measures["won_revenue_running_ytd"] = run(func(o *oracle, on day) day {
		for first := on; ; first-- {
			if bucket(o.co, "year", first) == first {
				return first
			}
		}
	})
	measures["won_revenue_running_12m"] = run(func(_ *oracle, on day) day {
		y, m, d := on.time().Date()
		if m == time.February && d == 29 {
			d = 28
		}
		return day(time.Date(y-1, m, d+1, 0, 0, 0, 0, time.UTC).Sub(day(0).time()) / (24 * time.Hour))
	})
}

// ran is the day whose running figure the days have.
func (o *oracle) ran(till day) day {
	if till == noDay || till > o.today {
		return o.today
	}
	return till - 1
}

// told are the days that were asked for: for a running figure without any, those
// that begin with it; a year goes on to its end.
func (o *oracle) told(from, till day) (day, day) {
	if o.measure().since == nil || from != noDay || till != noDay {
		return from, till
	}
	from = o.measure().since(o, o.today)
	for till = o.today + 1; o.q.Metric == "won_revenue_running_ytd" && bucket(o.co, "year", till) == from; till++ {
	}
	return from, till
}

// window are the days whose facts a figure of the days told counts.
func (o *oracle) window(from, till day) (day, day) {
	if o.measure().since == nil {
		return from, till
	}
	last := o.ran(till)
	return o.measure().since(o, last), max(last+1, 0) // before that nothing happened
}

// isAhead reports whether a running figure has not begun, or has no steps.
func (o *oracle) isAhead(from, till day) bool {
	if o.measure().since == nil {
		return false
	}
	told, end := o.told(from, till)
	stepped := len(o.q.By) > 0 && slices.Contains(steps, o.q.By[len(o.q.By)-1])
	return o.ran(end) < told || stepped && (told == noDay || end == noDay)
}

// runs lists the facts of each step, as often as a running figure counts them.
func (o *oracle) runs(step string, from, till day) []deal {
	var out []deal
	last := o.ran(till)
	for on := max(from, 0); on <= last; on++ {
		if on != last && o.bucket(step, on) == o.bucket(step, on+1) {
			continue
		}
		for _, d := range o.counted(o.measure().since(o, on), on+1) {
			d.run = o.bucket(step, on)
			out = append(out, d)
		}
	}
	return out
}
