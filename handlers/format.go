package handlers

import (
	"cmp"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/currency"

	"salesbot/insights/metric"
)

// Words writes a quantity as people read it: "$10,005,534", "63.15 %",
// "4,238", "48 days", or why there is none. It rounds half away from zero, to
// the currency's minor unit, to two places of a percentage, to a tenth of a
// day or to a minute; the exact value stays in the Quantity.
func Words(q metric.Quantity) string {
	if q.Longer != nil {
		return "longer than " + Words(metric.Quantity{Value: q.Longer, Unit: q.Unit})
	}
	if q.Value == nil {
		return "unknown (" + reasonWords(q) + ")"
	}
	if side := sideWords(q); side != "" {
		size := q
		size.Value, size.Sides = new(big.Rat).Abs(q.Value), metric.Sides{}
		return side + " " + Words(size)
	}
	switch q.Unit {
	case metric.UnitMoney:
		return Money(q.Value, q.Currency)
	case metric.UnitMoneyPerDay:
		return Money(q.Value, q.Currency) + " a day"
	case metric.UnitRatio:
		return Percent(q.Value)
	case metric.UnitDays:
		return plural(trimZeros(group(q.Value.FloatString(1))), "day")
	case metric.UnitHours:
		return hours(q.Value)
	default:
		return trimZeros(group(q.Value.FloatString(2)))
	}
}

// sideWords say on which side of nought a value is, where that is told in words.
func sideWords(q metric.Quantity) string {
	switch q.Value.Sign() {
	case 1:
		return q.Sides.Above
	case -1:
		return q.Sides.Below
	default:
		return ""
	}
}

// hours writes a time to the minute: "35 min", "6 h 20 min".
func hours(value *big.Rat) string {
	sign, minutes := "", new(big.Rat).Mul(new(big.Rat).Abs(value), big.NewRat(60, 1))
	if value.Sign() < 0 {
		sign = minus
	}
	whole, _ := new(big.Int).SetString(minutes.FloatString(0), 10)
	h, m := new(big.Int).QuoRem(whole, big.NewInt(60), new(big.Int))
	switch {
	case h.Sign() == 0:
		return sign + m.String() + " min"
	case m.Sign() == 0:
		return sign + group(h.String()) + " h"
	default:
		return sign + group(h.String()) + " h " + m.String() + " min"
	}
}

// Detail says what stands behind a quantity: the k of n of a rate, the two
// amounts of a ratio, or for how many of the deals what is counted is known.
// Empty when there is nothing to say.
func Detail(q metric.Quantity) string {
	var details []string
	if q.K != nil && q.N != nil {
		details = append(details, Count(*q.K)+" of "+Count(*q.N))
	}
	if q.Median != nil {
		details = append(details, "median "+Words(metric.Quantity{Value: q.Median, Unit: q.Unit, Currency: q.Currency}))
	}
	for _, in := range q.Inputs {
		details = append(details, inputWords(in))
	}
	switch {
	case q.Part == nil:
	case q.Currency == "": // of things that are counted
		count := func(n *big.Rat) string { return Words(metric.Quantity{Value: n, Unit: metric.UnitCount}) }
		details = append(details, count(q.Part)+" of "+count(q.Whole))
	default:
		details = append(details, Money(q.Part, q.Currency)+" of "+Money(q.Whole, q.Currency))
	}
	if len(q.Inputs) == 0 && q.Known != nil && q.Of != nil && *q.Known < *q.Of {
		details = append(details, coverage(q))
	}
	return strings.Join(details, "; ")
}

// inputWords says what one of the metrics is that a value is made of.
func inputWords(in metric.Input) string {
	words := lowerFirst(in.Metric.Label) + " " + Words(in.Quantity)
	if detail := Detail(in.Quantity); detail != "" {
		words += ", " + detail
	}
	return words
}

// Interval says how sure a rate is: "62.0–64.3 % with 95 % confidence". Empty
// for what is no rate, or of nothing.
func Interval(q metric.Quantity) string {
	if q.K == nil || q.N == nil || *q.N == 0 {
		return ""
	}
	low, high := metric.Interval(*q.K, *q.N)
	return strconv.FormatFloat(100*low, 'f', 1, 64) + "–" + strconv.FormatFloat(100*high, 'f', 1, 64) + " %" + confidence
}

const confidence = " with 95 % confidence"

func coverage(q metric.Quantity) string {
	words := cmp.Or(q.What, "amount") + " known for " + Count(*q.Known) + " of " + Count(*q.Of) + " " + metric.Plural(cmp.Or(q.Noun, "deal"))
	if q.Covered == nil || *q.Known == 0 || q.Covered.Cmp(big.NewRat(1, 1)) == 0 {
		return words // those that are left out have no amount either
	}
	return words + ", " + Percent(q.Covered) + " of their value"
}

