package metric

import (
	"cmp"
	"math/big"
	"slices"
	"strings"
)

// A metric of several, such as coverage, is made of what each of its inputs is
// by itself: each is asked the same Query under the same rights, in statements
// of its own, and the rows are joined by what the breakdown names. So whatever
// holds for a metric holds for those that are made of it.

// Input is one of the metrics that a Quantity is made of.
type Input struct {
	Metric *Metric
	Quantity
}

// Counted says how many facts of a metric were counted.
type Counted struct {
	Metric *Metric
	Facts  int64
}

// compileParts makes a Plan for each input.
func (p *Plan) compileParts() *Refusal {
	for _, m := range p.Metric.inputs {
		part := &Plan{Query: p.Query, catalog: p.catalog, viewer: p.viewer, company: p.company, present: p.present, input: true, unrolled: p.unrolled}
		part.Query.Metric, part.Query.Order, part.Query.Limit, part.Query.Having = m.Name, "", 0, nil
		if !m.ByCurrency() {
			part.Query.In = ""
		}
		if p.Query.Shape == ShapeFactors {
			part.Query.Shape = ShapeFigure
		}
		if refusal := part.compile(); refusal != nil {
			return refusal
		}
		p.parts = append(p.parts, part)
		p.Statements = append(p.Statements, part.Statements...)
	}
	return nil
}

// lacks names the fact that cannot be cut by the dimension.
func (m *Metric) lacks(d *Dimension) string {
	for _, in := range m.inputs {
		if !in.has(d) {
			return in.Fact
		}
	}
	return m.Fact
}

// derived puts a Quantity together from those of the inputs. Of what can be
// added up or counted, nothing is nought; whatever else is unknown of an input
// makes the whole unknown.
func (p *Plan) derived(g group, currency string) Quantity {
	m := p.Metric
	q := Quantity{Unit: m.Unit, Sides: m.Sides}
	if m.ByCurrency() {
		q.Currency = currency
	}
	values, facts := map[*Metric]*big.Rat{}, int64(0)
	for i, part := range p.parts {
		of := currency
		if !part.Metric.ByCurrency() {
			of = ""
		}
		in := Input{part.Metric, part.quantity(group{g[i]}, of)}
		q.Inputs = append(q.Inputs, in)
		facts += g[i].deals(of)
		if values[in.Metric] = in.Value; in.Value == nil && in.Reason == ReasonNoRows && in.Metric.adds() {
			values[in.Metric] = new(big.Rat)
		}
		if values[in.Metric] == nil && worse(in.Reason, q.Reason) {
			q.Reason = in.Reason
		}
		if in.Of != nil && (q.Of == nil || lessKnown(in.Quantity, q)) {
			q.Known, q.Of, q.What, q.Noun = in.Known, in.Of, in.What, in.Noun
		}
	}
	mixed := slices.ContainsFunc(m.inputs, func(in *Metric) bool { return !in.ByCurrency() })
	switch {
	case q.Reason != "":
	case facts == 0:
		q.Reason = ReasonNoRows
	case m.ByCurrency() && mixed && p.several:
		q.Reason = ReasonMixed
	default:
		p.evaluate(&q, values)
	}
	return q
}

// evaluate computes the value. A ratio has none of what is less than nothing:
// who is to reach less than nought has reached it.
func (p *Plan) evaluate(q *Quantity, values map[*Metric]*big.Rat) {
	m := p.Metric
	of := func(in *Metric) *big.Rat { return values[in] }
	q.Reason = ReasonNothingToDivideBy
	if m.Type != TypeRatio {
		q.Value = m.formula.value(of)
	} else if part, whole := m.formula.left.value(of), m.formula.right.value(of); part != nil && whole != nil {
		if whole.Sign() > 0 {
			q.Value = share(part, whole)
		}
		if m.numerator.Unit == UnitMoney {
			q.Part, q.Whole, q.Inputs = part, whole, nil
		}
	}
	if q.Value != nil {
		q.Reason = ""
	}
}

// adds reports whether nothing of it is nought.
func (m *Metric) adds() bool {
	return m.agg == aggSum || m.agg == aggCount || m.agg == aggCountDistinct
}

// worse reports whether a reason says more than another of why there is no
// value.
func worse(reason, than string) bool {
	order := []string{"", ReasonNoRows, ReasonNoAmount, ReasonNotLoaded}
	return slices.Index(order, reason) > slices.Index(order, than)
}

// lessKnown reports whether less is known of what was counted for one quantity
// than for another.
func lessKnown(a, b Quantity) bool {
	if *a.Of == 0 || *b.Of == 0 {
		return *b.Of == 0
	}
	return big.NewRat(*a.Known, *a.Of).Cmp(big.NewRat(*b.Known, *b.Of)) < 0
}

// counted says how much of what was counted, input by input.
func (p *Plan) counted(g group) []Counted {
	var out []Counted
	for i, part := range p.inputs() {
		facts := int64(0)
		for _, t := range g[i] {
			facts += t.facts
		}
		out = append(out, Counted{part.Metric, facts})
	}
	return out
}

// inputs are the Plans of a metric of several, or the one of a metric of one.
func (p *Plan) inputs() []*Plan {
	if p.parts == nil {
		return []*Plan{p}
	}
	return p.parts
}

// withAll adds conversions of the same currencies together.
func withAll(all, more []Conversion) []Conversion {
	for _, c := range more {
		i := slices.IndexFunc(all, func(known Conversion) bool { return known.Currency == c.Currency })
		if i < 0 {
			all = append(all, c)
			continue
		}
		all[i] = Conversion{c.Currency, all[i].Facts + c.Facts, min(all[i].First, c.First), max(all[i].Last, c.Last)}
	}
	slices.SortFunc(all, func(a, b Conversion) int { return strings.Compare(a.Currency, b.Currency) })
	return all
}

// longest is the noun of the facts of a metric of several that last longest, or
// of the first.
func (m *Metric) longest() string {
	for _, in := range m.inputs {
		if in.facts.last != "" {
			return in.Fact
		}
	}
	return m.inputs[0].Fact
}

// Lasts reports whether what is counted lasts for days of its own, as a quota does,
// so that a period or a step of time may cut through it.
func (m *Metric) Lasts() bool {
	if m.formula != nil {
		return slices.ContainsFunc(m.inputs, (*Metric).Lasts)
	}
	return m.facts.last != ""
}

// clock is the day by which the facts of a metric of several fall into periods,
// where each has its own: that of what stands at the moment of asking, or of
// the first.
func (m *Metric) clock() string {
	for _, in := range m.inputs {
		if in.Stock {
			return in.Clock
		}
	}
	return cmp.Or(m.inputs[0].Clock, m.Clock)
}
