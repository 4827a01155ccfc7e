package metric

import (
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// A cumulative metric tells the running figure of another: what that adds up to
// in the days that end with the last day of a period, or with the day of asking
// while the period goes on. Those days are its own, whatever is asked: from the
// start of the year, or as many months back. A step of time tells the running
// figure at its end, and a comparison sets against it the running figure of the
// days that end where the period compared with does.
//
// It is MetricFlow's cumulative type. Of a longer step MetricFlow takes the
// first value unless told otherwise, so a catalogue says period_agg: last.

// running is how far back the figure of a day goes.
type running struct {
	toDate Granularity // to the start of the unit that holds the day; empty: by a window
	count  int         // of a window: so many units, the day included
	unit   Granularity
}

// Cumulative reports whether the metric tells a running figure.
func (m *Metric) Cumulative() bool { return m.running != nil }

// upTo returns the days that the running figure of a day adds up. The units of
// a grain are those of the company's calendar; a window's are the calendar's,
// and one of months begins the day after that of the same number, or after the
// last of a month that has none.
func (r *running) upTo(c Company, day time.Time) days {
	to := day.AddDate(0, 0, 1)
	switch months := r.count * monthsOf[r.unit]; {
	case r.toDate != "":
		return days{c.Start(r.toDate, day), to}
	case months > 0:
		first := day.AddDate(0, -months, 1-day.Day())
		last := first.AddDate(0, 1, -1)
		return days{first.AddDate(0, 0, min(day.Day(), last.Day())), to}
	case r.unit == Week:
		return days{to.AddDate(0, 0, -7*r.count), to}
	default:
		return days{to.AddDate(0, 0, -r.count), to}
	}
}

// whole returns the days that stand for a running figure without a period: the
// unit that holds the day, or the window.
func (r *running) whole(c Company, day time.Time) days {
	if r.toDate == "" {
		return r.upTo(c, day)
	}
	from := c.Start(r.toDate, day)
	return days{from, c.Step(r.toDate, from, 1)}
}

// ends returns the day whose running figure a range of days has: its last, or
// today while it goes on. It reports false when it has not begun.
func ends(span days, today time.Time) (time.Time, bool) {
	last := today
	if yesterday := span.to.AddDate(0, 0, -1); !span.to.IsZero() && yesterday.Before(today) {
		last = yesterday
	}
	return last, !last.Before(span.from)
}

// accumulate turns the days asked about, and those compared with, into those
// that their running figures add up.
func (p *Plan) accumulate() *Refusal {
	r := p.Metric.running
	if r == nil {
		return nil
	}
	last, begun := ends(p.told, p.standing.day)
	if !begun {
		return invalid("That period has not begun, so nothing has run up in it yet.")
	}
	if g := p.step(); g != "" {
		for _, start := range p.company.buckets(g, p.told) {
			if end, begun := ends(days{start, p.company.Step(g, start, 1)}, last); begun {
				p.runs = append(p.runs, run{start, r.upTo(p.company, end)})
			}
		}
	}
	p.asked = r.upTo(p.company, last)
	if p.Query.Compare != "" {
		last, _ := ends(p.before, p.standing.day)
		p.before = r.upTo(p.company, last)
		p.Compared = p.before.period(p.company)
	}
	return nil
}

// run is a step of time and the days that its running figure adds up.
type run struct {
	start time.Time
	over  days
}

// overRuns is from the first to the last of the days that the steps add up.
func (p *Plan) overRuns() days {
	span := p.runs[0].over
	for _, r := range p.runs[1:] {
		if r.over.from.Before(span.from) {
			span.from = r.over.from
		}
		span.to = r.over.to
	}
	return span
}

// runsSQL joins a fact with each step whose running figure counts it.
func (b *builder) runsSQL() string {
	var starts, from, to []string
	for _, r := range b.plan.runs {
		starts = append(starts, r.start.Format(time.DateOnly))
		from = append(from, r.over.from.Format(time.DateOnly))
		to = append(to, r.over.to.Format(time.DateOnly))
	}
	dates := func(list []string) string { return b.arg(arrayOf(list)) + "::date[]" }
	return fmt.Sprintf("join unnest(%s, %s, %s) run (starts_on, since, until) on %s >= run.since and %s < run.until",
		dates(starts), dates(from), dates(to), b.plan.clock(), b.plan.clock())
}

// words say which days are added up.
func (r *running) words() string {
	switch {
	case r.toDate != "":
		return "since the start of the " + string(r.toDate)
	case r.count == 1:
		return "over the last " + string(r.unit)
	default:
		return fmt.Sprintf("over the last %d %ss", r.count, r.unit)
	}
}

var windowWords = regexp.MustCompile(`^(\d{1,4}) (day|week|month|quarter|year)s?$`)

// cumulative reads what a cumulative metric says of itself.
func (p *catalogParser) cumulative(m *Metric, y *metricYAML) {
	m.Type = TypeCumulative
	p.absent(m.Name, "cumulative", map[string]word{
		"agg": y.Agg, "expr": y.Expr, "filter": y.Filter, "percentile": y.Percentile, "percentile_type": y.PercentileType,
		"numerator": y.Numerator, "denominator": y.Denominator, "agg_time_dimension": y.Clock,
		"min_n": y.Config.Meta.Salesbot.MinN, "input_metrics": firstOf(y.Inputs),
	})
	if y.NonAdditive != nil {
		p.fault(y.NonAdditive.Name.or(y.Name.at), "%s is cumulative: what stands at a moment has nothing that runs up", m.Name)
	}
	if y.Input == nil {
		p.fault(y.Name.at, "a cumulative metric has an input_metric")
	}
	if y.PeriodAgg.text != "last" {
		p.fault(y.PeriodAgg.or(y.Name.at), "period_agg is last: a period has the running figure of its last day; without the key MetricFlow takes the first")
	}
	m.running = p.running(y)
}

func (p *catalogParser) running(y *metricYAML) *running {
	switch {
	case (y.Window.at == nil) == (y.ToDate.at == nil):
		p.fault(y.Window.or(y.Name.at), "%s has a window or a grain_to_date, and not both", y.Name.text)
		return nil
	case y.ToDate.at != nil:
		chosen(p, y.ToDate, y.ToDate.at, "grain_to_date", Week, Month, Quarter, Year)
		return &running{toDate: Granularity(y.ToDate.text)}
	}
	said := windowWords.FindStringSubmatch(y.Window.text)
	if said == nil || said[1] == "0" {
		p.fault(y.Window.at, "window is so many days, weeks, months, quarters or years: 12 months")
		return nil
	}
	count, err := strconv.Atoi(said[1])
	if err != nil || count < 1 {
		p.fault(y.Window.at, "a window is of one or more")
		return nil
	}
	return &running{count: count, unit: Granularity(said[2])}
}

// cumulativeOf gives a cumulative metric what its input counts.
func (p *catalogParser) cumulativeOf(c *Catalog, m *Metric, y *metricYAML) {
	if y.Input == nil {
		return
	}
	in, err := p.other(c, y.Input.Name.text)
	switch {
	case err != nil:
		p.fault(y.Input.Name.or(y.Name.at), "%s", err)
		return
	case in.Type != TypeSimple || !in.adds() || in.Stock || in.facts.last != "":
		p.fault(y.Input.Name.at, "the input_metric of a cumulative one is a sum or a count of facts of one day")
		return
	case m.facts != nil && m.facts != in.facts:
		p.fault(y.Name.at, "%s is of %ss, and is listed with %ss", m.Name, in.Fact, m.Fact)
	}
	p.unit(y, in.Unit)
	m.Fact, m.facts, m.Clock, m.agg, m.expr = in.Fact, in.facts, in.Clock, in.agg, in.expr
	m.filter, m.filterText, m.filterNeeds = in.filter, in.filterText, in.filterNeeds
	m.Clearance = clearedForBoth(m.Clearance, in.Clearance)
	m.setNeeds()
}

// ran is the days that a running figure adds up, none of another.
func (p *Plan) ran() Period {
	if p.Metric.running == nil {
		return Period{}
	}
	return p.asked.period(p.company)
}
