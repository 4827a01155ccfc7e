package ask

import (
	"math/big"
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
	length   *length         // how old deals are and the like
	names    []insights.Name // the stored things it may mean
	mended   bool            // read through a typing error
	settled  bool            // the names were asked back, and this is the answer
}

func (p piece) unknown() bool {
	return len(p.meanings) == 0 && p.part == nil && p.moment == nil && p.number == nil && p.length == nil && len(p.names) == 0
}

// is reports whether the piece can play the part.
func (p piece) is(k key) bool {
	return slices.ContainsFunc(p.meanings, func(m meaning) bool { return m.key == k })
}

// as is the meaning with which the piece plays the part, none if it cannot.
func (p piece) as(k key) meaning {
	i := slices.IndexFunc(p.meanings, func(m meaning) bool { return m.key == k })
	if i < 0 {
		return meaning{}
	}
	return p.meanings[i]
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

// unsure reports whether the piece may mean one of several metrics.
func (p piece) unsure() bool { return len(p.metrics()) > 1 }

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
		for _, p := range l.longestAt(c, ts[at:], awaited(pieces)) {
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

// awaited says what the pieces so far call for. Where it is an amount, the 2017
// of "over 2017" is none of our years.
func awaited(pieces []piece) awaiting {
	last := func(n int) piece {
		if n > len(pieces) {
			return piece{}
		}
		return pieces[len(pieces)-n]
	}
	switch {
	case last(1).isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyExactly, keyAndOver, keyAndUnder):
		return awaitAmount
	case last(1).is(keyBetween):
		return awaitRange
	case last(1).isAny(keyAmount, keyRows), last(1).is(keyAnd) && last(2).number != nil && last(3).is(keyBetween):
		return awaitAmount
	default:
		return awaitNothing
	}
}

// longestAt reads the longest piece at the start of ts. A period that other
// words lead up to makes two, so that a name can take the place of either.
func (l *lexicon) longestAt(c calendar, ts []token, a awaiting) []piece {
	if a != awaitNothing && ts[0].dash && isFigure(ts[0]) {
		return []piece{{to: 1}} // "over - 50": less than nothing, or a range?
	}
	meanings, n := l.find(ts)
	if value, used := readNumber(ts, a); a != awaitNothing && used > n {
		if _, _, longer := c.readLed(ts); used >= longer || isFigure(ts[0]) {
			return []piece{{to: used, number: &value}}
		}
	}
	if said, used := readLength(ts); a == awaitNothing && used > n && !cutsQuote(ts, used) {
		if _, _, longer := c.readLed(ts); used >= longer {
			return []piece{{to: used, length: &said}}
		}
	}
	if at, used := c.readMoment(ts); a == awaitNothing && used > n && !cutsQuote(ts, used) {
		return []piece{{to: used, moment: &at}}
	}
	read, lead, used := c.readLed(ts)
	period := piece{from: lead, to: used, part: &read}
	switch {
	case a != awaitNothing && n > 0, used <= n, cutsQuote(ts, used):
	case lead > 0:
		return []piece{{to: lead, meanings: []meaning{{key: keyHarmless}}}, period}
	default:
		return []piece{period}
	}
	if value, used := readNumber(ts, a); used > n && n == 0 {
		return []piece{{to: used, number: &value}}
	}
	return []piece{{to: max(n, 1), meanings: meanings}}
}

// isFigure reports whether a token begins with a digit, maybe behind a sign.
func isFigure(t token) bool { return figureForm.MatchString(t.word) }

// cutsQuote reports whether the first n tokens end inside a quoted passage, or
// begin one that they do not hold whole.
func cutsQuote(ts []token, n int) bool {
	return n < len(ts) && ts[n].quote != 0 && ts[n].quote == ts[n-1].quote
}

// decimal writes an amount exactly, without needless zeros.
func decimal(r *big.Rat) string {
	text := r.FloatString(6)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
