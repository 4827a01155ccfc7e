package metric_test

import (
	"slices"
	"strconv"

	"salesbot/insights/metric"
)

// What the numbers mean that deals are kept by, beside their amounts.

var gauges = []string{metric.FieldAge, metric.FieldSilence, metric.FieldInStage, metric.FieldPushes}

// gaugedBy reports whether what it counts are deals that have the number: how long
// something has gone on for is told of what is open alone.
func (m measure) gaugedBy(field string) bool {
	for _, name := range m.made {
		if !measures[name].gaugedBy(field) {
			return false
		}
	}
	if m.made != nil {
		return true
	}
	ofDeals := m.visit == nil && !m.quota && !m.forecast && !m.seats && m.facts == nil && m.windows == nil && !m.snapshots
	return ofDeals && (m.stock || field == metric.FieldPushes)
}

// sinceEver is a day before all others.
const sinceEver day = -1 << 20

// since is the day on which began what a field tells the length of, if that is
// known.
func (o *oracle) since(d deal, field string) (day, bool) {
	begun := d.created
	if begun == noDay {
		begun = d.engaged
	}
	switch field {
	case metric.FieldAge:
		return begun, begun != noDay
	case metric.FieldInStage:
		n, known := aged(o, d)
		return o.today - day(n), known
	}
	last := sinceEver
	if begun != noDay {
		last = begun
	}
	for _, c := range d.contacts {
		if on := o.dayOf(c.at); c.twoWay && on <= o.today {
			last = max(last, on)
		}
	}
	return last, true
}

// timesPushed counts the pushes of a deal.
func (o *oracle) timesPushed(d deal) int {
	n := 0
	for _, v := range o.movesOf(d) {
		if o.kindOf(v) == "pushed" {
			n++
		}
	}
	return n
}

// keepsGauged: a filter turned round keeps all that it does not, what is unknown
// included.
func (o *oracle) keepsGauged(d deal, f metric.Filter) bool {
	limit, err := strconv.Atoi(f.Values[0].Text)
	if err != nil {
		panic(err)
	}
	n := 0
	if f.Field == metric.FieldPushes {
		n = o.timesPushed(d)
	} else {
		since, known := o.since(d, f.Field)
		if !known {
			return f.Op == metric.Ne
		}
		n = int(o.today - since)
	}
	return map[metric.Op]bool{
		metric.Eq: n == limit, metric.Ne: n != limit, metric.Lt: n < limit, metric.Lte: n <= limit, metric.Gt: n > limit, metric.Gte: n >= limit,
	}[f.Op]
}

// needed tells whether what is needed for a number is there.
var needed = map[string]func(*world) bool{metric.FieldSilence: haveContacts, metric.FieldInStage: haveMoves, metric.FieldPushes: haveDates}

// haveGauged reports whether there is what the filters need.
func (o *oracle) haveGauged() bool {
	return !slices.ContainsFunc(o.q.Where, func(f metric.Filter) bool { return needed[f.Field] != nil && !needed[f.Field](o.world.whole()) })
}

// ungauged counts the facts that would be looked at, but have none of the numbers that
// others are kept by.
func (o *oracle) ungauged(from, till day) []int64 {
	most := make([]int64, len(gauges))
	for _, name := range o.measure().made {
		for i, n := range o.input(name).ungauged(from, till) {
			most[i] = max(most[i], n)
		}
	}
	if o.measure().made != nil {
		return most
	}
	for i, field := range gauges {
		of := func(f metric.Filter) bool { return f.Field == field && f.Op != metric.Ne }
		if field == metric.FieldPushes || !slices.ContainsFunc(o.q.Where, of) {
			continue
		}
		any := *o
		any.q.Where = slices.DeleteFunc(slices.Clone(o.q.Where), of)
		for _, d := range any.counted(from, till) {
			if _, known := o.since(d, field); !known {
				most[i]++
			}
		}
	}
	return most
}
