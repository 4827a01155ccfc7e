package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// Deals are listed one by one where that is said: "show deals", "which deals
// did we win", "list open deals", "top 10 deals", "the deals behind that"; and
// where deals are named that nothing else can be asked of, as in "deals closing
// this month over 50k". A number of deals, a breakdown or a comparison is a
// figure.

// listedMetrics are offered where it is not said which deals are to be listed:
// those of them that the catalogue has.
var listedMetrics = []string{"open_pipeline", "won_revenue", "lost_count"}

// listing is what was said of a list of deals. Places are counted from 1; 0:
// nowhere.
type listing struct {
	at       int    // the words that ask for a list
	firm     int    // those that can ask for nothing else
	behind   int    // "behind that": the figure's own deals
	fact     string // what is said to stand behind it, if not deals
	top      int    // "top" and the like before deals, which may rank a breakdown
	byAmount int    // words that order a list, and mean nothing otherwise
	byDay    int
	order    metric.Order // of byDay
	skipAt   int
	skip     int // deals to leave out at the beginning
	more     int // the page after the last one
}

func (r *reader) readShowDeals(piece) bool {
	r.pos++
	r.q.listing.at, r.q.deals = r.pos, r.pos
	return true
}

// readThem reads "list them": the deals of the last figure.
func (r *reader) readThem(piece) bool {
	r.pos++
	r.q.listing.at, r.q.listing.firm, r.q.listing.behind, r.q.follow = r.pos, r.pos, r.pos, true
	return true
}

// readBehind reads "behind" after deals, and "what is behind that". What stands
// behind "that" is of the last figure.
func (r *reader) readBehind(p piece) bool {
	if !r.before(r.pos).isAny(keyDeals, keyShowDeals, keyWhatIs) {
		return false
	}
	r.pos++
	r.q.listing.at, r.q.listing.firm, r.q.listing.behind = r.pos, r.pos, r.pos
	r.q.follow = r.q.follow || p.to-p.from > 1
	return true
}

// addFactsBehind enters "leads behind" and the like, for all but deals that can be
// listed. What is listed of people with quotas are people.
func (l *lexicon) addFactsBehind() {
	for _, m := range l.catalog.Metrics() {
		if !m.CountsDeals() || m.ListedFact() == "deal" {
			continue
		}
		nouns := []string{metric.Plural(m.ListedFact())}
		if m.ListedFact() == "seat" {
			nouns = append(nouns, "reps", "people")
		}
		for _, noun := range nouns {
			for _, of := range []string{" behind", " behind that", " behind this", " behind it", " behind them"} {
				l.add(noun+of, meaning{key: keyFactsBehind, fact: m.ListedFact()}, false)
			}
		}
	}
}

// readFactsBehind reads "leads behind", and "leads behind that" of the last figure.
func (r *reader) readFactsBehind(p piece) bool {
	r.pos++
	l := &r.q.listing
	l.at, l.firm, l.behind = r.pos, r.pos, r.pos
	l.fact = p.as(keyFactsBehind).fact
	r.q.follow = r.q.follow || p.to-p.from > 2
	return true
}

// checkFact refuses to list behind a figure what it does not count.
func (r *reader) checkFact() {
	fact := r.q.listing.fact
	if fact == "" || r.q.metric == "" || len(r.q.unknown) > 0 || r.q.fork != nil {
		return
	}
	if m := r.metric(r.q.metric); !m.CountsDeals() || m.ListedFact() != fact {
		r.refuse(r.at(r.q.listing.behind-1), m.Label+" is not counted of "+metric.Plural(fact)+".")
	}
}

// readMore reads "more" and "next 20" after a list of deals.
func (r *reader) readMore(p piece) bool {
	if r.asked.Last == nil || r.asked.Last.Shape != metric.ShapeDeals {
		return false
	}
	at := r.pos
	r.pos++
	if r.readCount(); r.q.limit == 0 && r.tokens[p.from].word == "next" && p.to-p.from == 1 {
		r.pos = at
		return false
	}
	r.q.listing.at, r.q.listing.firm, r.q.listing.more, r.q.follow = r.pos, r.pos, r.pos, true
	if r.here().isAny(keyDeals) {
		r.pos++
	}
	return true
}

