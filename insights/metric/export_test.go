package metric

import "math/big"

// MinorPerMajor lets the tests hold it against what the rest of the house uses.
func MinorPerMajor(currency string) int64 { return minorPerMajor(currency) }

// SumOf adds up numbers as Postgres prints them, empty ones being unknown; nil is
// unknown.
func SumOf(texts []string) *big.Rat {
	var sum number
	for _, text := range texts {
		n, _ := parseNumber(text)
		sum = sum.plus(n)
	}
	return sum.rat()
}
