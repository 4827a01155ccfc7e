package metric

import (
	"encoding/json"
	"math/big"
	"strings"
)

// usualMinor is how many minor units make one of nearly every currency;
// unusualMinor holds the others: what CLDR says, and so what everything that
// reads or writes amounts goes by.
const usualMinor = 100

var unusualMinor = func() map[string]int64 {
	minor := map[string]int64{"CLF": 10_000}
	for _, c := range strings.Fields("BHD JOD KWD LYD OMR TND") {
		minor[c] = 1_000
	}
	for _, c := range strings.Fields(`
		ADP AFN ALL AMD BIF BYR CLP COP DJF ESP GNF GYD IDR IQD IRR ISK ITL JPY KMF KPW KRW LAK LBP LUF MGA MGF
		MMK MNT MRO MUR PKR PYG RSD RWF SLL SOS STD SYP TMM TRL TZS UGX UYI UZS VND VUV XAF XOF XPF YER ZMK ZWD`) {
		minor[c] = 1
	}
	return minor
}()

// unusualMinorJSON is unusualMinor for Postgres, as one argument.
var unusualMinorJSON = written(unusualMinor)

// unusualMajorJSON tells Postgres what a minor unit is of a major one, as a
// decimal: what is multiplied with one stays exact.
var unusualMajorJSON = func() string {
	major := map[string]json.Number{}
	for currency, n := range unusualMinor {
		major[currency] = json.Number(big.NewRat(1, n).FloatString(4))
	}
	return written(major)
}()

func written(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// minorPerMajor returns how many minor units make one of the currency.
func minorPerMajor(currency string) int64 {
	if n, ok := unusualMinor[currency]; ok {
		return n
	}
	return usualMinor
}
