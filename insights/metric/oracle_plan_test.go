package metric_test

import (
	"fmt"
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that need more than deals, deal by deal. An amount is
// in minor units; nil is unknown.

func minor(n int64) *big.Rat { return big.NewRat(n, 1) }

func weighted(o *oracle, d deal) *big.Rat {
	chance, ok := new(big.Rat).SetString(o.chances[d.stage-1])
	if !ok || d.currency == "" {
		return nil
	}
	return chance.Mul(chance, minor(d.amount))
}

// costOf adds up the deal's costs of a kind, if all its costs are in its
// currency.
func costOf(d deal, selling bool) *big.Rat {
	var sum *big.Rat
	for _, c := range d.costs {
		if c.superseded {
			continue
		}
		if c.currency != d.currency {
			return nil
		}
		if c.selling == selling {
			if sum == nil {
				sum = new(big.Rat)
			}
			sum.Add(sum, minor(c.amount))
		}
	}
	return sum
}

func less(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Sub(a, b)
}

func grossProfit(_ *oracle, d deal) *big.Rat {
	if d.currency == "" {
		return nil
	}
	return less(minor(d.amount), costOf(d, false))
}

func contribution(o *oracle, d deal) *big.Rat { return less(grossProfit(o, d), costOf(d, true)) }

func netProfit(o *oracle, d deal) *big.Rat { return less(contribution(o, d), o.overheadOf(d)) }

func costedRevenue(_ *oracle, d deal) *big.Rat {
	if costOf(d, false) == nil || d.currency == "" {
		return nil
	}
	return minor(d.amount)
}

// overheadOf is what a won deal bears of each piece of overhead of its day.
func (o *oracle) overheadOf(of deal) *big.Rat {
	var sum *big.Rat
	for _, h := range o.overhead {
		bears := func(d deal) bool {
			return o.outcome(d) == "won" && d.currency != "" && d.closed != noDay && d.closed >= h.from && d.closed < h.till
		}
		if h.superseded || !bears(of) {
			continue
		}
		whole := int64(0)
		for _, d := range o.live() {
			if bears(d) {
				whole += h.weight(d)
			}
		}
		if of.currency != h.currency || whole <= 0 {
			return nil
		}
		if sum == nil {
			sum = new(big.Rat)
		}
		upto := int64(0)
		for _, d := range o.live() {
			if !bears(d) {
				continue
			}
			before := upto
			upto += h.weight(d)
			if d.id == of.id {
				sum.Add(sum, minor(h.upto(upto, whole)-h.upto(before, whole)))
			}
		}
	}
	return sum
}

func (h overhead) weight(d deal) int64 {
	switch {
	case d.currency != h.currency:
		return 0
	case h.byDeals:
		return 1
	default:
		return d.amount
	}
}

// upto rounds the part of the overhead that the first deals bear.
func (h overhead) upto(weight, whole int64) int64 { return (2*h.amount*weight + whole) / (2 * whole) }

func target(_ *oracle, q deal) *big.Rat { return minor(q.amount) }

// booked adds up what the person won in the quota's days, in its currency.
func booked(o *oracle, q deal) *big.Rat {
	sum := new(big.Rat)
	for _, d := range o.wonFor(q) {
		if d.currency == q.currency {
			sum.Add(sum, minor(d.amount))
		}
	}
	return sum
}

func (o *oracle) wonFor(q deal) []deal {
	of := o.quotas[q.quota-1]
	return slices.DeleteFunc(o.live(), func(d deal) bool {
		return o.outcome(d) != "won" || d.owner != of.person || d.closed < of.from || d.closed >= of.till
	})
}

// whole is the world of now, which knows whether something is loaded at all.
func (w *world) whole() *world {
	if w.now != nil {
		return w.now
	}
	return w
}

func haveChances(w *world) bool {
	return slices.ContainsFunc(w.chances, func(c string) bool { return c != "" }) ||
		slices.ContainsFunc(w.meanings, func(m meaning) bool { return !m.superseded && m.chance != "" })
}

func haveDirect(w *world) bool  { return haveCost(w, false) }
func haveSelling(w *world) bool { return haveCost(w, false) && haveCost(w, true) }

func haveCost(w *world, selling bool) bool {
	return slices.ContainsFunc(w.deals, func(d deal) bool {
		return slices.ContainsFunc(d.costs, func(c cost) bool { return !c.superseded && c.selling == selling })
	})
}

func haveOverhead(w *world) bool {
	return haveSelling(w) && slices.ContainsFunc(w.overhead, func(h overhead) bool { return !h.superseded })
}

func haveCreated(w *world) bool {
	return slices.ContainsFunc(w.deals, func(d deal) bool { return d.created != noDay && !d.deleted })
}

func haveQuotas(w *world) bool {
	return slices.ContainsFunc(w.quotas, func(q quota) bool { return !q.superseded && q.person != 0 })
}

// cut reports whether a period or a step of the breakdown cuts through a quota
// that counts.
func (o *oracle) cut(from, till day) bool {
	step := ""
	if n := len(o.q.By); n > 0 && slices.Contains(steps, o.q.By[n-1]) {
		step = o.q.By[n-1]
	}
	for _, name := range o.measure().made {
		if o.input(name).cut(from, till) {
			return true
		}
	}
	return o.measure().quota && slices.ContainsFunc(o.counted(from, till), func(d deal) bool {
		if o.isHalfCovered(d) {
			return true
		}
		first, last := o.clock(d), o.last(d)
		return from != noDay && first < from || till != noDay && last >= till || step != "" && o.bucket(step, first) != o.bucket(step, last)
	})
}

// sums is the quantity of what is added up deal by deal, or of one such sum
// over another.
func (o *oracle) sums(facts []deal, currency string) quantity {
	m := o.measure()
	facts = slices.DeleteFunc(slices.Clone(facts), func(d deal) bool {
		return o.currencyOf(d) != currency && d.currency != ""
	})
	part, whole, all, covered := new(big.Rat), new(big.Rat), new(big.Rat), new(big.Rat)
	known, divisors := 0, 0
	for _, d := range facts {
		all.Add(all, o.converted(d, minor(d.amount)))
		if x := m.of(o, d); x != nil {
			known++
			part.Add(part, o.converted(d, x))
			covered.Add(covered, o.converted(d, minor(d.amount)))
		}
		if m.over != nil {
			if y := m.over(o, d); y != nil {
				divisors++
				whole.Add(whole, o.converted(d, y))
			}
		}
	}
	unit := minor(max(1, minorUnits[currency]))
	q := quantity{n: len(facts)}
	counts := fmt.Sprintf("known %d of %d", known, len(facts))
	switch {
	case m.over != nil:
		if m.quota && !m.forecast || m.patches {
			counts = o.coverage(facts)
		}
		if whole.Sign() != 0 {
			q.value = new(big.Rat).Quo(part, whole)
			counts += ", " + part.Quo(part, unit).RatString() + " of " + whole.Quo(whole, unit).RatString()
		}
	default:
		if known > 0 {
			q.value = new(big.Rat).Quo(part, unit)
		}
		if !m.quota && !m.patches && all.Sign() != 0 {
			counts += ", covers " + new(big.Rat).Quo(covered, all).RatString()
		}
	}
	why := reason(q.n, metric.ReasonNoAmount)
	if divisors > 0 && whole.Sign() == 0 {
		why = metric.ReasonNothingToDivideBy
	}
	if !m.loaded(o.world.whole()) || !o.haveGauged() {
		q.value, why = nil, metric.ReasonNotLoaded
	}
	q.reason, q.known = why, [2]int{known, len(facts)}
	q.words = words(q.value, currency, counts, why)
	return q
}

// coverage says for how many of the deals won in the days of quotas the amount
// can be set against them.
func (o *oracle) coverage(quotas []deal) string {
	known, of := 0, 0
	for _, q := range quotas {
		known, of = known+q.told[0], of+q.told[1]
	}
	if o.measure().patches {
		return fmt.Sprintf("known %d of %d", known, of)
	}
	wonFor := o.wonFor
	if o.measure().laid {
		wonFor = o.wonBelow
	}
	for _, q := range quotas {
		for _, won := range wonFor(q) {
			of++
			if won.currency == q.currency {
				known++
			}
		}
	}
	return fmt.Sprintf("known %d of %d", known, of)
}

// rateOf is the rate at which a fact is converted, none if it is not.
func (o *oracle) rateOf(d deal) (found rate, ok bool) {
	o, d = o.asked(d)
	on := o.clock(d)
	if o.measure().stock {
		on = o.today
	}
	for _, r := range o.rates {
		if !r.superseded && r.currency == d.currency && r.into == o.q.In && on != noDay && r.from <= on && (!ok || r.from > found.from) {
			found, ok = r, true
		}
	}
	return found, ok
}

// currencyOf is the currency a fact counts in.
func (o *oracle) currencyOf(d deal) string {
	if _, ok := o.rateOf(d); ok {
		return o.q.In
	}
	return d.currency
}

// converted is an amount of a fact in minor units of that currency, whole ones
// if it is another than its own: halves go away from zero.
func (o *oracle) converted(d deal, amount *big.Rat) *big.Rat {
	r, ok := o.rateOf(d)
	if !ok {
		return amount
	}
	much, _ := new(big.Rat).SetString(r.much)
	much.Mul(much, big.NewRat(minorUnits[r.into], minorUnits[r.currency]))
	much.Mul(much, amount)
	whole, _ := new(big.Rat).SetString(much.FloatString(0)) // rounds so
	return whole
}

// conversions says of the facts that were converted which they are.
func (o *oracle) conversions(facts []deal) []metric.Conversion {
	var out []metric.Conversion
	for _, currency := range []string{"EUR", "JPY", "USD"} {
		of := metric.Conversion{Currency: currency}
		for _, d := range facts {
			r, ok := o.rateOf(d)
			if !ok || d.currency != currency {
				continue
			}
			of.Facts++
			of.Last = max(of.Last, r.from.String())
			if of.First == "" || r.from.String() < of.First {
				of.First = r.from.String()
			}
		}
		if of.Facts > 0 {
			out = append(out, of)
		}
	}
	return out
}

// expected is what is to be booked of a quota by today: as many of its working
// days as have gone, of all, rounded to minor units, halves up.
func expected(o *oracle, q deal) *big.Rat {
	of := o.quotas[q.quota-1]
	whole, gone := 0, 0
	for on := of.from; on < of.till; on++ {
		if o.works(on) {
			whole++
			if on <= o.today {
				gone++
			}
		}
	}
	if whole == 0 && o.today >= of.till-1 {
		whole, gone = 1, 1
	}
	share := big.NewRat(q.amount*int64(gone), int64(max(whole, 1)))
	rounded, _ := new(big.Rat).SetString(share.FloatString(0)) // halves away from zero
	return rounded
}

// works reports whether the company works on a day.
func (o *oracle) works(on day) bool {
	for _, h := range o.co.Holidays {
		if h.Day.Equal(on.time()) {
			return false
		}
	}
	return o.co.WorkingDays == [7]bool{} || o.co.WorkingDays[on.time().Weekday()]
}

// wonWithin90 reports whether a deal was won within 90 days of when work on it
// started.
func wonWithin90(o *oracle, d deal) bool {
	return o.outcome(d) == "won" && d.closed >= d.engaged && d.closed <= d.engaged+90
}
