package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// readBy reads a breakdown: "by territory and quarter", "per rep". "By" before
// a metric names what is ranked by; before a name or "me" it means of them.
func (r *reader) readBy(piece) bool {
	lead := r.pos
	r.pos++
	r.skipArticles()
	if len(r.here().names) > 0 || len(r.here().metrics()) > 0 && !r.stepsByClose() || r.here().isAny(keyMine, keyMyTeam) {
		return true
	}
	if d, ok := r.here().dimension(); ok && r.kindMatches(d.dimension, r.pos+1) {
		return true // "won by rep Anna Snelling": a filter
	}
	if !r.readBreakdown() {
		r.pos = lead
		r.fail(r.here())
		r.pos++
		return true
	}
	r.q.byLead = r.q.byLead || lead == 0
	for r.here().isAny(keyAnd, keyBy, keyTimes) || r.continues() {
		back := r.pos
		if r.here().isAny(keyAnd, keyBy, keyTimes) {
			r.pos++
		}
		r.skipArticles()
		if !r.readBreakdown() {
			r.pos = back
			break
		}
	}
	return true
}

// continues reports whether a breakdown goes on without a word between, as in
// "by territory, product".
func (r *reader) continues() bool {
	d, ok := r.here().dimension()
	return ok && !r.kindMatches(d.dimension, r.pos+1)
}

func (r *reader) skipArticles() {
	for r.pos < len(r.pieces) && r.here().is(keyHarmless) && len(r.here().metrics()) == 0 {
		r.pos++
	}
}

// readBreakdown adds the dimension at the reader's position to the breakdown.
func (r *reader) readBreakdown() bool {
	if r.stepsByClose() {
		r.pos++
		r.q.closeStep = r.pos + 1
	}
	p := r.here()
	d, ok := p.dimension()
	if !ok {
		return false
	}
	r.breakDown(p, d.dimension)
	r.pos++
	return true
}

// stepsByClose reports whether "close month" stands here.
func (r *reader) stepsByClose() bool {
	p := r.here()
	d, ok := r.at(r.pos + 1).dimension()
	return ok && r.isTime(d.dimension) && p.to == p.from+1 && slices.Contains([]string{"close", "closing"}, r.tokens[p.from].word)
}

// checkCloseStep sees to it that steps of the close date are of that: pipeline created
// is not counted by it.
func (r *reader) checkCloseStep() {
	if r.q.closeStep > 0 && r.q.metric != "" && r.metric(r.q.metric).Clock != "close_on" {
		r.fail(r.at(r.q.closeStep - 1))
	}
}

// checkOldest refuses to order what is open by age: a list comes by amount or by
// close date, and by nothing else that deals may be chosen by.
func (r *reader) checkOldest() {
	at := r.q.listing.byDay
	if at > 0 && r.q.metric != "" && r.metric(r.q.metric).Stock && slices.Contains([]string{"oldest", "newest"}, r.tokens[r.at(at-1).from].word) {
		r.refuse(r.at(at-1), byAgeInstead)
	}
	for i, p := range r.pieces {
		longest := p.to > p.from && slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return t.word == "longest" })
		if longest && r.q.ranked && len(r.q.lengths) > 0 && r.q.listing.at+r.q.listing.behind > 0 {
			r.refuse(r.at(i), byAgeInstead)
		}
	}
}

const byAgeInstead = "Open deals are listed by amount or by close date, not by age; “older than 90 days” chooses them by it, and tells it of each."

// breakDown adds a dimension; there is room for two, and for one step of time.
func (r *reader) breakDown(p piece, name string) {
	if slices.Contains(r.q.by, name) {
		return
	}
	steps := 0
	for _, by := range append([]string{name}, r.q.by...) {
		if r.isTime(by) {
			steps++
		}
	}
	const most = 2
	if len(r.q.by) >= most || steps > 1 {
		r.refuse(p, "A figure can be broken down by two things, one of them a step of time.")
		return
	}
	r.q.by = append(r.q.by, name)
	slices.SortStableFunc(r.q.by, func(a, b string) int { return rankTime(r.isTime(a)) - rankTime(r.isTime(b)) })
}

func rankTime(isTime bool) int {
	if isTime {
		return 1
	}
	return 0
}

func (s *sentence) isTime(name string) bool { return s.parser.isTime(name) }

func (p *Parser) isTime(name string) bool {
	d, ok := p.Catalog.Dimension(name)
	return ok && d.Time != ""
}

