package metric

import (
	"fmt"
	"slices"
	"time"
)

// By steps of time a stock can be asked in two ways: what stands now, by the step
// in which it is expected to close, which is a breakdown like any other; and how
// it stood at the end of each step. Of the latter each step is the same question
// as of then, under the same rights, so that it is exactly what that says. The
// whole is the last of them: what stood at one end and at the next is mostly the
// same, and adding it up would count it twice.

// maxStood bounds how many steps a stock is told for: each is counted from the
// deals as they were.
const maxStood = 60

// stood is how a stock stood at the end of one step of time.
type stood struct {
	start time.Time // first day of the step
	plan  *Plan
}

// compileStood makes a Plan for each step that has begun.
func (p *Plan) compileStood() *Refusal {
	if refusal := p.checkStood(); refusal != nil {
		return refusal
	}
	p.asked.to = p.begun()
	p.told = p.asked
	starts := p.company.buckets(p.step(), p.asked)
	switch {
	case len(starts) == 0:
		return invalid("That time has not begun, so nothing stood at its end.")
	case len(starts) > maxStood:
		return invalid("By %s, that period has more than %d steps to count at the ends of.", p.step(), maxStood)
	}
	for _, start := range starts {
		of := &Plan{Query: p.Query, catalog: p.catalog, viewer: p.viewer, company: p.company, present: p.present, unrolled: p.unrolled}
		q := &of.Query
		q.Stood, q.Period, q.Order, q.Limit = false, Period{}, "", 0
		q.By = q.By[:len(q.By)-1]
		q.AsOf = p.endOf(start)
		if refusal := of.compile(); refusal != nil {
			return refusal
		}
		p.ends = append(p.ends, stood{start, of})
		p.Statements = append(p.Statements, of.Statements...)
	}
	return nil
}

// checkStood refuses what does not stand at the end of a step.
func (p *Plan) checkStood() *Refusal {
	q, m := p.Query, p.Metric
	switch {
	case !m.TellsStood():
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("%s does not stand at a moment by itself, so there is no telling how it stood at the end of each %s.", m.Label, p.step()),
			Hint:    "Ask for it as of a day.",
		}
	case q.Shape != ShapeFigure || p.step() == "":
		return invalid("How a stock stood is told by a step of time.")
	case p.asked.from.IsZero():
		return invalid("How a stock stood is told from a day on.")
	case q.Compare != "":
		return invalid("How a stock stood is not compared.")
	}
	return nil
}

// TellsStood reports whether there is telling how the metric stood at the end of
// each step of time: all that it is made of stands at a moment.
func (m *Metric) TellsStood() bool {
	if len(m.inputs) == 0 {
		return m.Stock && (m.facts == deals || m.facts.momentary)
	}
	return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.TellsStood() })
}

// Momentary reports whether what the metric counts stands on the day asked about
// alone: it is of no period, and by steps of time only as it stood at their ends.
func (m *Metric) Momentary() bool {
	if m.formula == nil {
		return m.facts.momentary
	}
	return !slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.Momentary() })
}

// ByCloseDate reports whether the steps of time of a Query of the metric are those
// in which what stands now is expected to close.
func (m *Metric) ByCloseDate(q Query) bool {
	return m.Stock && !q.Stood && m.Clock == "close_on" && q.Shape == ShapeFigure
}

// begun is the end of the days asked about that have begun.
func (p *Plan) begun() time.Time {
	tomorrow := p.standing.day.AddDate(0, 0, 1)
	if to := p.asked.to; !to.IsZero() && to.Before(tomorrow) {
		return to
	}
	return tomorrow
}

// endOf is the last instant of a step, or of the days asked about if these end
// before; of one that still runs, the moment of asking or the one asked about.
func (p *Plan) endOf(start time.Time) time.Time {
	end := p.company.Step(p.step(), start, 1)
	if p.asked.to.Before(end) {
		end = p.asked.to
	}
	if end.After(p.standing.day) {
		return p.Query.AsOf
	}
	return Midnight(end.Year(), end.Month(), end.Day(), p.company.Zone).Add(-time.Microsecond)
}

// stood puts together how it stood at each end.
func (p *Plan) stood(r Reading) (Result, error) {
	all := &reading{found: map[string]*row{}, spellings: map[spelling]string{}}
	told := *p
	for _, end := range p.ends {
		of, read, err := end.plan.take(r.Tables[:len(end.plan.Statements)])
		if err != nil {
			return Result{}, err
		}
		r.Tables = r.Tables[len(end.plan.Statements):]
		told.parts, told.lacking = of.parts, of.lacking
		all.follow(read, end.start)
	}
	out := told.result(all)
	if last := p.ends[len(p.ends)-1]; p.company.Step(p.step(), last.start, 1).After(p.standing.day) {
		out.Unended = last.start.Format(time.DateOnly)
	}
	out.Revision, out.FreshAt = r.Revision, r.FreshAt
	return out, nil
}

// follow adds what was read for a step to what was read for those before it, of
// which it takes the place as the whole.
func (r *reading) follow(step *reading, start time.Time) {
	day := start.Format(time.DateOnly)
	rows := step.order
	if len(step.plan.by) == 0 {
		rows = []*row{{now: step.now, before: step.before}}
	}
	for _, one := range rows {
		one.key = one.series + "\x00=" + day
		one.names = append(one.names, Cell{Text: day})
		r.order = append(r.order, one)
	}
	for at, text := range step.spellings {
		r.spell(at, text)
	}
	r.now, r.before, r.first, r.last, r.told = step.now, step.before, step.first, step.last, step.told
	r.narrowed = r.narrowed || step.narrowed
	r.conversions = converted(r.conversions, step.conversions)
	r.unknown.deals = max(r.unknown.deals, step.unknown.deals)
	r.unknown.beforeImports = r.unknown.beforeImports || step.unknown.beforeImports
}

// converted says of which days the rates were, and of how many facts at the last
// of the ends.
func converted(before, now []Conversion) []Conversion {
	out := slices.Clone(now)
	for i, c := range out {
		if j := slices.IndexFunc(before, func(b Conversion) bool { return b.Currency == c.Currency }); j >= 0 {
			out[i].First, out[i].Last = min(c.First, before[j].First), max(c.Last, before[j].Last)
		}
	}
	return out
}
