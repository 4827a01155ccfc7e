package metric

import "math"

// z95 is how many standard deviations hold 95 % of a normal distribution.
const z95 = 1.959963984540054

// Interval returns between which rates the true one lies with 95 % confidence,
// where k of n were found (Wilson's score interval). Unlike the usual one it
// stays between 0 and 1, and has a width even where k is none or all.
func Interval(k, n int64) (low, high float64) {
	if n <= 0 {
		return 0, 1
	}
	if 2*k > n { // so that all of n reaches 1 just as none of n reaches 0
		low, high = Interval(n-k, n)
		return 1 - high, 1 - low
	}
	size := float64(n)
	rate := float64(k) / size
	whole := 1 + z95*z95/size
	middle := rate + z95*z95/(2*size)
	reach := z95 * math.Sqrt(rate*(1-rate)/size+z95*z95/(4*size*size))
	if k == 0 {
		return 0, (middle + reach) / whole
	}
	return (middle - reach) / whole, (middle + reach) / whole
}
