package metric

import (
	"fmt"
	"slices"
)

// Apart are facts that a figure leaves out, though they may belong to it: what
// decides that is not known of them, or not yet.
type Apart struct {
	Facts  int64
	Words  string // which they are: "of which it is not known when …"
	Within bool   // they are counted all the same
}

// aside finds facts that are told apart.
type aside struct {
	words  string
	within bool
	tests  func(b *builder) []string // what they pass beside what is asked about
	// They have no day by which they would fall into the days asked about.
	undated bool
	// They have no number that deals are kept by: which they would pass is not asked.
	without *gauge
}

// asides lists what the metric tells apart.
func (p *Plan) asides() []aside {
	counted := p.Metric.counting()
	if of := p.Metric.conversion; of != nil {
		counted = of.base
	}
	var out []aside
	if unsure := counted.unsure; unsure != "" {
		out = append(out, aside{words: unsure, tests: func(b *builder) []string {
			tests := []string{"(" + counted.filter.sql(b) + ") is null"}
			if counted.facts == deals { // else it is told that their stage is not known
				tests = append(tests, "o.stage_id is not null")
			}
			return tests
		}})
	}
	if early := counted.early; early != nil {
		out = append(out, aside{words: "of which it is too early to tell", tests: func(b *builder) []string {
			return []string{oneOf{column: early, texts: []string{young}}.sql(b)}
		}})
	}
	if counted.facts == visits && counted.Clock == "entered_on" {
		out = append(out, aside{words: "of which it is not known when they began", undated: true, tests: func(b *builder) []string {
			tests := []string{"o.entered_on is null"}
			if counted.filter != nil {
				tests = append(tests, counted.filter.sql(b))
			}
			if from := p.asked.from; !from.IsZero() {
				tests = append(tests, "(o.left_on is null or o.left_on >= "+b.day(from)+")")
			}
			return tests
		}})
	}
	if counted.facts.snapshots {
		out = append(out,
			aside{words: "that are still open and due, and so may yet be won", within: true, tests: func(*builder) []string {
				return []string{"o.fate = 'in_time'"}
			}},
			aside{words: "of a period that began before the first import, taken as they were first seen but for what their histories tell", within: true, tests: func(*builder) []string {
				return []string{"o.fate is not null", "o.starts_on < (select min(taken_at) from import)::date"}
			}})
	}
	if of := p.Metric.conversion; of != nil {
		words := fmt.Sprintf("that began less than %d days before, and so still have time", of.days)
		out = append(out, aside{words: words, tests: func(b *builder) []string {
			return []string{also(of.base.filter, hadTime{of, true}).sql(b)}
		}})
	}
	return append(out, p.ungauged()...)
}

// ungauged lists the deals that have none of the numbers that others are kept by.
func (p *Plan) ungauged() []aside {
	var out []aside
	for i, g := range gauges {
		kept := func(c condition) bool { is, ok := c.(gauged); return ok && is.gauge == gauges[i] }
		if g.unsure == "" || !slices.ContainsFunc(p.where, kept) {
			continue
		}
		out = append(out, aside{words: g.unsure, without: g, tests: func(b *builder) []string {
			b.use(g.from...)
			tests := []string{g.since + " is null"}
			if counted := p.Metric.counting(); counted.filter != nil {
				tests = append(tests, counted.filter.sql(b))
			}
			return tests
		}})
	}
	return out
}

// withoutGauge is the Plan without the tests of one of the numbers.
func (p *Plan) withoutGauge(g *gauge) *Plan {
	out := *p
	out.where = slices.DeleteFunc(slices.Clone(p.where), func(c condition) bool { is, ok := c.(gauged); return ok && is.gauge == g })
	return &out
}

// counting is the metric that says what is counted: of a ratio its denominator.
func (m *Metric) counting() *Metric {
	if m.isShare() {
		return m.denominator
	}
	return m
}

// writeAsides makes a statement for each number of facts that is told apart.
func (p *Plan) writeAsides() {
	for _, a := range p.asides() {
		of := p
		if a.without != nil {
			of = p.withoutGauge(a.without)
		}
		b, span := of.builder(p.standing), p.asked
		b.undated = a.undated
		if a.undated {
			span = days{}
		}
		b.columns = []string{p.Metric.facts.number() + "::text"}
		tests := a.tests(b)
		if only := p.Metric.facts.only; only != "" {
			tests = append(tests, only)
		}
		p.Statements = append(p.Statements, of.assemble(b, append(tests, of.kept(b, span)...)))
	}
}

// apart reads the answers to the statements that writeAsides made.
func (r *reading) apart(asides []aside, tables [][][]*string) []Apart {
	var out []Apart
	for i, a := range asides {
		if len(tables[i]) != 1 || len(tables[i][0]) != 1 {
			r.err = fmt.Errorf("it is not said how many are told apart")
			return nil
		}
		if n := r.place(tables[i][0][0]); n > 0 {
			out = append(out, Apart{n, a.words, a.within})
		}
	}
	return out
}

// withApart adds what several parts of a metric tell apart: of the same facts,
// mostly, so the most of them.
func withApart(all, more []Apart) []Apart {
	for _, a := range more {
		i := slices.IndexFunc(all, func(known Apart) bool { return known.Words == a.Words })
		if i < 0 {
			all = append(all, a)
			continue
		}
		all[i].Facts = max(all[i].Facts, a.Facts)
	}
	return all
}
