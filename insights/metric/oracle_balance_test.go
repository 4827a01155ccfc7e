package metric_test

import (
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that tell how even territories are.

func init() {
	of := measure{
		unit: metric.UnitMoney, facts: (*oracle).patches, dims: []string{"territory"}, asIs: true, stock: true, patches: true,
		of: func(_ *oracle, d deal) *big.Rat { return minor(d.amount) }, loaded: func(*world) bool { return true },
	}
	near := of
	near.unit, near.of, near.young = metric.UnitCount, nil, func(_ *oracle, d deal) bool { return d.near == "" }
	near.only = func(_ *oracle, d deal) bool { return d.near != "" }
	measures["territories_with_average"] = near
	near.only = func(_ *oracle, d deal) bool { return d.near == "yes" }
	measures["territories_near_average"] = near
	near.unit, near.only, near.among = metric.UnitRatio, measures["territories_with_average"].only, near.only
	measures["territory_balance_share"] = near
	end := of
	end.of, end.combine = nil, func(v []int64) *big.Rat { return minor(v[len(v)-1]) }
	measures["greatest_pipeline_of_territories"] = end
	end.combine = func(v []int64) *big.Rat { return minor(v[0]) }
	measures["least_pipeline_of_territories"] = end
	measures["territory_spread"] = measure{
		unit: metric.UnitRatio, made: []string{"greatest_pipeline_of_territories", "least_pipeline_of_territories"}, dims: of.dims, asIs: true, stock: true, patches: true,
		shares: func(v []*big.Rat) [2]*big.Rat { return [2]*big.Rat{v[0], v[1]} },
	}
	measures["open_pipeline_of_territories"] = of
	of.of = func(_ *oracle, d deal) *big.Rat { return minor(d.even) }
	measures["even_share_of_pipeline"] = of
	of.unit, of.over, of.of = metric.UnitRatio, of.of, measures["open_pipeline_of_territories"].of
	measures["territory_balance"] = of
}

// patches are the territories that have none below them on the map, as if each
// were a deal in each of the currencies that any of their open deals is in.
func (o *oracle) patches() []deal {
	ids := o.lowest()
	var open []deal
	found := map[string]int64{}
	for _, d := range o.live() {
		if o.outcome(d) != "open" {
			continue
		}
		d.closed = o.today
		if d.placed = o.territoryOf(d); slices.Contains(ids, d.placed) {
			open = append(open, d)
			found[d.currency] += d.amount
		}
	}
	delete(found, "")
	var out []deal
	for currency, whole := range found {
		for nth, id := range ids {
			one := deal{placed: id, currency: currency, closed: o.today, stage: 1, even: upTo(whole, nth+1, len(ids)) - upTo(whole, nth, len(ids))}
			for _, d := range open {
				if d.placed == id && d.currency == currency {
					one.amount += d.amount
					one.told[0]++
				}
				if d.placed == id && (d.currency == currency || d.currency == "") {
					one.told[1]++
				}
			}
			if whole > 0 {
				one.near = "no"
				if of := big.NewRat(one.amount*int64(len(ids)), whole); of.Cmp(big.NewRat(85, 100)) >= 0 && of.Cmp(big.NewRat(115, 100)) <= 0 {
					one.near = "yes"
				}
			}
			out = append(out, one)
		}
	}
	return out
}

// upTo is what the first so many of all have of a whole that is shared out evenly,
// rounded up.
func upTo(whole int64, nth, many int) int64 {
	share := new(big.Rat).SetFrac64(-whole*int64(nth), int64(many))
	return -new(big.Int).Div(share.Num(), share.Denom()).Int64() // rounds down, below nought too
}
