package ask

import (
	"math/big"
	"slices"
	"strings"

	"golang.org/x/text/currency"

	"salesbot/insights/metric"
)

// amount reads the comparison of a deal's amount with a number, or that of rows.
func amount(op metric.Op) func(*reader, piece) bool {
	return func(r *reader, p piece) bool {
		n := r.at(r.pos + 1)
		switch {
		case n.number == nil:
			return op != metric.Eq && r.readGoal(op)
		case op != metric.Eq && r.readRows(r.pos+2, comparison{op, n}):
			return true
		case !r.isDealAmount(p, n):
			return false
		}
		r.pos += 2
		r.addAmount(op, n)
		return true
	}
}

// andAmount reads the second of two comparisons, as in "over 10k and under 50k".
func andAmount(op metric.Op) func(*reader, piece) bool {
	return func(r *reader, _ piece) bool {
		n, last := r.at(r.pos+1), len(r.q.where)-1
		if r.readAndRows(op, n) {
			return true
		}
		if n.number == nil || n.number.percent || last < 0 || r.q.where[last].Field != metric.FieldAmount || r.at(r.pos-1).number == nil {
			return false
		}
		r.checkCurrency(n)
		r.pos += 2
		r.addAmount(op, n)
		return true
	}
}

// isDealAmount reports whether a number is the amount of a deal. "Reps with
// over 50k" and "more than 5 deals" are not: they count or add up first.
func (r *reader) isDealAmount(p, n piece) bool {
	said := r.pos > 0 && r.at(r.pos-1).is(keyAmount)
	if !n.number.money && !said || n.number.percent || n.number.times {
		return false
	}
	couldLeadUpTo := r.tokens[p.from].word == "over" || r.tokens[p.from].word == "up"
	if n.to == n.from+1 && isYear(r.tokens[n.from]) && couldLeadUpTo && !said {
		r.refuse(n, "A year or an amount? Write it as “in "+r.typed(n)+"” or “amount over "+r.typed(n)+"”.")
	}
	r.checkCurrency(n)
	counts := r.at(r.pos+2).is(keyDeals) || len(r.at(r.pos+2).metrics()) > 0
	if counts && !n.number.spelled {
		return false // "over 1000 won deals" are that many
	}
	_, group := r.before(r.pos).dimension()
	if (group || r.q.who) && p.is(keyExactly) && !said {
		r.refuse(p, "Rows are kept by more or less than a value, not by exactly that.")
	}
	return true
}

// before returns the last piece before a position that says something.
func (r *reader) before(at int) piece {
	for at--; at >= 0; at-- {
		if !r.pieces[at].is(keyHarmless) {
			return r.pieces[at]
		}
	}
	return piece{}
}

// checkCurrency refuses an amount in another currency than the company's:
// deals are not converted to be compared.
func (r *reader) checkCurrency(n piece) {
	if ours := r.parser.Company.Currency; len(n.number.currency) > 0 && !slices.Contains(n.number.currency, ours) {
		r.refuse(n, "Amounts are compared in "+ours+", and not converted for it.")
	}
}

// readConvert reads "converted to EUR" and "converted to euros".
func (r *reader) readConvert(piece) bool {
	code, ok := r.parser.currencyNamed(r.typed(r.at(r.pos + 1)))
	if !ok {
		return false
	}
	r.q.in = code
	r.pos += 2
	return true
}

// readInCurrency reads "in euros".
func (r *reader) readInCurrency(p piece) bool {
	code, ok := r.parser.currencyNamed(strings.TrimPrefix(strings.ToLower(r.typed(p)), "in "))
	if !ok {
		return false
	}
	r.q.in = code
	r.pos++
	return true
}

// currencyNamed returns the one currency that a word or code names. A word for
// several, such as dollars, is the company's if that is one of them.
func (p *Parser) currencyNamed(word string) (string, bool) {
	if unit, err := currency.ParseISO(word); err == nil {
		return unit.String(), true
	}
	codes, minor := currencyOf(strings.ToLower(word))
	switch {
	case minor:
		return "", false
	case slices.Contains(codes, p.Company.Currency):
		return p.Company.Currency, true
	default:
		return strings.Join(codes, ""), len(codes) == 1
	}
}