// readDimension reads the name of a dimension that stands alone: before a
// name it says of which kind that is; in the plural, or as an adverb such as
// "monthly", it is a breakdown.
func (r *reader) readDimension(d meaning) bool {
	p := r.here()
	if r.kindMatches(d.dimension, r.pos+1) {
		r.pos++
		r.readNames(metric.Eq, d.dimension)
		return true
	}
	switch {
	case r.isWho(p):
		r.q.who = true
	case r.isTime(d.dimension):
		if !strings.HasSuffix(r.tokens[p.to-1].word, "ly") {
			return false // "monthly" is a breakdown; "month" alone is not clear
		}
	case !d.plural && !r.isRankedLater():
		return false
	}
	r.q.bare = r.q.bare || !r.isTime(d.dimension)
	r.breakDown(p, d.dimension)
	r.pos++
	return true
}

// isRankedLater reports whether a ranking follows, as in "rep with the most
// wins".
func (r *reader) isRankedLater() bool {
	return slices.ContainsFunc(r.pieces[r.pos:], func(p piece) bool {
		return p.isAny(keyTop, keyBottom, keyBest, keyWorst)
	})
}

func (r *reader) isWho(p piece) bool {
	return p.to-p.from == 1 && (r.tokens[p.from].word == "who" || r.tokens[p.from].stem == "who" || r.tokens[p.from].word == "whos")
}

// readWhich reads "which territory": a breakdown that a question begins with.
func (r *reader) readWhich(p piece) bool {
	if words(r.tokens[p.from:p.to]) == "which of" && r.at(r.pos+1).isAny(keyMine, keyMyTeam) {
		r.pos++
		r.q.listing.at = r.pos // "which of my deals"
		return true
	}
	if r.readWhichCounted() {
		return true
	}
	if _, ok := r.at(r.pos + 1).dimension(); !ok {
		if !strings.HasPrefix(r.tokens[p.from].word, "what") {
			return false
		}
		r.pos++ // "what" alone asks for nothing by itself
		if slices.Contains(r.here().metrics(), "slipped_count") && r.here().unsure() {
			r.q.listing.at, r.q.deals = r.pos, r.pos // "what slipped last quarter"
		}
		return true
	}
	r.pos++
	r.q.who = true
	return r.readBreakdown()
}

// ranked reads "top 5 reps", "best territories", "lowest first".
func ranked(order metric.Order, good int) func(*reader, piece) bool {
	return func(r *reader, p piece) bool {
		if r.q.ranked && (r.q.order != order || r.q.good != good) {
			r.fail(p)
		}
		r.q.ranked, r.q.order, r.q.good = true, order, good
		r.pos++
		r.readCount()
		back := r.pos
		r.skipArticles()
		if many := r.q.who || r.at(r.pos+1).is(keyHowMany); r.isSingleDeal(p, r.here()) || r.here().is(keyDeals) && !many {
			r.readTopDeals(p, true)
			return true
		}
		if r.isDeals(r.here()) {
			r.readTopDeals(p, false)
			return true
		}
		if d, ok := r.here().dimension(); ok && !r.kindMatches(d.dimension, r.pos+1) {
			r.q.bare = r.q.bare || r.q.limit == 0
			return r.readBreakdown()
		}
		r.pos = back
		return true
	}
}

// isSingleDeal reports whether a superlative is of one deal, as in "who won
// the biggest deal", and not of a figure: "who won the most deals" is a count.
func (r *reader) isSingleDeal(superlative, p piece) bool {
	if p.to == 0 || r.at(r.pos+1).is(keyHowMany) {
		return false // "highest deal count"
	}
	ofCount := p.is(keyDeals) || slices.ContainsFunc(p.metrics(), func(m string) bool { return r.metric(m).Unit == metric.UnitCount })
	last := r.tokens[p.to-1].word
	isOne := slices.Contains([]string{"deal", "opp", "opportunity", "win", "loss", "sale", "booking"}, last)
	said := words(r.tokens[superlative.from:superlative.to])
	switch {
	case strings.HasSuffix(said, "most") || strings.HasSuffix(said, "least") || said == "fewest":
		return false
	case isOne && (ofCount || len(p.metrics()) > 0):
		return true
	default:
		return ofCount && slices.Contains([]string{"biggest", "largest", "greatest", "smallest"}, said)
	}
}

// readCount reads how many rows are wanted.
func (r *reader) readCount() {
	p := r.here()
	n := 0
	switch {
	case p.number != nil && !p.number.money && p.number.value.IsInt():
		n = int(p.number.value.Num().Int64())
	case p.unknown() && p.to > p.from:
		n = slices.Index(numerals, r.tokens[p.from].word)
	}
	if n > 0 {
		r.q.limit = n
		r.pos++
	}
}

// readLimit reads "limit 5"; without a number the word is not understood.
func (r *reader) readLimit(piece) bool {
	if r.at(r.pos+1).number == nil {
		return false
	}
	r.pos++
	before := r.pos
	r.readCount()
	if r.pos == before {
		r.pos--
		return false
	}
	return true
}