// readSkip reads "skip 20".
func (r *reader) readSkip(piece) bool {
	n := r.at(r.pos + 1).number
	if n == nil || n.money || !n.value.IsInt() || n.value.Sign() <= 0 {
		return false
	}
	r.q.listing.skip = int(n.value.Num().Int64())
	r.pos += 2
	r.q.listing.skipAt = r.pos - 1
	return true
}

// inOrder reads how a list is ordered. "Newest deals" asks for one.
func inOrder(order metric.Order) func(*reader, piece) bool {
	return func(r *reader, _ piece) bool {
		r.pos++
		l := &r.q.listing
		if order == "" {
			l.byAmount = r.pos
			return true
		}
		l.byDay, l.order = r.pos, order
		before := r.pos
		r.readCount()
		if r.isDeals(r.here()) && r.pos > 0 {
			l.at, l.firm = before, before
		} else if r.pos > before {
			r.pos, r.q.limit = before, 0
		}
		return true
	}
}

// isOfCount reports whether how many there are of something is named.
func (r *reader) isOfCount(m mention) bool {
	return slices.ContainsFunc(m.names, func(name string) bool { return r.metric(name).Unit == metric.UnitCount })
}

// isDeals reports whether a piece names deals of some kind.
func (r *reader) isDeals(p piece) bool {
	return p.to > p.from && (p.is(keyDeals) || slices.ContainsFunc(p.metrics(), func(m string) bool { return r.metric(m).Unit == metric.UnitCount }))
}

// readTopDeals marks "biggest deal" and "top 5 won deals", of which the words
// for the deals are yet to be read.
func (r *reader) readTopDeals(superlative piece, single bool) {
	l := &r.q.listing
	if single {
		l.at, l.firm = r.pos, r.pos
		plural := func(t token) bool { return strings.HasSuffix(t.word, "s") }
		if named := r.here(); r.q.limit == 0 && !slices.ContainsFunc(r.tokens[named.from:named.to], plural) {
			r.q.limit = 1 // but of "the biggest deals lost" several
		}
		return
	}
	said := words(r.tokens[superlative.from:superlative.to])
	if slices.Contains([]string{"top", "best", "worst", "bottom"}, said) {
		l.top = r.pos
	}
}

// resolveListing decides whether deals are to be listed.
func (r *reader) resolveListing() {
	q := &r.q
	if q.part != "" {
		r.resolvePart()
		return
	}
	l := &q.listing
	unnamed := q.deals > 0 && q.counts == 0 && q.amounts == 0 && len(q.mentions) == 0
	switch {
	case l.at > 0:
	case q.list > 0 && (q.deals > 0 || slices.ContainsFunc(q.mentions, r.isOfCount)):
		l.at = q.list
	case l.byAmount+l.byDay > 0 && q.counts+q.amounts == 0 && len(q.mentions) == 1 && r.isDeals(r.at(q.mentions[0].at)):
		l.at = max(l.byAmount, l.byDay) // "my open deals by close date"
	case l.byAmount+l.byDay > 0 && q.counts+q.amounts+len(q.mentions)+len(q.by) == 0 && r.asked.Last != nil && r.asked.Last.Shape == metric.ShapeFigure && r.isCountOfDeals(r.asked.Last.Metric):
		l.at, q.follow = max(l.byAmount, l.byDay), true // "sort by close date" behind their number
	case l.top > 0 && !q.who && q.counts == 0, unnamed && (q.closing > 0 || r.asked.Hint == HintPipeline || r.isOfNow() || len(q.lengths) > 0):
		l.at = max(l.top, q.deals)
	}
	if q.who && l.firm > 0 && len(q.by) == 1 {
		q.by = nil // a list says whose each deal is
	}
	if l.at > 0 && (len(q.by) > 0 || q.compare || q.counts > 0 || q.define > 0) {
		if l.firm > 0 {
			r.refuse(r.at(l.firm-1), "Deals are listed one by one: not broken down, compared or counted.")
		}
		l.at = 0
	}
	if l.at > 0 || r.listsOn() {
		return
	}
	for _, at := range []int{l.byAmount, l.byDay, l.skipAt} {
		if at > 0 {
			r.fail(r.at(at - 1))
		}
	}
}