// inCurrencies lists the forms of "in euros" and "in EUR". Codes that are also
// words are not among them.
func inCurrencies() []string {
	var out []string
	for word, codes := range currencyWords {
		for _, code := range append([]string{word}, codes...) {
			if code = strings.ToLower(code); isCode(code) || code == word && !isSign(word) {
				out = append(out, "in "+code)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *reader) addAmount(op metric.Op, n piece) {
	r.q.where = append(r.q.where, metric.Filter{
		Field: metric.FieldAmount, Op: op, Values: []metric.Value{{Text: decimal(n.number.value)}},
	})
}

// readBetween reads "between 10k and 20k": both ends count.
func (r *reader) readBetween(p piece) bool {
	low, high := r.at(r.pos+1), r.at(r.pos+3)
	if low.number == nil || !r.at(r.pos+2).is(keyAnd) || high.number == nil {
		return false
	}
	if high.number.percent || high.number.times {
		low = toldLike(low, high)
	} else {
		low = r.shareScale(low, high)
	}
	if r.readRows(r.pos+4, comparison{metric.Gte, low}, comparison{metric.Lte, high}) {
		return true
	}
	if !r.isDealAmount(p, low) {
		return false
	}
	r.checkCurrency(high)
	r.pos += 4
	r.addAmount(metric.Gte, low)
	r.addAmount(metric.Lte, high)
	return true
}

// readOrMore reads "50k or more", "50k and up", "50k+", "10k or less".
func (r *reader) readOrMore(p piece) bool {
	next := r.at(r.pos + 1)
	op := metric.Gte
	switch {
	case next.is(keyOrLess):
		op = metric.Lte
	case !next.is(keyOrMore) && !r.isPlusSign(p, next):
		return false
	}
	if r.isOfSomething(p) && r.readRows(r.pos+2, comparison{op, p}) {
		return true
	}
	if !r.isAmount(p) {
		return false
	}
	r.checkCurrency(p)
	r.pos += 2
	r.addAmount(op, p)
	return true
}

// isPlusSign reports whether a plus sign clings to the end of a number.
func (r *reader) isPlusSign(p, next piece) bool {
	return next.to == next.from+1 && r.tokens[next.from].word == "+" && r.tokens[next.from].start == r.tokens[p.to-1].end
}

// readSpan reads "10k-20k", "10k to 20k" and "10-20k" as between the two.
func (r *reader) readSpan(p piece) bool {
	at := r.pos + 1
	to := r.at(at).to == r.at(at).from+1 && r.tokens[r.at(at).from].word == "to"
	if to {
		at++
	}
	high := r.at(at)
	if high.number == nil || !to && !r.tokens[high.from].dash {
		return false
	}
	back := len(r.q.notes)
	low := r.shareScale(p, high)
	if high.number.percent || high.number.times {
		low = toldLike(p, high)
	}
	if r.isOfSomething(high) && r.readRows(at+1, comparison{metric.Gte, low}, comparison{metric.Lte, high}) {
		return true
	}
	if !r.isAmount(low) || !r.isAmount(high) {
		r.q.notes = r.q.notes[:back]
		return false
	}
	r.checkCurrency(low)
	r.checkCurrency(high)
	r.pos = at + 1
	r.addAmount(metric.Gte, low)
	r.addAmount(metric.Lte, high)
	return true
}

// isAmount reports whether a number that no comparison leads up to is the amount
// of a deal: it says so itself, by a currency or a scale, or "amount" stands
// before it.
func (r *reader) isAmount(p piece) bool {
	said := r.pos > 0 && r.at(r.pos-1).is(keyAmount)
	return !p.number.percent && !p.number.times && (p.number.spelled || said)
}

// shareScale lends the scale of the upper end to the lower one, as in "between
// 10 and 20k": nobody means ten dollars by it. The note says so.
func (r *reader) shareScale(low, high piece) piece {
	if low.number.money || high.number.scale == nil {
		return low
	}
	scaled := *low.number
	scaled.value = new(big.Rat).Mul(scaled.value, high.number.scale)
	if scaled.value.Cmp(high.number.value) > 0 {
		return low
	}
	r.note("read “" + r.typed(low) + "” as " + decimal(scaled.value))
	scaled.spelled, scaled.money = true, true
	low.number = &scaled
	return low
}

// readAmountWord reads "amount" before a comparison, or as a sign that money
// is meant.
func (r *reader) readAmountWord(piece) bool {
	next := r.at(r.pos + 1)
	bounded := next.number != nil && r.at(r.pos+2).isAny(keyOrMore, keyOrLess)
	if !bounded && !next.isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween, keyExactly) {
		r.q.amounts = r.pos + 1
	}
	r.pos++
	return true
}
