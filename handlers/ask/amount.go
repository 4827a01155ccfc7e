package ask

import (
	"slices"
	"strings"

	"golang.org/x/text/currency"

	"salesbot/insights/metric"
)

// amount reads the comparison of a deal's amount with a number.
func amount(op metric.Op) func(*reader, piece) bool {
	return func(r *reader, p piece) bool {
		n := r.at(r.pos + 1)
		if n.number == nil || !r.isDealAmount(p, n) {
			return false
		}
		r.pos += 2
		r.skipCurrency()
		r.addAmount(op, n)
		return true
	}
}

// isDealAmount reports whether a number is the amount of a deal. "Reps with
// over 50k" and "more than 5 deals" are not: they count or add up first.
func (r *reader) isDealAmount(p, n piece) bool {
	said := r.pos > 0 && r.at(r.pos-1).is(keyAmount)
	if !n.number.money && !said {
		return false
	}
	couldLeadUpTo := r.tokens[p.from].word == "over" || r.tokens[p.from].word == "up"
	if isYear(r.tokens[n.from]) && couldLeadUpTo && !said && !r.isCurrency(r.at(r.pos+2)) {
		r.refuse(n, "A year or an amount? Write it as “in "+r.typed(n)+"” or “amount over "+r.typed(n)+"”.")
	}
	if n.number.currency != "" && !r.isOurs(n.number.currency) {
		r.refuse(n, "Amounts are compared in "+r.parser.Company.Currency+".")
	}
	counts := r.at(r.pos+2).is(keyDeals) || len(r.at(r.pos+2).metrics()) > 0
	if counts && !n.number.spelled {
		return false // "over 1000 won deals" are that many
	}
	_, group := r.before(r.pos).dimension()
	if (group || r.q.who) && !said {
		r.refuse(p, "Only single deals can be chosen by their amount, not totals.")
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

var currencySigns = map[string][]string{
	"$": {"USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "MXN"}, "€": {"EUR"}, "£": {"GBP"}, "¥": {"JPY", "CNY"},
}

func (s *sentence) isOurs(sign string) bool {
	return slices.Contains(currencySigns[sign], s.parser.Company.Currency)
}

// skipCurrency consumes the company's currency after an amount.
func (r *reader) skipCurrency() {
	if r.isCurrency(r.here()) {
		r.pos++
	}
}

// readConvert reads "converted to EUR".
func (r *reader) readConvert(piece) bool {
	code := r.at(r.pos + 1)
	unit, err := currency.ParseISO(r.typed(code))
	if err != nil {
		return false
	}
	r.q.in = unit.String()
	r.pos += 2
	return true
}

func (r *reader) isCurrency(p piece) bool {
	return p.unknown() && p.to > p.from && strings.EqualFold(r.typed(p), r.parser.Company.Currency)
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
	if low.number.money != high.number.money && high.number.money {
		low.number.money = true // "between 10 and 20k" is not 10 units
		if low.number.value.Num().BitLen() < 10 {
			return false
		}
	}
	if !r.isDealAmount(p, low) {
		return false
	}
	r.pos += 4
	r.skipCurrency()
	r.addAmount(metric.Gte, low)
	r.addAmount(metric.Lte, high)
	return true
}

// readAmountWord reads "amount" before a comparison, or as a sign that money
// is meant.
func (r *reader) readAmountWord(piece) bool {
	if !r.at(r.pos+1).isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween, keyExactly) {
		r.q.amounts = r.pos + 1
	}
	r.pos++
	return true
}
