package ask

import (
	"math/big"
	"regexp"
	"slices"
	"strings"

	"salesbot/insights"
)

// piece is a stretch of tokens that has one meaning, or none that is known.
type piece struct {
	from, to int // its tokens
	meanings []meaning
	part     *part           // a period
	moment   *moment         // the end of a day
	number   *number         // a bare number or amount
	names    []insights.Name // the stored things it may mean
	mended   bool            // read through a typing error
	settled  bool            // the names were asked back, and this is the answer
}

// number is a number as it stands in a question.
type number struct {
	value    *big.Rat
	currency string // the sign before it
	spelled  bool   // it has a sign or a suffix, which only amounts have
	money    bool   // it has the looks of an amount: a sign, a suffix, thousands
}

func (p piece) unknown() bool {
	return len(p.meanings) == 0 && p.part == nil && p.moment == nil && p.number == nil && len(p.names) == 0
}

// is reports whether the piece can play the part.
func (p piece) is(k key) bool {
	return slices.ContainsFunc(p.meanings, func(m meaning) bool { return m.key == k })
}

// isAny reports whether the piece can play one of the parts.
func (p piece) isAny(ks ...key) bool { return slices.ContainsFunc(ks, p.is) }

// metrics returns the metrics that the piece may mean.
func (p piece) metrics() []string {
	var out []string
	for _, m := range p.meanings {
		for _, name := range m.metrics {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// dimension returns the dimension that the piece means, if it means one.
func (p piece) dimension() (meaning, bool) {
	i := slices.IndexFunc(p.meanings, func(m meaning) bool { return m.dimension != "" })
	if i < 0 {
		return meaning{}, false
	}
	return p.meanings[i], true
}

// scan cuts tokens into pieces: at each token the longest period, number or
// phrase of the vocabulary.
func (l *lexicon) scan(c calendar, ts []token) []piece {
	var pieces []piece
	for at := 0; at < len(ts); {
		for _, p := range l.longestAt(c, ts[at:], amountAwaited(pieces)) {
			p.from += at
			p.to += at
			for _, t := range ts[p.from:p.to] {
				p.mended = p.mended || t.mended != ""
			}
			pieces = append(pieces, p)
		}
		at = pieces[len(pieces)-1].to
	}
	return pieces
}

// amountAwaited reports whether the pieces so far call for an amount, so that
// the 2017 of "over 2017" is none of our years.
func amountAwaited(pieces []piece) bool {
	last := func(n int) piece {
		if n > len(pieces) {
			return piece{}
		}
		return pieces[len(pieces)-n]
	}
	switch {
	case last(1).isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyExactly):
		return true
	case last(1).is(keyAmount) || last(1).is(keyBetween):
		return last(1).is(keyAmount) || last(2).is(keyAmount)
	default:
		return last(1).is(keyAnd) && last(2).number != nil && last(3).is(keyBetween)
	}
}

// longestAt reads the longest piece at the start of ts. A period that other
// words lead up to makes two, so that a name can take the place of either.
func (l *lexicon) longestAt(c calendar, ts []token, amount bool) []piece {
	meanings, n := l.find(ts)
	value, isNumber := readNumber(ts[0])
	if at, used := c.readMoment(ts); !amount && used > n && !cutsQuote(ts, used) {
		return []piece{{to: used, moment: &at}}
	}
	if !amount || n == 0 && !isNumber {
		read, lead, used := c.readLed(ts)
		period := piece{from: lead, to: used, part: &read}
		switch {
		case used <= n || cutsQuote(ts, used):
		case lead > 0:
			return []piece{{to: lead, meanings: []meaning{{key: keyHarmless}}}, period}
		default:
			return []piece{period}
		}
	}
	p := piece{to: max(n, 1), meanings: meanings}
	if n == 0 && isNumber {
		p.number = &value
	}
	return []piece{p}
}

// cutsQuote reports whether the first n tokens end inside a quoted passage, or
// begin one that they do not hold whole.
func cutsQuote(ts []token, n int) bool {
	return n < len(ts) && ts[n].quote != 0 && ts[n].quote == ts[n-1].quote
}

var amountForm = regexp.MustCompile(`^([$€£¥]?)([\d,]+(?:\.\d+)?)(k|m{1,2}|mn|bn?)?$`)

var suffixes = map[string]int64{"": 1, "k": 1e3, "m": 1e6, "mm": 1e6, "mn": 1e6, "b": 1e9, "bn": 1e9}

func readNumber(t token) (number, bool) {
	m := amountForm.FindStringSubmatch(t.word)
	if m == nil || numberForm.FindString(t.word) != t.word {
		return number{}, false
	}
	value, ok := new(big.Rat).SetString(strings.ReplaceAll(m[2], ",", ""))
	if !ok {
		return number{}, false
	}
	value.Mul(value, big.NewRat(suffixes[m[3]], 1))
	spelled := m[1] != "" || m[3] != ""
	money := spelled || strings.Contains(m[2], ",") || value.Cmp(big.NewRat(1000, 1)) >= 0
	return number{value: value, currency: m[1], spelled: spelled, money: money}, true
}

// decimal writes an amount exactly, without needless zeros.
func decimal(r *big.Rat) string {
	text := r.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
