package metric_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

func TestIntervalsAreThosePublished(t *testing.T) {
	for _, tt := range []struct {
		k, n int64
		want string
	}{
		{6, 25, "0.1150 to 0.4343"},   // 12 to 43 %
		{24, 100, "0.1669 to 0.3323"}, // 17 to 33 %
		{81, 263, "0.2553 to 0.3662"}, // Newcombe 1998, table I, method 3
		{15, 148, "0.0624 to 0.1605"},
		{0, 20, "0.0000 to 0.1611"},
		{1, 29, "0.0061 to 0.1718"},
	} {
		low, high := metric.Interval(tt.k, tt.n)
		if got := fmt.Sprintf("%.4f to %.4f", low, high); got != tt.want {
			t.Errorf("%d of %d: %s, want %s", tt.k, tt.n, got, tt.want)
		}
	}
}

// The ends of the interval are the rates from which what was found is just so
// far away: that is how Wilson defined it.
func TestIntervalEndsWhereWhatWasFoundIsJustCredible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(1, 1_000_000).Draw(t, "n")
		k := rapid.Int64Range(0, n).Draw(t, "k")
		low, high := metric.Interval(k, n)
		found := float64(k) / float64(n)
		for _, end := range []float64{low, high} {
			if end == 0 || end == 1 {
				continue
			}
			away := math.Abs(found-end) / math.Sqrt(end*(1-end)/float64(n))
			if math.Abs(away-1.959964) > 1e-3 {
				t.Fatalf("%d of %d: %v is %v deviations away", k, n, end, away)
			}
		}
		if low > found || high < found || low < 0 || high > 1 {
			t.Fatalf("%d of %d: %v to %v", k, n, low, high)
		}
	})
}
