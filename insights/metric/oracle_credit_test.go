package metric_test

import (
	"cmp"
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// What the metrics mean that count credits, person by person of each deal.

func init() {
	dims := []string{"person", "manager", "territory", "account", "industry", "segment", "country", "product", "source", "kind"}
	of := func(kind string) measure {
		return measure{
			unit: metric.UnitMoney, facts: (*oracle).credits, dims: dims, combine: total,
			only: func(_ *oracle, d deal) bool { return d.credit == kind },
		}
	}
	measures["credited_revenue"], measures["overlay_credit"] = of("revenue"), of("overlay")
}

// credits lists, as if they were deals of the person credited, the parts of each
// won deal.
func (o *oracle) credits() []deal {
	var out []deal
	for _, d := range o.live() {
		if o.outcome(d) != "won" {
			continue
		}
		credit := func(person int, kind string, amount int64) {
			part := d
			part.owner, part.credit, part.amount = person, kind, amount
			out = append(out, part)
		}
		revenue, overlay := d.shares(false), d.shares(true)
		if len(revenue) == 0 {
			credit(d.owner, "revenue", d.amount)
		}
		parts := d.parts(revenue)
		for i, s := range revenue {
			credit(s.person, "revenue", parts[i])
		}
		for _, s := range overlay {
			credit(s.person, "overlay", nearest(d.amount*s.share))
		}
	}
	return out
}

// shares lists the splits of a kind that are believed, in the order of people.
func (d deal) shares(overlay bool) []split {
	out := slices.DeleteFunc(slices.Clone(d.splits), func(s split) bool { return s.superseded || s.overlay != overlay })
	slices.SortFunc(out, func(a, b split) int { return cmp.Compare(a.person, b.person) })
	return out
}

// parts shares out the amount: whoever has more of it comes first, and each takes
// what makes up the rounded amount of all so far.
func (d deal) parts(shares []split) []int64 {
	inTurn := make([]int, len(shares))
	for i := range inTurn {
		inTurn[i] = i
	}
	slices.SortStableFunc(inTurn, func(i, j int) int { return cmp.Compare(shares[j].share, shares[i].share) })
	out := make([]int64, len(shares))
	given, upto := int64(0), int64(0)
	for _, i := range inTurn {
		upto += shares[i].share
		out[i] = nearest(d.amount*upto) - given
		given += out[i]
	}
	return out
}

// nearest is the whole number nearest to so many ten thousandths, halves up.
func nearest(tenThousandths int64) int64 {
	doubled := big.NewInt(2*tenThousandths + 10000)
	return new(big.Int).Div(doubled, big.NewInt(20000)).Int64() // rounds down, below nought too
}
