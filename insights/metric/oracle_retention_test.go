package metric_test

import (
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// What the metrics mean that tell what accounts pay in a year, and how much of it
// stays.

// movement is what an account's recurring revenue grew or shrank by on a day.
type movement struct {
	account, product int
	kind             string
	on               day
	amount           int64
	currency         string
	superseded       bool
}

// signed is the amount with the sign of the way it goes.
func (m movement) signed() int64 {
	if m.kind == "contraction" || m.kind == "churn" {
		return -m.amount
	}
	return m.amount
}

// paying is what an account of the cohort paid in one currency as a period began,
// and what became of it.
type paying struct {
	start, gain, loss int64
	lost              bool
	logo              string
}

func init() {
	of := []string{"account", "industry", "segment", "country"}
	paid := func(amount func(p *paying) int64) measure {
		return measure{
			unit: metric.UnitMoney, combine: total, dims: of, loaded: haveMovements, nobodys: true, cohort: true,
			windows: func(o *oracle, from, till day) []deal {
				facts := o.cohort(from, till)
				for i := range facts {
					facts[i].amount = amount(facts[i].paying)
				}
				return facts
			},
		}
	}
	start := func(p *paying) int64 { return p.start }
	gross := func(p *paying) int64 { return max(0, p.start-p.loss) }
	net := func(p *paying) int64 { return max(0, p.start+p.gain-p.loss) }
	measures["starting_recurring_revenue"], measures["gross_retained_revenue"], measures["net_retained_revenue"] = paid(start), paid(gross), paid(net)
	share := func(part func(p *paying) int64) measure {
		m := paid(start)
		m.unit, m.combine = metric.UnitRatio, nil
		m.of = func(_ *oracle, d deal) *big.Rat { return minor(part(d.paying)) }
		m.over = func(_ *oracle, d deal) *big.Rat { return minor(d.paying.start) }
		return m
	}
	measures["net_revenue_retention"], measures["gross_revenue_retention"] = share(net), share(gross)

	isLogo := func(words ...string) func(*oracle, deal) bool {
		return func(_ *oracle, d deal) bool { return slices.Contains(words, d.paying.logo) }
	}
	logos := func(words ...string) measure {
		m := paid(start)
		m.unit, m.combine, m.only = metric.UnitCount, nil, isLogo(words...)
		return m
	}
	measures["logo_count"], measures["lost_logo_count"] = logos("kept", "lost"), logos("lost")
	measures["kept_logo_count"] = logos("kept")
	keeping := logos("kept", "lost")
	keeping.unit, keeping.among, keeping.minFacts = metric.UnitRatio, isLogo("kept"), 3
	measures["logo_retention"] = keeping
	churn := logos("kept", "lost")
	churn.unit, churn.among, churn.minFacts = metric.UnitRatio, isLogo("lost"), 3
	measures["logo_churn"] = churn

	measures["recurring_revenue"] = measure{
		unit: metric.UnitMoney, combine: total, dims: append(slices.Clone(of), "product"), loaded: haveMovements, nobodys: true,
		windows: (*oracle).movedUpTo,
	}
	moved := func(amount func(m movement) int64, kinds ...string) measure {
		return measure{
			unit: metric.UnitMoney, combine: total, dims: append(slices.Clone(of), "product"), loaded: haveMovements, nobodys: true,
			facts: func(o *oracle) []deal { return o.movedOf(amount, kinds) },
		}
	}
	size := func(m movement) int64 { return m.amount }
	measures["new_recurring_revenue"], measures["expansion_revenue"] = moved(size, "new"), moved(size, "expansion")
	measures["contraction_revenue"], measures["churned_revenue"] = moved(size, "contraction"), moved(size, "churn")
	measures["reactivated_revenue"], measures["net_new_recurring_revenue"] = moved(size, "reactivation"), moved(movement.signed)
	monthly := func(of string) measure {
		return measure{
			unit: metric.UnitMoney, nobodys: true, made: []string{of},
			with: func(v []*big.Rat) *big.Rat {
				if v[0] == nil {
					return nil
				}
				return new(big.Rat).Quo(v[0], big.NewRat(12, 1))
			},
		}
	}
	measures["monthly_recurring_revenue"], measures["churned_mrr"] = monthly("recurring_revenue"), monthly("churned_revenue")
}

// movedOf lists the movements of some kinds that have happened, all if none is
// named, as if they were deals of their day.
func (o *oracle) movedOf(amount func(m movement) int64, kinds []string) []deal {
	var out []deal
	for _, m := range o.movements {
		if !m.superseded && m.on <= o.today && (len(kinds) == 0 || slices.Contains(kinds, m.kind)) {
			out = append(out, deal{account: m.account, product: m.product, amount: amount(m), currency: m.currency, closed: m.on, stage: 1})
		}
	}
	return out
}

// isWindowed reports whether what is asked, or what it is made of, is of the days
// asked about as one.
func (o *oracle) isWindowed() bool {
	made := slices.ContainsFunc(o.measure().made, func(name string) bool { return measures[name].windows != nil })
	return made || o.measure().windows != nil
}

// movedUpTo lists the movements up to the end of the days, as if they were deals
// of the last of these.
func (o *oracle) movedUpTo(_, till day) []deal {
	last := o.lastOf(till)
	var out []deal
	for _, m := range o.movements {
		if !m.superseded && m.on <= last {
			out = append(out, deal{account: m.account, product: m.product, amount: m.signed(), currency: m.currency, closed: last, stage: 1})
		}
	}
	return out
}

// lastOf is the last of the days until another, of which none is ahead.
func (o *oracle) lastOf(till day) day {
	if till == noDay {
		return o.today
	}
	return min(till-1, o.today)
}

// cohort follows each account from day to day, as if it were a deal of the first.
func (o *oracle) cohort(from, till day) []deal {
	var out []deal
	for account := range len(o.accounts) {
		first := -1 // of its currencies
		for _, currency := range []string{"EUR", "JPY", "USD"} {
			p := o.followed(account+1, currency, from, o.lastOf(till))
			if p.start <= 0 {
				continue
			}
			out = append(out, deal{account: account + 1, amount: p.start, currency: currency, closed: from, stage: 1, paying: &p})
			if first < 0 {
				first = len(out) - 1
				out[first].paying.logo = "lost"
			}
			if !p.lost {
				out[first].paying.logo = "kept"
			}
		}
	}
	return out
}

// followed is what became of what an account paid in a currency.
func (o *oracle) followed(account int, currency string, from, last day) paying {
	p := paying{}
	for _, m := range o.movements {
		if m.account == account && m.currency == currency && m.on < from && !m.superseded {
			p.start += m.signed()
		}
	}
	for on := from; on <= last && !p.lost; on++ {
		moved := false
		for _, m := range o.movements {
			if m.account != account || m.currency != currency || m.on != on || m.superseded {
				continue
			}
			moved = true
			if m.signed() < 0 {
				p.loss += m.amount
			} else {
				p.gain += m.amount
			}
		}
		p.lost = moved && p.start+p.gain-p.loss <= 0
	}
	return p
}

// windowed lists the facts of each step of time by itself.
func (o *oracle) windowed(step string, from, till day) []deal {
	var out []deal
	for first := from; first < till && first <= o.today; {
		next := first + 1
		for next < till && o.bucket(step, next) == o.bucket(step, first) {
			next++
		}
		out = append(out, o.counted(first, next)...)
		first = next
	}
	return out
}

// isWindowless reports whether what is told of days is asked of none, or of such
// as have not begun.
func (o *oracle) isWindowless() bool {
	m := o.measure()
	stepped := len(o.q.By) > 0 && slices.Contains(steps, o.q.By[len(o.q.By)-1])
	unbounded := m.cohort && o.from == noDay || stepped && (o.from == noDay || o.till == noDay)
	return o.isWindowed() && (unbounded || o.from > o.today || o.comparesAhead())
}

func haveMovements(w *world) bool {
	return slices.ContainsFunc(w.movements, func(m movement) bool { return !m.superseded })
}

// drawMovement draws movements of few amounts, so that accounts reach nought.
func drawMovement(t *rapid.T) movement {
	return movement{
		account: rapid.IntRange(1, 3).Draw(t, "account"), product: rapid.IntRange(0, 2).Draw(t, "product"),
		kind:       rapid.SampledFrom([]string{"new", "new", "expansion", "contraction", "churn", "reactivation"}).Draw(t, "kind of movement"),
		on:         day(rapid.IntRange(0, lastDay).Draw(t, "moved on")),
		amount:     rapid.SampledFrom([]int64{0, 50, 100, 100, 200}).Draw(t, "amount"),
		currency:   rapid.SampledFrom([]string{"USD", "USD", "USD", "EUR", "JPY"}).Draw(t, "currency"),
		superseded: rapid.IntRange(0, 6).Draw(t, "superseded") == 0,
	}
}
