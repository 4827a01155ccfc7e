package metric

import (
	"fmt"
	"math/big"
	"strings"
)

// unusual lists the currencies whose minor unit is not a hundredth, with how
// many make one: what CLDR says, as everything that reads or writes amounts.
var unusual = []struct {
	minor      int64
	currencies string
}{
	{1, "ADP AFN ALL AMD BIF BYR CLP COP DJF ESP GNF GYD IDR IQD IRR ISK ITL JPY KMF KPW KRW LAK LBP LUF MGA MGF MMK " +
		"MNT MRO MUR PKR PYG RSD RWF SLL SOS STD SYP TMM TRL TZS UGX UYI UZS VND VUV XAF XOF XPF YER ZMK ZWD"},
	{1_000, "BHD JOD KWD LYD OMR TND"},
	{10_000, "CLF"},
}

// minorPerMajor returns how many minor units make one of the currency.
func minorPerMajor(currency string) *big.Rat {
	for _, u := range unusual {
		if len(currency) == 3 && strings.Contains(u.currencies, currency) {
			return big.NewRat(u.minor, 1)
		}
	}
	return big.NewRat(100, 1)
}

// minorPerMajorSQL is minorPerMajor in SQL, for the deal o.
func minorPerMajorSQL() string {
	var b strings.Builder
	b.WriteString("case")
	for _, u := range unusual {
		fmt.Fprintf(&b, " when position(o.currency in '%s') > 0 then %d", u.currencies, u.minor)
	}
	b.WriteString(" else 100 end")
	return b.String()
}
