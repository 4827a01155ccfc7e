package metric_test

import (
	"math"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// TestNumbersAddUpExactly adds numbers in any order as fractions do, beyond 64
// bits and behind the point, and leaves out those that are unknown.
func TestNumbersAddUpExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.SampledFrom([]string{
			"", "0", "1", "-1", "100", "-250", "0.5", "-0.25", "12345678901234567890", "-12345678901234567890.75",
			big.NewInt(math.MaxInt64).String(), big.NewInt(math.MinInt64).String(),
		})).Draw(t, "numbers")
		var want *big.Rat
		for _, text := range texts {
			if text == "" {
				continue
			}
			if want == nil {
				want = new(big.Rat)
			}
			number, _ := new(big.Rat).SetString(text)
			want.Add(want, number)
		}
		got := metric.SumOf(texts)
		if (got == nil) != (want == nil) || got != nil && got.Cmp(want) != 0 {
			t.Fatalf("%q add up to %v, want %v", texts, got, want)
		}
	})
}
