package metric

import (
	"math/big"
	"slices"
	"strconv"
)

// number is one that Postgres told: exact, or unknown. Nearly all are whole
// numbers of 64 bits, and thousands of those are added up for one answer, so they
// are kept without the cost of fractions.
type number struct {
	known bool
	whole int64
	other *big.Rat // the number, where it is no such one; it is not changed
}

// parseNumber reads a number as Postgres prints it, and reports whether it is one.
func parseNumber(text string) (n number, ok bool) {
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number{known: true, whole: whole}, true
	}
	other, ok := new(big.Rat).SetString(text)
	return number{known: ok, other: other}, ok
}

// integer returns a whole number of 64 bits, and reports whether it is one.
func (n number) integer() (int64, bool) {
	switch {
	case !n.known || n.other == nil:
		return n.whole, n.known
	case n.other.IsInt() && n.other.Num().IsInt64():
		return n.other.Num().Int64(), true
	default:
		return 0, false
	}
}

// rat returns the number as one of its own, nil when it is unknown.
func (n number) rat() *big.Rat {
	switch {
	case !n.known:
		return nil
	case n.other != nil:
		return new(big.Rat).Set(n.other)
	default:
		return new(big.Rat).SetInt64(n.whole)
	}
}

// plus adds two numbers; where one is unknown, it is the other.
func (n number) plus(m number) number {
	switch {
	case !n.known:
		return m
	case !m.known:
		return n
	}
	sum := n.whole + m.whole
	if fits := (sum > n.whole) == (m.whole > 0); fits && n.other == nil && m.other == nil {
		return number{known: true, whole: sum}
	}
	exact := n.rat()
	return number{known: true, other: exact.Add(exact, m.rat())}
}

// tally is what one group of deals adds up to.
type tally struct {
	facts int64
	parts []number // as selectValue selects them; they are not changed
}

// plus adds another tally, part by part; what is unknown of both stays so.
func (t tally) plus(other tally) tally {
	if t.facts == 0 {
		return other
	}
	sum := tally{facts: t.facts + other.facts, parts: slices.Clone(t.parts)}
	for i, part := range other.parts {
		sum.parts[i] = sum.parts[i].plus(part)
	}
	return sum
}

// at returns the i-th part, unknown when there is none.
func (t tally) at(i int) number {
	if i >= len(t.parts) {
		return number{}
	}
	return t.parts[i]
}

// part returns the i-th part, 0 when there is none or it is unknown.
func (t tally) part(i int) *big.Rat {
	if part := t.at(i).rat(); part != nil {
		return part
	}
	return new(big.Rat)
}

// count returns the i-th part where that is how many there are of something.
func (t tally) count(i int) int64 {
	n, _ := t.at(i).integer()
	return n
}

// tallies holds a tally a currency. When the metric is money, deals without an
// amount stand under no currency; else all deals do. There are few currencies.
type tallies []tallyIn

// usualTallies is as many as nearly all groups have: of two currencies, and of none.
const usualTallies = 3

// tallyIn is a tally in a currency.
type tallyIn struct {
	currency string
	tally
}

// in returns the tally in a currency, an empty one when there is none.
func (t tallies) in(currency string) tally {
	for _, one := range t {
		if one.currency == currency {
			return one.tally
		}
	}
	return tally{}
}

// add adds to the tally in a currency.
func (t *tallies) add(currency string, more tally) {
	for i := range *t {
		if one := &(*t)[i]; one.currency == currency {
			one.tally = one.plus(more)
			return
		}
	}
	if *t == nil {
		*t = make(tallies, 0, usualTallies)
	}
	*t = append(*t, tallyIn{currency, more})
}

// and adds up what two parts hold.
func (t tallies) and(other tallies) tallies {
	out := slices.Clone(t)
	for _, more := range other {
		out.add(more.currency, more.tally)
	}
	return out
}

// deals returns how many deals are, or may be, in the currency: a deal without
// an amount may be in any.
func (t tallies) deals(currency string) int64 {
	if currency == "" {
		return t.in("").facts
	}
	return t.in(currency).facts + t.in("").facts
}

// group is what one group of facts adds up to: tallies for each input of a
// metric of several, and else one.
type group []tallies

// currencies lists the currencies of all amounts, in order.
func (g group) currencies() []string { return currenciesOf(g) }

// currenciesOf lists the currencies of all amounts of several groups, in order.
func currenciesOf(groups ...group) []string {
	var out []string
	for _, g := range groups {
		for _, of := range g {
			for _, one := range of {
				if one.currency != "" && !slices.Contains(out, one.currency) {
					out = append(out, one.currency)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// inOrder sorts texts, and keeps one of each.
func inOrder(texts []string) []string {
	slices.Sort(texts)
	return slices.Compact(texts)
}
