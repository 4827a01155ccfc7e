package metric_test

import (
	"math/big"
	"testing"

	"salesbot/insights/metric"
)

func TestWhatChangedSince(t *testing.T) {
	money := func(n int64, currency string) metric.Quantity {
		return metric.Quantity{Value: big.NewRat(n, 3), Unit: metric.UnitMoney, Currency: currency}
	}
	ratio := func(n int64) metric.Quantity {
		return metric.Quantity{Value: big.NewRat(n, 100), Unit: metric.UnitRatio}
	}
	unknown := metric.Quantity{Unit: metric.UnitMoney, Currency: "USD", Reason: metric.ReasonNoRows}
	cases := map[string]struct {
		now, previous  metric.Quantity
		change, growth *big.Rat
	}{
		"exactly, to the third of a cent": {money(4, "USD"), money(1, "USD"), big.NewRat(1, 1), big.NewRat(3, 1)},
		"nothing":                         {money(4, "USD"), money(4, "USD"), new(big.Rat), new(big.Rat)},
		"from nothing there is no growth": {money(4, "USD"), money(0, "USD"), big.NewRat(4, 3), nil},
		"a rate moves by points":          {ratio(60), ratio(50), big.NewRat(1, 10), nil},
		"currencies are never subtracted": {money(4, "USD"), money(1, "EUR"), nil, nil},
		"nor units":                       {ratio(4), money(1, ""), nil, nil},
		"nor what is unknown":             {unknown, money(1, "USD"), nil, nil},
		"nor from what is unknown":        {money(1, "USD"), unknown, nil, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			f := metric.Since(c.now, c.previous)
			if !sameRat(f.Change, c.change) || !sameRat(f.Growth, c.growth) || f.Previous == nil {
				t.Errorf("change %v, growth %v; want %v, %v", f.Change, f.Growth, c.change, c.growth)
			}
		})
	}
}

func sameRat(a, b *big.Rat) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Cmp(b) == 0
}
