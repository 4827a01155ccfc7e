package metric_test

import (
	"fmt"
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that are made of others.

var madeOfSeveral = map[string]measure{
	"quota_remaining": {unit: metric.UnitMoney, made: []string{"quota", "quota_bookings"}, with: func(v []*big.Rat) *big.Rat { return less(v[0], v[1]) }},
	"pace_gap":        {unit: metric.UnitMoney, made: []string{"quota_bookings", "quota_expected"}, with: func(v []*big.Rat) *big.Rat { return less(v[0], v[1]) }},
	"coverage_target": {
		unit: metric.UnitRatio, made: []string{"open_pipeline", "quota"}, asIs: true, stock: true,
		shares: func(v []*big.Rat) [2]*big.Rat { return [2]*big.Rat{v[0], v[1]} },
	},
	"coverage_remaining": {
		unit: metric.UnitRatio, made: []string{"open_pipeline", "quota", "quota_bookings"}, asIs: true, stock: true,
		shares: func(v []*big.Rat) [2]*big.Rat { return [2]*big.Rat{v[0], less(v[1], v[2])} },
	},
}

// input is the oracle for one of the metrics that the one asked for is made of,
// on the same map.
func (o *oracle) input(name string) *oracle {
	in := *o
	in.as, in.q.Metric = name, name
	if _, planned := o.q.Perspective.Planned(); !planned {
		in.q.Perspective = metric.AsWas
		if o.asIs() {
			in.q.Perspective = metric.AsIs
		}
	}
	if !measures[name].byCurrency() {
		in.q.In = ""
	}
	return &in
}

// asked is the oracle for the metric that a fact is counted for.
func (o *oracle) asked(d deal) (*oracle, deal) {
	if d.input == "" {
		return o, d
	}
	in := o.input(d.input)
	in.as, d.input = "", ""
	return in, d
}

// together puts one figure together from those of the metrics it is made of.
func (o *oracle) together(deals []deal, currency string) quantity {
	m := o.measure()
	var q quantity
	var values []*big.Rat
	counts, details, known, facts, mixed := "", "", [2]int{-1, 0}, 0, false
	for _, name := range m.made {
		in := o.input(name)
		in.as = ""
		of := ""
		if measures[name].byCurrency() {
			of = currency
		} else {
			mixed = o.several && m.byCurrency()
		}
		mine := slices.DeleteFunc(slices.Clone(deals), func(d deal) bool { return d.input != name })
		for i := range mine {
			mine[i].input = ""
		}
		part := in.quantity(mine, of)
		q.few = q.few || part.few
		q.n += part.n
		facts += part.n
		details += " (" + name + " " + part.words + ")"
		sample := measures[name].combine
		adds := !measures[name].wins && (sample == nil || sample([]int64{1, 2, 6}).Cmp(big.NewRat(9, 1)) == 0)
		value := part.value
		switch {
		case value != nil:
		case adds && part.reason == metric.ReasonNoRows:
			value = new(big.Rat)
		case q.reason == "" || part.reason == metric.ReasonNotLoaded || part.reason == metric.ReasonNoAmount && q.reason == metric.ReasonNoRows:
			q.reason = part.reason
		}
		values = append(values, value)
		if counted := measures[name].combine != nil || measures[name].of != nil; counted && (known[0] < 0 || scarcer(part.known, known)) {
			known = part.known
		}
	}
	if known[0] >= 0 {
		counts = fmt.Sprintf("known %d of %d", known[0], known[1])
	}
	switch {
	case q.reason != "":
	case facts == 0:
		q.reason = metric.ReasonNoRows
	case mixed:
		q.reason = metric.ReasonMixed
	case m.shares != nil:
		q.reason = metric.ReasonNothingToDivideBy
		sides := m.shares(values)
		if sides[1].Sign() > 0 {
			q.value, q.reason = new(big.Rat).Quo(sides[0], sides[1]), ""
		}
		if measures[m.made[0]].unit == metric.UnitMoney {
			details = ", " + sides[0].RatString() + " of " + sides[1].RatString()
		}
	default:
		q.reason = metric.ReasonNothingToDivideBy
		if q.value = m.with(values); q.value != nil {
			q.reason = ""
		}
	}
	in := ""
	if m.byCurrency() {
		in = currency
	}
	q.words = words(q.value, in, counts+details, q.reason)
	return q
}

// scarcer reports whether less is known of one than of another.
func scarcer(a, b [2]int) bool {
	if a[1] == 0 || b[1] == 0 {
		return b[1] == 0
	}
	return a[0]*b[1] < b[0]*a[1]
}