// isCountOfDeals reports whether a metric is how many deals there are.
func (r *reader) isCountOfDeals(name string) bool {
	m := r.metric(name)
	return m.Unit == metric.UnitCount && m.CountsDeals() && m.ListedFact() == "deal"
}

// listsOn reports whether the question goes on from a list of deals, and edits
// that.
func (r *reader) listsOn() bool {
	q := r.q
	return r.asked.Last != nil && r.asked.Last.Shape == metric.ShapeDeals &&
		len(q.mentions)+len(q.by)+q.counts+q.amounts+q.define == 0 && !q.compare
}

// resolveListed decides which deals are listed where that was not said: those
// of the slash command, those that are to close, those of the last figure.
func (r *reader) resolveListed() {
	open := r.inCatalog([]string{"open_pipeline"})
	last := r.asked.Last
	switch {
	case len(open) > 0 && r.q.listing.behind == 0 && (r.hinted() != "" && r.asked.Hint == HintPipeline || r.q.closing > 0 || r.isOfNow() || len(r.q.lengths) > 0 && !r.q.follow):
		r.q.metric = open[0]
	case last != nil && len(r.metric(last.Metric).Listed()) > 0:
		r.q.follow, r.q.metric = true, last.Metric
	case r.q.listing.behind > 0 && last == nil:
		r.q.unknown = []string{strings.TrimSpace(r.text)}
		r.note("There is no earlier question here that this could go on from.")
	case r.q.listing.behind > 0:
		r.refuse(r.at(r.q.listing.behind-1), r.metricLabel(last.Metric)+" does not count single deals.")
	case len(open) > 0 && r.has():
		r.q.metric = open[0]
		r.note("those that are open, as no others were named")
	default:
		r.q.follow = false
		r.q.fork = r.metricsFork("Which deals?", r.inCatalog(listedMetrics))
	}
}

// has reports whether deals are asked for that somebody has now: "the biggest
// deal I have".
func (r *reader) has() bool {
	return len(r.tokens) > 1 && slices.Contains([]string{"have", "got"}, r.tokens[len(r.tokens)-1].word) && slices.Contains([]string{"i", "we"}, r.tokens[len(r.tokens)-2].word)
}

// list makes a Query of shape deals of one of shape figure. Of a count of deals
// it takes the sum of their amounts, unless it is that count's own deals that
// are asked for.
func (s *sentence) list(query *metric.Query, q question) {
	l := q.listing
	if !q.follow && l.behind == 0 {
		query.Metric = s.parser.Catalog.SumOf(query.Metric)
	}
	query.Shape, query.By = metric.ShapeDeals, nil
	if !s.goesOnFromPart(*query, q) {
		query.Part, query.Compare, query.Then = "", "", metric.Query{}.Then
	}
	query.Order, query.Limit, query.Offset = "", 0, 0
	s.page(query, q)
}

// page says in which order a list is, and which deals of it are wanted.
func (s *sentence) page(query *metric.Query, q question) {
	l := q.listing
	if last := s.asked.Last; q.follow && last != nil && last.Shape == metric.ShapeDeals {
		query.Order, query.Limit = last.Order, last.Limit
		if l.more > 0 {
			query.Offset = last.Offset + max(last.Limit, 0)
			if last.Limit == 0 {
				query.Offset = last.Offset + metric.DealsListed
			}
		}
	}
	switch {
	case l.byDay > 0:
		query.Order = l.order
	case q.ranked && (q.order == metric.Ascending || q.good < 0):
		query.Order = metric.Ascending
	case q.ranked || l.byAmount > 0:
		query.Order = metric.Descending
	}
	if q.limit > 0 {
		query.Limit = q.limit
	}
	if l.skip > 0 {
		query.Offset = l.skip
	}
}