// Count writes a whole number with thousands separators.
func Count(n int64) string { return group(strconv.FormatInt(n, 10)) }

// Percent writes a ratio as a percentage with two decimals.
func Percent(ratio *big.Rat) string {
	hundredfold := new(big.Rat).Mul(ratio, big.NewRat(100, 1))
	return group(hundredfold.FloatString(2)) + " %"
}

// Signed writes a change with its sign, "+$1,200" or "−3.10 %".
func Signed(q metric.Quantity) string {
	words := Words(q)
	if q.Value == nil || q.Value.Sign() < 0 {
		return words
	}
	return "+" + words
}

// inPoints writes what a rate moved by, of which per cent would be of the rate.
func inPoints(percent string) string { return strings.TrimSuffix(percent, " %") + " percentage points" }

// Money writes an amount in major units of an ISO 4217 currency. Minor units
// are left out where they are nought.
func Money(value *big.Rat, code string) string {
	places := 2
	if unit, err := currency.ParseISO(code); err == nil {
		places, _ = currency.Standard.Rounding(unit)
	}
	digits := group(value.FloatString(places))
	if strings.Trim(fraction(digits), "0") == "" {
		digits, _, _ = strings.Cut(digits, ".")
	}
	sign := ""
	if rest, negative := strings.CutPrefix(digits, minus); negative {
		sign, digits = minus, rest
	}
	if symbol, ok := symbols[code]; ok {
		return sign + symbol + digits
	}
	return sign + digits + " " + code
}

// symbols are those that name one currency to everybody; others are written
// with their code.
var symbols = map[string]string{"USD": "$", "EUR": "€", "GBP": "£"}

const minus = "−"

// group sets thousands separators into a decimal and a true minus before it.
func group(decimal string) string {
	sign := ""
	if rest, negative := strings.CutPrefix(decimal, "-"); negative {
		sign, decimal = minus, rest
	}
	whole, frac, hasFrac := strings.Cut(decimal, ".")
	var b strings.Builder
	for i, digit := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(digit)
	}
	if hasFrac {
		b.WriteByte('.')
		b.WriteString(frac)
	}
	return sign + b.String()
}

func fraction(decimal string) string {
	_, frac, _ := strings.Cut(decimal, ".")
	return frac
}

func trimZeros(decimal string) string {
	if !strings.Contains(decimal, ".") {
		return decimal
	}
	return strings.TrimSuffix(strings.TrimRight(decimal, "0"), ".")
}

func plural(count, noun string) string {
	if count == "1" {
		return count + " " + noun
	}
	return count + " " + metric.Plural(noun)
}

func reasonWords(q metric.Quantity) string {
	switch q.Reason {
	case metric.ReasonNoAmount:
		return "no amounts"
	case metric.ReasonNotLoaded:
		return "not loaded"
	case metric.ReasonNothingToDivideBy:
		return "nothing to divide by"
	case metric.ReasonMixed:
		return "several currencies"
	default:
		return "no " + metric.Plural(cmp.Or(q.Noun, "deal"))
	}
}

// Day writes a day as "1 Mar 2017".
func Day(t time.Time) string { return t.Format("2 Jan 2006") }

// Days writes a period by its first and last day, both included.
func Days(p metric.Period) string {
	y, m, d := p.To.Date()
	last := time.Date(y, m, d-1, 0, 0, 0, 0, time.UTC)
	switch {
	case p.IsAll():
		return "all time"
	case p.From.IsZero():
		return "until " + Day(last)
	case p.To.IsZero():
		return "since " + Day(p.From)
	case Day(p.From) == Day(last):
		return Day(p.From)
	default:
		return Day(p.From) + " – " + Day(last)
	}
}

func isoDay(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return Day(t)
}

// CellWords writes one cell of a table, "—" when it is empty.
func CellWords(c metric.Cell) string {
	switch {
	case c.Quantity != nil && c.Quantity.Value == nil && c.Quantity.Longer == nil:
		return "—"
	case c.Quantity != nil && c.Label != "":
		return c.Label
	case c.Quantity != nil && (c.Quantity.K != nil || c.Quantity.Part != nil):
		return Words(*c.Quantity) + " (" + Detail(*c.Quantity) + ")"
	case c.Quantity != nil:
		return Words(*c.Quantity)
	case c.Label != "":
		return c.Label
	case c.Text == "":
		return "—"
	default:
		return c.Text
	}
}

// lowerFirst writes a label within a sentence.
func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }

func pad(s string, width int, right bool) string {
	fill := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return fill + s
	}
	return s + fill
}
