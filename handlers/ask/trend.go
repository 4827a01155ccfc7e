package ask

import (
	"slices"
	"time"

	"salesbot/insights/metric"
)

// A trend is a figure by a step of time: "win rate trend", "pipeline over time". The
// step is the one that is named, or one that cuts the time that is named into a
// handful; a stock is told as it stood at the end of each.

// readTrend reads the words for it.
func (r *reader) readTrend(piece) bool {
	r.pos++
	r.q.trend = r.pos
	return true
}

// resolveTrend breaks the figure down by a step of time. One that goes on from a
// breakdown by something else keeps that.
func (r *reader) resolveTrend() {
	if r.q.trend == 0 || r.q.metric == "" || len(r.q.unknown) > 0 || r.q.fork != nil {
		return
	}
	at, m := r.at(r.q.trend-1), r.metric(r.q.metric)
	if r.q.listing.at > 0 || r.q.define > 0 {
		r.refuse(at, "A trend is told of a figure.")
		return
	}
	last := r.asked.Last
	if r.q.follow && last != nil && len(r.q.by) == 0 {
		r.q.by = slices.Clone(last.By)
	}
	span := r.trendSpan()
	if !r.hasSteps() {
		step := r.trendStep(m, span)
		r.breakDown(at, string(step))
		note := "a trend is told by " + string(step)
		if span.From.IsZero() || span.To.IsZero() {
			back := map[unit]int{month: 12, quarter: 8}[step]
			if m.OfAPeriod() {
				back = 4 // the whole of it is one cohort
			}
			p := r.calendar.upToNow(step, back)
			r.q.period = &p
			note += "; as no period was named, of the " + numerals[back] + " " + string(step) + "s up to this one"
		}
		r.note(note)
	}
	if m.Stock && r.q.closing == 0 {
		r.q.stood = r.q.trend
	}
}

// trendSpan is the time of which a trend is told: that which is named or, going on,
// that of the last question, if it is longer than a step.
func (r *reader) trendSpan() metric.Period {
	if len(r.q.periods) == 1 {
		return r.at(r.q.periods[0]).part.Period
	}
	const short = 45 * 24 * time.Hour
	if last := r.asked.Last; r.q.follow && last != nil && last.Period.To.Sub(last.Period.From) > short {
		return last.Period
	}
	return metric.Period{}
}

// trendStep is the step of time that cuts a span into a handful: quarters where it
// has no bounds and the figure is one of quarters, such as a quota.
func (s *sentence) trendStep(m *metric.Metric, span metric.Period) unit {
	bounded := !span.From.IsZero() && !span.To.IsZero()
	days := span.To.Sub(span.From).Hours() / 24
	ofQuarters := m.OfAPeriod() || s.isQuota(m.Name) || m.Fact == "forecast"
	switch {
	case ofQuarters && (!bounded || days > 120), bounded && days > 800:
		return quarter
	case ofQuarters, !bounded, days > 120:
		return month
	case days > 14:
		return week
	default:
		return day
	}
}

// upToNow is so many units, the present one the last of them.
func (c calendar) upToNow(u unit, n int) part {
	now := c.relative(u, 0, false)
	return c.between(part{Period: metric.Period{From: c.plus(now.From, u, 1-n)}}, now)
}
