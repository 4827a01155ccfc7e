package metric_test

import (
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that tell what became of the deals that were expected of
// a period.

func init() {
	all, slipped := []string{"won", "lost", "moved", "open", "in_time"}, []string{"lost", "moved", "open"}
	among := func(fates ...string) func(o *oracle, d deal) bool {
		return func(_ *oracle, d deal) bool { return slices.Contains(fates, d.fate) }
	}
	for name, m := range map[string]measure{
		"expected_count":   {unit: metric.UnitCount, only: among(all...)},
		"expected_amount":  {unit: metric.UnitMoney, only: among(all...), combine: total},
		"slipped_count":    {unit: metric.UnitCount, only: among(slipped...)},
		"slipped_amount":   {unit: metric.UnitMoney, only: among(slipped...), combine: total},
		"moved_out_count":  {unit: metric.UnitCount, only: among("moved")},
		"moved_out_amount": {unit: metric.UnitMoney, only: among("moved"), combine: total},
		"slip_strict":      {unit: metric.UnitRatio, only: among(all...), converts: among(slipped...), minFacts: 3},
		"slip_moved":       {unit: metric.UnitRatio, only: among(all...), converts: among("moved"), minFacts: 3},
	} {
		m.visit, m.snapshots = moveDay, true
		measures[name] = m
	}
	for name, part := range map[string]string{"slip_strict_value": "slipped_amount", "slip_moved_value": "moved_out_amount"} {
		measures[name] = measure{
			unit: metric.UnitRatio, made: []string{part, "expected_amount"}, snapshots: true,
			shares: func(v []*big.Rat) [2]*big.Rat { return [2]*big.Rat{v[0], v[1]} },
		}
	}
}

// expectations lists the deals that were expected of each period as it began, as
// they stood then, with what became of them.
func (o *oracle) expectations(from, till day) []deal {
	step := ""
	if n := len(o.q.By); n > 0 && slices.Contains(steps, o.q.By[n-1]) {
		step = o.q.By[n-1]
	}
	begins := func(on day) bool { return on == from || step != "" && bucket(o.co, step, on) == on }
	var out []deal
	for first := from; first < till && first <= o.today; first++ {
		if !begins(first) {
			continue
		}
		next := first + 1
		for next < till && !begins(next) {
			next++
		}
		out = append(out, o.expectedOf(first, next)...)
	}
	return out
}

// expectedOf lists those of one period.
func (o *oracle) expectedOf(first, next day) []deal {
	before, after := o.whole().then(endOf(o.co, first-1), first-1), o.world
	over := next <= o.today
	if over {
		after = o.whole().then(endOf(o.co, next-1), next-1)
	}
	var out []deal
	for i, d := range before.deals {
		outcome := before.outcome(d)
		if d.deleted || outcome != "open" && outcome != "" || d.closed < first || d.closed >= next || after.deals[i].deleted {
			continue
		}
		d.visit = &visit{on: first}
		switch became := after.deals[i]; {
		case outcome == "":
		case after.outcome(became) == "won" || after.outcome(became) == "lost":
			d.fate = after.outcome(became)
		case became.closed != noDay && became.closed >= next:
			d.fate = "moved"
		case over:
			d.fate = "open"
		default:
			d.fate = "in_time"
		}
		out = append(out, d)
	}
	return out
}

// unperiodic reports whether what is asked is of no period that has begun, or of
// one that is compared while it goes on, or with one that has not begun.
func (o *oracle) unperiodic() bool {
	ahead := o.from > o.today || o.comparesAhead() || o.q.Compare != "" && o.till-1 > o.today
	return o.measure().snapshots && (o.from == noDay || o.till == noDay || ahead)
}

// comparesAhead reports whether what is compared with has not begun.
func (o *oracle) comparesAhead() bool { return o.q.Compare != "" && o.beforeFrom > o.today }
