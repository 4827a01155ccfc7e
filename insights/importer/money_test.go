package importer

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"salesbot/insights"
)

func autoMoney(decimal string) moneyFormat { return moneyFormat{auto: true, decimal: decimal} }

// shownMoney is an amount or the reason there is none.
func shownMoney(m insights.Money, reason string) string {
	if reason != "" {
		return reason
	}
	return fmt.Sprint(m.Minor, " ", m.Currency)
}

func TestAmountsAreReadInEveryWayThatIsClear(t *testing.T) {
	const no = reasonNoWayOfMoney
	tests := []struct{ in, company, want string }{
		{"45300", "USD", "4530000 USD"},
		{"1234.50", "USD", "123450 USD"},
		{"1,234.50", "USD", "123450 USD"},
		{"1.234,56", "EUR", "123456 EUR"},
		{"1.234,56 €", "EUR", "123456 EUR"},
		{"€ 1.234,56", "EUR", "123456 EUR"},
		{"€1.234.567", "EUR", "123456700 EUR"},
		{"1 234,56", "EUR", "123456 EUR"},
		{"1\u202f234\u00a0567,5", "EUR", "123456750 EUR"},
		{"1 234", "EUR", "123400 EUR"},
		{"1'234.50", "CHF", "123450 CHF"},
		{"1’234.567’000", "CHF", no},
		{"$1,234,567", "USD", "123456700 USD"},
		{"1,23,456.00", "INR", "12345600 INR"},
		{"₹ 12,34,567", "INR", "123456700 INR"},
		{"1,23,45", "INR", no},
		{"1,23.456", "INR", no},
		{"45.3k", "USD", "4530000 USD"},
		{"$1.2M", "USD", "120000000 USD"},
		{"1,25 Mn €", "EUR", "125000000 EUR"},
		{"1.2345 bn", "USD", "123450000000 USD"},
		{"1.2345678k", "USD", "has more decimals than USD (2)"},
		{"(1,234.00)", "USD", "-123400 USD"},
		{"$(1,234.00)", "USD", "-123400 USD"},
		{"($ 5)", "USD", "-500 USD"},
		{"-$5", "USD", "-500 USD"},
		{"$-5", "USD", "-500 USD"},
		{"−5,50 €", "EUR", "-550 EUR"},
		{"5-", "USD", "-500 USD"},
		{"+5", "USD", "500 USD"},
		{"USD 45,300.00", "EUR", "4530000 USD"},
		{"45,300.00 USD", "EUR", "4530000 USD"},
		{"45300usd", "EUR", "4530000 USD"},
		{"US$ 5", "EUR", "500 USD"},
		{"$5 USD", "EUR", "500 USD"},
		{".5", "USD", "50 USD"},
		{",5", "EUR", "50 EUR"},
		{"0.123", "KWD", "123 KWD"},
		{"25000.0000", "USD", "2500000 USD"},
		{"25000.000", "USD", "2500000 USD"},
		{"25000.00000000000000000000000000000000", "USD", "2500000 USD"},
		{"¥45,300", "JPY", "45300 JPY"},
		{"45.300", "JPY", "45300 JPY"},

		{"45,300", "USD", reasonTwoAmounts},
		{"1.234", "USD", reasonTwoAmounts},
		{"1.000k", "USD", reasonTwoAmounts},
		{"$45,000", "JPY", "has a sign that several currencies share ($); --currency, such as --currency USD, says which is meant"},
		{"45,000", "JPY", reasonTwoAmounts}, // 45.000 yen could be 45
		{"25000.0010", "USD", "has more decimals than USD (2)"},
		{"$5", "CAD", "500 CAD"},
		{"$5", "EUR", "has a sign that several currencies share ($); --currency, such as --currency USD, says which is meant"},
		{"¥5", "USD", "has a sign that several currencies share (¥); --currency, such as --currency JPY, says which is meant"},
		{"€5", "USD", "500 EUR"},
		{"£5", "USD", "500 GBP"},
		{"€5 USD", "USD", reasonTwoCurrencies},
		{"5 abc", "USD", reasonUnknownCode},
		{"92233720368547758.08", "USD", reasonTooLarge},
		{"10000000000 bn", "USD", reasonTooLarge},
		{"1e6", "USD", no}, {"1,2,3", "USD", no}, {"1,234.", "USD", no}, {"1 2", "USD", no}, {"12 345 67", "USD", no}, {"0,123,456", "USD", no},
		{"--5", "USD", no}, {"(-5)", "USD", no}, {"-5-", "USD", no}, {"$", "USD", no}, {"-", "USD", no}, {"", "USD", no}, {".", "USD", no},
		{"5%", "USD", no}, {"5 kk", "USD", no}, {"about 5", "USD", no}, {"5 MM", "USD", no}, {"€€5", "EUR", no}, {"٣", "USD", no}, {"1.234,56.7", "EUR", no},
	}
	for _, test := range tests {
		t.Run(test.in+" "+test.company, func(t *testing.T) {
			if got := shownMoney(autoMoney("").readMoney(test.in, "", test.company)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheDecimalSignCanBeDeclared(t *testing.T) {
	tests := []struct{ decimal, in, want string }{
		{".", "45,300", "4530000 USD"},
		{",", "45,300", "4530 USD"},
		{".", "1.234", "has more decimals than USD (2)"},
		{",", "1.234", "123400 USD"},
		{".", "1.000k", "100000 USD"},
		{".", "45.300", "4530 USD"},
		{".", "1.234,56", "is no number, if the decimal sign is ."},
		{",", "1,234.56", "is no number, if the decimal sign is ,"},
	}
	for _, test := range tests {
		if got := shownMoney(autoMoney(test.decimal).readMoney(test.in, "", "USD")); got != test.want {
			t.Errorf("%s by %s became %q, want %q", test.in, test.decimal, got, test.want)
		}
	}
}

func TestAnAmountAgreesWithTheCurrencyOfItsRow(t *testing.T) {
	tests := []struct{ row, in, want string }{
		{"CAD", "$5", "500 CAD"},
		{"EUR", "$5", "is not in the currency that its row or file names (EUR)"},
		{"USD", "5 EUR", "is not in the currency that its row or file names (USD)"},
		{"JPY", "¥5", "5 JPY"},
		{"EUR", "5", "500 EUR"},
	}
	for _, test := range tests {
		if got := shownMoney(autoMoney("").readMoney(test.in, test.row, "USD")); got != test.want {
			t.Errorf("%s in %s became %q, want %q", test.in, test.row, got, test.want)
		}
	}
}

func TestOtherNumbersAreWrittenLikeAmounts(t *testing.T) {
	tests := []struct{ decimal, in, want string }{
		{"", "12", "12"}, {"", "1.25", "1.25"}, {"", "1,25", "1.25"}, {"", "-0.5", "-0.5"}, {"", "3.0000", "3"}, {"", "1,234.5", "1234.5"},
		{"", "1.085", reasonTwoAmounts}, {".", "1.085", "1.085"}, {",", "1.085", "1085"},
		{"", "$5", reasonNoWayOfMoney}, {"", "1.1234567890123", reasonTooLarge},
	}
	for _, test := range tests {
		got, reason := readDecimal(test.in, autoMoney(test.decimal))
		if got+reason != test.want {
			t.Errorf("%s by %q became %q %q, want %q", test.in, test.decimal, got, reason, test.want)
		}
	}
}

// Whatever the sign and the groups, an amount is what was written.
func TestAmountsSurviveEveryWayOfWriting(t *testing.T) {
	ways := []struct{ group, decimal string }{{"", "."}, {"", ","}, {",", "."}, {".", ","}, {" ", ","}, {"'", "."}, {"\u00a0", ","}}
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(-1e15, 1e15).Draw(t, "minor")
		way := rapid.SampledFrom(ways).Draw(t, "way")
		text := strings.ReplaceAll(thousands(int(abs(minor)/100)), ",", way.group) + fmt.Sprintf("%s%02d", way.decimal, abs(minor)%100)
		if minor < 0 {
			text = rapid.SampledFrom([]string{"-%s", "(%s)", "%s-", "-€%s", "%s- €", "(EUR %s)"}).Draw(t, "minus")
			text = fmt.Sprintf(text, strings.ReplaceAll(thousands(int(abs(minor)/100)), ",", way.group)+fmt.Sprintf("%s%02d", way.decimal, abs(minor)%100))
		}
		for _, decimal := range []string{"", way.decimal} {
			got, reason := autoMoney(decimal).readMoney(text, "", "EUR")
			if reason != "" || got.Minor != minor {
				t.Fatalf("%s became %d %q, want %d", text, got.Minor, reason, minor)
			}
		}
	})
}

func abs(n int64) int64 { return max(n, -n) }

// checkUnguessedAmount fails if an amount is accepted that the two decimal signs
// read differently.
func checkUnguessedAmount(t interface{ Fatalf(string, ...any) }, text string) {
	got, reason := autoMoney("").readMoney(text, "", "USD")
	if reason != "" {
		return
	}
	for _, decimal := range decimalSigns {
		other, reason := autoMoney(decimal).readMoney(text, "", "USD")
		if reason == "" && other != got {
			t.Fatalf("%q is %d, but by %s it is %d", text, got.Minor, decimal, other.Minor)
		}
	}
}

func FuzzMoney(f *testing.F) {
	for _, seed := range []string{
		"45300", "$45,300", "45.3k", "1.2M", "1.234,56 €", "1 234,56", "1'234.50", "(1,234.00)", "-$5", "5-", "USD 45,300.00",
		"1,23,456.00", "25000.0000", "1.000k", "1e6", "¥45,300", "92233720368547758.08", "$(5)", "TBD",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		checkUnguessedAmount(t, text)
		for _, decimal := range []string{"", ".", ","} {
			got, reason := autoMoney(decimal).readMoney(text, "", "USD")
			if reason != "" {
				if Remedy(reason) == "" {
					t.Fatalf("nobody knows what to do about %q, which %s", text, reason)
				}
				continue
			}
			places := exponent(got.Currency)
			plain := readNumber{value: abs(got.Minor), fraction: places}.decimal(got.Minor < 0) + " " + got.Currency
			again, reason := autoMoney(".").readMoney(plain, "", "USD")
			if reason != "" || again != got {
				t.Fatalf("%q is %v, and %q is %v %q", text, got, plain, again, reason)
			}
		}
	})
}
