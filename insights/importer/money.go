package importer

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"salesbot/insights"
)

// decimalSigns are those that can be declared.
var decimalSigns = []string{".", ","}

// writtenAmount is an amount taken apart: its number, and what stands around it.
type writtenAmount struct {
	number   string
	negative bool
	signed   bool          // a minus, plus or parentheses have been cut off
	scale    int           // noughts that a suffix stands for: 45.3k has 3
	code     string        // of ISO 4217; empty: none
	sign     *currencySign // nil: none
}

// currencySign is a sign, and the currencies that are written with it.
type currencySign struct {
	sign       string
	currencies []string
}

// currencySigns are those that are read. One that ends like another stands
// before it.
var currencySigns = []currencySign{
	{"US$", []string{"USD"}}, {"CA$", []string{"CAD"}}, {"AU$", []string{"AUD"}}, {"A$", []string{"AUD"}},
	{"NZ$", []string{"NZD"}}, {"HK$", []string{"HKD"}}, {"SG$", []string{"SGD"}}, {"NT$", []string{"TWD"}},
	{"MX$", []string{"MXN"}}, {"R$", []string{"BRL"}},
	{"$", []string{
		"USD", "CAD", "AUD", "NZD", "SGD", "HKD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "DOP",
		"BBD", "BMD", "BND", "BSD", "BZD", "FJD", "GYD", "JMD", "KYD", "LRD", "NAD", "SBD", "SRD", "TTD", "XCD",
	}},
	{"€", []string{"EUR"}}, {"£", []string{"GBP"}}, {"¥", []string{"JPY", "CNY"}}, {"￥", []string{"JPY", "CNY"}},
	{"₹", []string{"INR"}}, {"₩", []string{"KRW"}}, {"₪", []string{"ILS"}}, {"₫", []string{"VND"}},
	{"₺", []string{"TRY"}}, {"₴", []string{"UAH"}}, {"₱", []string{"PHP"}}, {"zł", []string{"PLN"}},
	{"Kč", []string{"CZK"}}, {"kr", []string{"SEK", "NOK", "DKK", "ISK"}},
}

// scales are the suffixes that stand for noughts, in lower case. What means
// different numbers to different people, such as MM, is not among them.
var scales = map[string]int{"k": 3, "m": 6, "mn": 6, "bn": 9}

// takeApart cuts off what stands around the number of an amount, each thing once
// and in any order: "-$5", "$ (5.00)", "1,2 Mn EUR", "5-".
func takeApart(text string) (writtenAmount, string) {
	w := writtenAmount{number: foldBlanks(text)}
	if isBare(w.number) {
		return w, "" // as most are
	}
	for cut := true; cut; w.number = strings.TrimSpace(w.number) {
		cut = w.cutMinus() || w.cutCurrencySign() || w.cutScale()
		if cut {
			continue
		}
		found, reason := w.cutCode()
		if reason != "" {
			return w, reason
		}
		cut = found
	}
	return w, ""
}

// isBare reports whether a text is a number with nothing around it.
func isBare(text string) bool {
	for i := range len(text) {
		if (text[i] < '0' || text[i] > '9') && text[i] != '.' && text[i] != ',' {
			return false
		}
	}
	return true
}

// cutMinus takes a minus, a plus or parentheses off.
func (w *writtenAmount) cutMinus() bool {
	if w.signed {
		return false
	}
	if rest, found := strings.CutPrefix(w.number, "+"); found {
		w.number, w.signed = rest, true
		return true
	}
	for _, minus := range []string{"-", "−"} {
		rest, found := cutEither(w.number, minus)
		if found {
			w.number, w.signed, w.negative = rest, true, true
			return true
		}
	}
	if n := len(w.number); n > 2 && w.number[0] == '(' && w.number[n-1] == ')' {
		w.number, w.signed, w.negative = w.number[1:n-1], true, true
		return true
	}
	return false
}

// cutEither takes a sign off one end of a text.
func cutEither(text, sign string) (string, bool) {
	if rest, found := strings.CutPrefix(text, sign); found {
		return rest, true
	}
	return strings.CutSuffix(text, sign)
}

func (w *writtenAmount) cutCurrencySign() bool {
	if w.sign != nil {
		return false
	}
	for i := range currencySigns {
		if rest, found := cutEither(w.number, currencySigns[i].sign); found {
			w.number, w.sign = rest, &currencySigns[i]
			return true
		}
	}
	return false
}

