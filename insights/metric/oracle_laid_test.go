package metric_test

import (
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that count quotas of territories.

func init() {
	of := measure{unit: metric.UnitMoney, of: target, facts: (*oracle).laid, dims: []string{"territory"}, quota: true, laid: true, loaded: haveLaid}
	measures["territory_quota"] = of
	of.of = bookedBelow
	measures["territory_bookings"] = of
	of.unit, of.over = metric.UnitRatio, target
	measures["territory_attainment"] = of
}

func haveLaid(w *world) bool {
	return slices.ContainsFunc(w.quotas, func(q quota) bool { return !q.superseded && q.territory != 0 })
}

// laid lists the quotas of territories as if they were deals of their first days:
// those of maps that are or were in force, or of the one that is planned.
func (o *oracle) laid() []deal {
	var out []deal
	for i, q := range o.quotas {
		if q.superseded || q.territory == 0 || !o.isOnMap(q.territory) || o.isLaidLater(q) {
			continue
		}
		out = append(out, deal{placed: q.territory, amount: q.amount, currency: q.currency, closed: q.from, stage: 1, quota: i + 1})
	}
	return out
}

// wonBelow lists the won deals of the quota's days that stand in its territory or
// below it.
func (o *oracle) wonBelow(q deal) []deal {
	of := o.quotas[q.quota-1]
	return slices.DeleteFunc(o.live(), func(d deal) bool {
		return o.outcome(d) != "won" || d.closed < of.from || d.closed >= of.till || !o.isBelow(o.territoryOf(d), of.territory)
	})
}

func bookedBelow(o *oracle, q deal) *big.Rat {
	sum := new(big.Rat)
	for _, d := range o.wonBelow(q) {
		if d.currency == q.currency {
			sum.Add(sum, minor(d.amount))
		}
	}
	return sum
}

// isOnMap reports whether a territory is drawn on a map that is asked about.
func (o *oracle) isOnMap(territory int) bool {
	m := o.territory[territory-1].mapped
	if planned := o.plannedMap(); planned != 0 {
		return m == planned
	}
	return m == 0 || !o.maps[m-1].planned
}

// isLaidLater reports whether the quota is laid on a later map as well.
func (o *oracle) isLaidLater(q quota) bool {
	if o.plannedMap() != 0 {
		return false
	}
	rank := func(territory int) day { // the map that needs no model lasts for ever
		if m := o.territory[territory-1].mapped; m != 0 {
			return o.maps[m-1].till
		}
		return 1 << 30
	}
	return slices.ContainsFunc(o.quotas, func(other quota) bool {
		return !other.superseded && other.territory != 0 && o.isOnMap(other.territory) && other.from == q.from && other.till == q.till &&
			o.territory[other.territory-1].key == o.territory[q.territory-1].key && rank(other.territory) > rank(q.territory)
	})
}

// isBelow reports whether a territory is another or lies below it: as planned on
// that map, else on its own.
func (o *oracle) isBelow(territory, top int) bool {
	for at := territory; at != 0; at = o.territory[at-1].parent {
		if at == top || o.plannedMap() == 0 && o.territory[at-1].key == o.territory[top-1].key {
			return true
		}
	}
	return false
}

// above tells on how many of a quota's days a quota that is asked about is laid on
// a territory above its own.
func (o *oracle) above(d deal) (covered, of int) {
	q := o.quotas[d.quota-1]
	for on := q.from; on < q.till; on++ {
		of++
		if slices.ContainsFunc(o.laid(), func(up deal) bool {
			u := o.quotas[up.quota-1]
			same := o.plannedMap() == 0 && o.territory[u.territory-1].key == o.territory[q.territory-1].key || u.territory == q.territory
			asked := !slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return !o.keeps(up, f) })
			return on >= u.from && on < u.till && !same && o.isBelow(q.territory, u.territory) && asked
		}) {
			covered++
		}
	}
	return covered, of
}

// topMost leaves out the quotas of which each day is covered by those above.
func (o *oracle) topMost(facts []deal) []deal {
	if !o.measure().laid {
		return facts
	}
	return slices.DeleteFunc(slices.Clone(facts), func(d deal) bool {
		covered, of := o.above(d)
		return covered == of
	})
}

// isHalfCovered reports whether a quota is covered on some of its days only.
func (o *oracle) isHalfCovered(d deal) bool {
	if !o.measure().laid {
		return false
	}
	covered, of := o.above(d)
	return covered > 0 && covered < of
}
