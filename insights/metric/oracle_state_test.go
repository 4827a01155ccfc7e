package metric_test

import (
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that count deals of a state.

func init() {
	stock := func(unit metric.Unit, only func(o *oracle, d deal) bool, loaded func(w *world) bool) measure {
		m := measure{unit: unit, counts: "open", asIs: true, stock: true, only: only, loaded: loaded}
		if unit == metric.UnitMoney {
			m.combine = total
		}
		return m
	}
	in := func(category string) func(o *oracle, d deal) bool {
		return func(_ *oracle, d deal) bool { return d.category == category }
	}
	shares := func(part, whole string) measure {
		return measure{
			unit: metric.UnitRatio, made: []string{part, whole}, asIs: measures[part].asIs, stock: measures[part].stock,
			shares: func(v []*big.Rat) [2]*big.Rat { return [2]*big.Rat{v[0], v[1]} },
		}
	}
	for name, m := range map[string]measure{
		"decided_revenue":    {unit: metric.UnitMoney, counts: "won lost", combine: total},
		"new_logos":          {unit: metric.UnitCount, counts: "won", state: firstWin},
		"forecast_commit":    stock(metric.UnitMoney, in("commit"), haveCategories),
		"forecast_best_case": stock(metric.UnitMoney, in("best_case"), haveCategories),
		"overdue_count":      stock(metric.UnitCount, overdue, nil),
		"overdue_pipeline":   stock(metric.UnitMoney, overdue, nil),
		"silent_count":       stock(metric.UnitCount, silent, haveContacts),
		"silent_pipeline":    stock(metric.UnitMoney, silent, haveContacts),
		"unpriced_count":     stock(metric.UnitCount, func(_ *oracle, d deal) bool { return d.amount <= 0 }, nil),
		"no_next_step_count": stock(metric.UnitCount, func(_ *oracle, d deal) bool { return d.step == "" }, haveSteps),
		"clean_pipeline": stock(metric.UnitMoney, func(o *oracle, d deal) bool {
			return !overdue(o, d) && d.amount > 0 && d.step != ""
		}, haveSteps),
		"greatest_open_amount": {unit: metric.UnitMoney, counts: "open", asIs: true, stock: true, combine: func(v []int64) *big.Rat { return minor(v[len(v)-1]) }},
		"sales_velocity": {
			unit: metric.UnitMoneyPerDay, made: []string{"engaged_count", "win_rate", "average_deal_size", "average_sales_cycle"},
			with: func(v []*big.Rat) *big.Rat {
				if v[3].Sign() == 0 {
					return nil
				}
				pace := new(big.Rat).Mul(new(big.Rat).Mul(v[0], v[1]), v[2])
				return pace.Quo(pace, v[3])
			},
		},
		"forecast_commit_cumulative":    inAll("won_revenue", "forecast_commit"),
		"forecast_best_case_cumulative": inAll("won_revenue", "forecast_commit", "forecast_best_case"),
	} {
		measures[name] = m
	}
	measures["win_rate_value"] = shares("won_revenue", "decided_revenue")
	measures["overdue_share"] = shares("overdue_pipeline", "open_pipeline")
	measures["silent_share"] = shares("silent_pipeline", "open_pipeline")
	measures["clean_pipeline_share"] = shares("clean_pipeline", "open_pipeline")
	measures["largest_deal_share"] = shares("greatest_open_amount", "open_pipeline")
}

func inAll(names ...string) measure {
	return measure{unit: metric.UnitMoney, made: names, asIs: true, stock: true, with: func(v []*big.Rat) *big.Rat {
		sum := new(big.Rat)
		for _, x := range v {
			sum.Add(sum, x)
		}
		return sum
	}}
}

func overdue(o *oracle, d deal) bool { return d.closed != noDay && d.closed < o.today }

// silent: for fourteen days up to today, nobody was in touch both ways.
func silent(o *oracle, d deal) bool {
	begun := d.created
	if begun == noDay {
		begun = d.engaged
	}
	if begun != noDay && begun > o.today-14 {
		return false
	}
	return !slices.ContainsFunc(d.contacts, func(c contact) bool {
		on := o.dayOf(c.at)
		return c.twoWay && on > o.today-14 && on <= o.today
	})
}

func haveCategories(w *world) bool {
	return slices.ContainsFunc(w.live(), func(d deal) bool { return d.category != "" })
}

func haveSteps(w *world) bool {
	return slices.ContainsFunc(w.live(), func(d deal) bool { return d.step != "" })
}

func haveContacts(w *world) bool {
	return len(w.talks) > 0 || slices.ContainsFunc(w.deals, func(d deal) bool { return len(d.contacts) > 0 })
}

// firstWin: no other deal with the account was won on an earlier day or, on the
// same one, stands before it.
func firstWin(o *oracle, d deal) (is, known bool) {
	before := func(other deal) bool {
		sooner := other.closed < d.closed || other.closed == d.closed && other.id < d.id
		return other.account == d.account && o.outcome(other) == "won" && other.closed != noDay && sooner
	}
	return !slices.ContainsFunc(o.live(), before), d.account != 0
}