func (w *writtenAmount) cutScale() bool {
	rest := strings.TrimRightFunc(w.number, isASCIILetter)
	scale, found := scales[strings.ToLower(w.number[len(rest):])]
	if !found || w.scale != 0 {
		return false
	}
	w.number, w.scale = rest, scale
	return true
}

// cutCode takes the code of a currency off either end.
func (w *writtenAmount) cutCode() (bool, string) {
	const letters = 3
	before := strings.TrimLeftFunc(w.number, isASCIILetter)
	behind := strings.TrimRightFunc(w.number, isASCIILetter)
	rest, code := before, w.number[:len(w.number)-len(before)]
	if code == "" {
		rest, code = behind, w.number[len(behind):]
	}
	if len(code) != letters || rest == "" || w.code != "" {
		return false, ""
	}
	known, reason := parseCurrency(code)
	if reason != "" {
		return false, reasonUnknownCode
	}
	w.number, w.code = rest, known
	return true, ""
}

func isASCIILetter(r rune) bool { return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' }

// currencies are those that the amount names; nil: none.
func (w writtenAmount) currencies() []string {
	if w.code != "" {
		return []string{w.code}
	}
	if w.sign != nil {
		return w.sign.currencies
	}
	return nil
}

// contradictsItself reports whether the amount is written with a sign and a code
// of different currencies.
func (w writtenAmount) contradictsItself() bool {
	return w.code != "" && w.sign != nil && !slices.Contains(w.sign.currencies, w.code)
}

// currency is that of the amount: of its row, else what it names itself, else
// the usual one of the file.
func (w writtenAmount) currency(ofRow, usual string) (code, reason string) {
	named := w.currencies()
	switch {
	case w.contradictsItself():
		return "", reasonTwoCurrencies
	case ofRow != "" && named != nil && !slices.Contains(named, ofRow):
		return "", fmt.Sprintf(reasonOtherCurrency, ofRow)
	case ofRow != "":
		return ofRow, ""
	case named == nil || slices.Contains(named, usual):
		return usual, ""
	case len(named) == 1:
		return named[0], ""
	}
	return "", fmt.Sprintf(reasonSharedSign, w.sign.sign, named[0])
}

// readNumber is a number by one decimal sign: value / 10^fraction.
type readNumber struct {
	value    int64
	fraction int  // decimals up to the last that is not nought
	tooLarge bool // for value
	split    bool // it has a decimal sign
}

// numberBy reads digits, grouped or not, with the decimal sign given. Groups are
// of three digits, parted by one sign throughout; or of two and a last of three,
// as in India.
func numberBy(text string, decimal byte) (readNumber, bool) {
	var n readNumber
	var g groups
	noughts, decimals := 0, 0
	for i, r := range text {
		switch {
		case r >= '0' && r <= '9' && n.split:
			decimals++
			if noughts++; r != '0' {
				n.push(noughts, int64(r-'0'))
				n.fraction, noughts = decimals, 0
			}
		case r >= '0' && r <= '9':
			n.push(1, int64(r-'0'))
			g.digits++
		case n.split:
			return n, false
		case r == rune(decimal):
			n.split = true
		case i == 0 || text[0] == '0' || !g.part(r):
			return n, false
		}
	}
	return n, g.stand() && (g.digits > 0 || decimals > 0) && n.split == (decimals > 0)
}

// push puts a digit behind the value, places to the right of its last.
func (n *readNumber) push(places int, digit int64) {
	for range places {
		if n.value > math.MaxInt64/10 {
			n.tooLarge = true
			return
		}
		n.value *= 10
	}
	if n.value > math.MaxInt64-digit {
		n.tooLarge = true
		return
	}
	n.value += digit
}

// groups watches how the digits of a number are grouped.
type groups struct {
	sign             rune // 0: not grouped
	digits           int  // since the last sign
	first            int  // digits before the first sign
	parted           int  // how many signs there are
	notTwo, notThree bool // some group between two signs is not of that many digits
}

// part ends a group. It reports false if the sign cannot end it.
func (g *groups) part(sign rune) bool {
	if !strings.ContainsRune(",. '’", sign) || g.sign != 0 && g.sign != sign {
		return false
	}
	if g.sign == 0 {
		g.first = g.digits
	} else {
		g.notTwo, g.notThree = g.notTwo || g.digits != 2, g.notThree || g.digits != 3
	}
	g.sign, g.digits = sign, 0
	g.parted++
	return true
}

// stand reports whether the groups are those of one number.
func (g groups) stand() bool {
	switch {
	case g.sign == 0:
		return true
	case g.digits != 3 || g.first == 0:
		return false
	case !g.notThree && g.first <= 3:
		return true
	}
	return g.sign == ',' && g.parted > 1 && !g.notTwo && g.first <= 2
}

// minor is the number in minor units of a currency with that many decimals.
func (n readNumber) minor(places int) (int64, bool) {
	for range places - n.fraction {
		n.push(1, 0)
	}
	return n.value, !n.tooLarge
}

// decimalSign is which sign parts the decimals off.
type decimalSign byte

// The decimal signs. By unknownSign, 1,500 is no amount, and 1,500.00 is.
const (
	unknownSign decimalSign = 0
	point       decimalSign = '.'
	comma       decimalSign = ','
)

// reading reads the number by the decimal sign that is known, else by that which
// makes it a number. An unknown sign with both readings is refused. The sign
// returned is the one that the number itself shows, if it does.
func (w writtenAmount) reading(known decimalSign, places int) (n readNumber, shows decimalSign, reason string) {
	if known != unknownSign {
		n, ok := numberBy(w.number, byte(known))
		if !ok {
			return n, unknownSign, fmt.Sprintf(reasonNotBySign, string(rune(known)))
		}
		return n, unknownSign, ""
	}
	byPoint, pointFits := numberBy(w.number, byte(point))
	byComma, commaFits := numberBy(w.number, byte(comma))
	pointFits = pointFits && w.possible(byPoint, places)
	commaFits = commaFits && w.possible(byComma, places)
	switch {
	case pointFits && commaFits && byPoint != byComma:
		return n, unknownSign, reasonTwoAmounts
	case pointFits && commaFits:
		return byPoint, unknownSign, ""
	case pointFits:
		return byPoint, point, ""
	case commaFits:
		return byComma, comma, ""
	}
	return n, unknownSign, reasonNoWayOfMoney
}

// possible reports whether the currency allows the number: one without decimals
// has none.
func (w writtenAmount) possible(n readNumber, places int) bool {
	return places > 0 || n.fraction <= w.scale
}

// readMoney reads an amount in any way of writing. Its currency is that of its
// row (empty: the row names none), or what it names itself, or the usual one.
func (f moneyFormat) readMoney(text, ofRow, usual string) (insights.Money, string) {
	w, reason := takeApart(text)
	if reason != "" {
		return insights.Money{}, reason
	}
	code, reason := w.currency(ofRow, usual)
	if reason != "" {
		return insights.Money{}, reason
	}
	places := exponent(code)
	n, _, reason := w.reading(f.sign(), places)
	switch {
	case reason != "":
		return insights.Money{}, reason
	case n.fraction > places+w.scale:
		return insights.Money{}, fmt.Sprintf(reasonDecimals, code, places)
	}
	minor, fits := n.minor(places + w.scale)
	if !fits {
		return insights.Money{}, reasonTooLarge
	}
	if w.negative {
		minor = -minor
	}
	return insights.Money{Minor: minor, Currency: code}, ""
}

// sign is the decimal sign, if it is known.
func (f moneyFormat) sign() decimalSign {
	if f.decimal == "" {
		return unknownSign
	}
	return decimalSign(f.decimal[0])
}

// decimalPlaces is how many decimals a number that is no amount may have.
const decimalPlaces = 12

// readDecimal reads a number that is no amount of money, written like amounts,
// into a decimal with a point.
func readDecimal(text string, f moneyFormat) (string, string) {
	if !f.auto {
		number := strings.Replace(text, f.decimal, ".", 1)
		if !decimals.MatchString(number) {
			return "", fmt.Sprintf(reasonNotANumber, f.decimal)
		}
		return number, ""
	}
	w := writtenAmount{number: foldBlanks(text)}
	w.cutMinus()
	n, _, reason := w.reading(f.sign(), decimalPlaces)
	switch {
	case reason != "":
		return "", reason
	case n.tooLarge || n.fraction > decimalPlaces:
		return "", reasonTooLarge
	}
	return n.decimal(w.negative), ""
}

var decimals = regexp.MustCompile(`^-?\d{1,12}(\.\d{1,12})?$`)

// decimal writes the number with a point.
func (n readNumber) decimal(negative bool) string {
	text := fmt.Sprintf("%0*d", n.fraction+1, n.value)
	if n.fraction > 0 {
		at := len(text) - n.fraction
		text = text[:at] + "." + text[at:]
	}
	if negative {
		text = "-" + text
	}
	return text
}
