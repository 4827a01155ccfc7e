package ask

import (
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// leadMetrics are offered, and taken, where a question leaves the metric out:
// those of them that the catalogue has, in this order.
var leadMetrics = []string{"won_revenue", "open_pipeline", "win_rate"}

// dealCounts are the counts that "deals" alone may mean.
var dealCounts = []string{"open_count", "won_count", "lost_count"}

func (s *sentence) inCatalog(names []string) []string {
	var out []string
	for _, name := range names {
		if _, ok := s.parser.Catalog.Metric(name); ok {
			out = append(out, name)
		}
	}
	return out
}

// resolveMetric decides which metric is meant, or forks.
func (r *reader) resolveMetric() {
	if len(r.q.unknown) > 0 || r.q.fork != nil {
		return
	}
	r.takeStateShare()
	r.dropWider()
	r.takeLeft()
	r.takeCreated()
	sure := r.sureMentions()
	if r.q.left > 0 && len(sure) != 1 {
		r.fail(r.at(r.q.left - 1))
	}
	switch {
	case len(r.q.unknown) > 0:
	case len(sure) > 1:
		r.q.fork = r.mentionsFork(sure)
	case len(sure) == 1:
		r.resolveSure(sure[0])
	case len(r.q.mentions) > 0:
		r.resolveUnsure()
	default:
		r.resolveUnnamed()
	}
}

// sureMentions returns the mentions that name a metric in full, each metric
// once.
func (r *reader) sureMentions() []mention {
	var out []mention
	for _, m := range r.q.mentions {
		same := func(o mention) bool { return o.names[0] == m.names[0] }
		if m.sure && !slices.ContainsFunc(out, same) {
			out = append(out, m)
		}
	}
	return out
}

// narrower lists the figures of some of the open deals: "open deals not touched
// in two weeks" are these.
var narrower = []string{
	"silent_pipeline", "silent_count", "overdue_pipeline", "overdue_count", "aged_pipeline", "aged_count", "stalled_pipeline", "stalled_count",
	"pushed_twice_pipeline", "pushed_twice_count",
}

// dropWider leaves "open" out where a figure is named that is of open deals.
func (r *reader) dropWider() {
	of := func(names []string) func(mention) bool {
		return func(m mention) bool {
			return !slices.ContainsFunc(m.names, func(n string) bool { return !slices.Contains(names, n) })
		}
	}
	if !slices.ContainsFunc(r.q.mentions, of(narrower)) {
		return
	}
	unsure := slices.ContainsFunc(r.q.mentions, func(m mention) bool { return of(narrower)(m) && len(m.names) > 1 })
	for _, m := range r.q.mentions {
		if r.q.deals == 0 && slices.Equal(m.names, []string{"open_count"}) {
			r.q.deals = m.at + 1
		}
		if r.q.counts+r.q.deals+r.q.amounts == 0 && unsure && slices.Equal(m.names, []string{"open_pipeline"}) {
			r.q.amounts = m.at + 1 // "pipeline not touched in two weeks"
		}
	}
	r.q.mentions = slices.DeleteFunc(slices.Clone(r.q.mentions), of([]string{"open_pipeline", "open_count"}))
}

// remains says what "left" makes of a figure.
var remains = map[string]string{"coverage_target": "coverage_remaining", "quota": "quota_remaining"}

// takeLeft reads "what's left" behind a figure against a quota.
func (r *reader) takeLeft() {
	last := r.asked.Last
	if r.q.left == 0 || len(r.q.mentions) > 0 || last == nil {
		return
	}
	names := map[string]string{"quota": "quota", "quota_attainment": "quota", "pace": "quota", "coverage_target": "coverage_target"}
	if name, ok := names[last.Metric]; ok && len(r.inCatalog([]string{name})) > 0 {
		r.q.follow = true
		r.q.mentions = []mention{{at: r.q.left - 1, names: []string{name}, sure: true}}
	}
}

// leftOf is the figure that is meant where "left" is said of one.
func (r *reader) leftOf(name string) string {
	if r.q.left == 0 {
		return name
	}
	rest, ok := remains[name]
	if !ok || len(r.inCatalog([]string{rest})) == 0 {
		r.fail(r.at(r.q.left - 1))
		return name
	}
	return rest
}

// resolveSure takes a metric that was named, if the other words agree with it.
func (r *reader) resolveSure(m mention) {
	name := r.generatedOf(r.leftOf(m.names[0]))
	for _, other := range r.q.mentions {
		if !slices.Contains(other.names, m.names[0]) {
			r.fail(r.at(other.at))
		}
	}
	counted := r.metric(name).Unit == metric.UnitCount
	if r.q.counts > 0 && !counted {
		r.fail(r.at(r.q.counts - 1))
	}
	if r.q.amounts > 0 && (counted || r.valued(name)) {
		r.fail(r.at(r.q.amounts - 1))
	}
	name = r.whitespaceOf(name)
	if r.q.deals-1 == m.at+1 && r.q.listing.at == 0 && r.metric(name).Unit == metric.UnitMoney && !r.chosenByNumber() {
		r.forkToCount(m)
		return
	}
	r.q.metric = name
}

// valued reports whether "value" is said of a metric that is not money: "win
// rate value" would be another metric, weighted by amounts.
func (r *reader) valued(name string) bool {
	return r.at(r.q.amounts-1).is(keyAmount) && r.metric(name).Unit != metric.UnitMoney
}

// chosenByNumber reports whether "deals" is said for the sake of an amount, as in
// "pipeline deals over 50k", or of another number.
func (r *reader) chosenByNumber() bool {
	return slices.ContainsFunc(r.q.where, func(f metric.Filter) bool { return metric.IsNumber(f.Field) })
}

// forkToCount asks whether "pipeline deals" means their amounts or how many
// there are.
func (r *reader) forkToCount(m mention) {
	names := m.names[:1]
	for _, c := range r.metric(m.names[0]).Companions {
		if r.metric(c).Unit == metric.UnitCount {
			names = append(slices.Clone(names), c)
		}
	}
	if len(names) == 1 {
		r.q.metric = names[0]
		return
	}
	r.q.fork = r.metricFork(m.at, names)
	for i := range r.q.fork.ways {
		r.q.fork.ways[i].pieces[r.q.deals-1].meanings = []meaning{{key: keyHarmless}}
	}
}

// resolveUnsure decides which metric verbs such as "won" mean.
func (r *reader) resolveUnsure() {
	first := r.q.mentions[0]
	names := first.names
	for _, m := range r.q.mentions[1:] {
		names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(m.names, n) })
	}
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !r.unitSuits(n) })
	switch {
	case slices.Equal(first.names, r.inCatalog(forecasts)) && slices.Contains(r.q.by, categoryField):
		r.q.fork = r.metricFork(first.at, r.inCatalog(byCategory)) // a forecast is of one category
	case slices.Equal(first.names, r.inCatalog(newDeals)):
		r.q.fork = r.metricFork(first.at, first.names)
	case len(names) == 0:
		for _, m := range r.q.mentions {
			r.fail(r.at(m.at))
		}
	case len(names) == 1:
		r.q.metric = names[0]
	case r.q.listing.at > 0 && r.q.ranked:
		r.q.metric = names[0]
	case r.q.ranked || r.q.who:
		r.q.metric = names[0]
		r.note("measured by " + r.metricLabel(names[0]) + ", as no figure was named")
	default:
		r.q.fork = r.metricFork(first.at, names)
	}
}

// unitSuits reports whether a metric counts when a count was asked for.
func (r *reader) unitSuits(name string) bool {
	counted := r.metric(name).Unit == metric.UnitCount
	switch {
	case r.q.amounts > 0:
		return !counted
	case r.q.counts > 0 || r.q.deals > 0:
		return counted
	default:
		return true
	}
}

// resolveUnnamed decides what a question without a metric is about: what the
// slash command says, what was asked last, or what a ranking is usually by.
func (r *reader) resolveUnnamed() {
	lead := r.inCatalog(leadMetrics)
	changing, goesOn := r.changing()
	switch {
	case r.q.define > 0:
		r.fail(r.at(r.q.define - 1))
	case r.q.listing.at > 0:
		r.resolveListed()
	case changing != "" && (r.q.changes > 0 || r.q.changeWord > 0 && len(r.q.periods) > 0):
		r.q.metric, r.q.follow = changing, r.q.follow || goesOn
		r.checkMarkers()
	case r.q.list > 0 || r.asked.Hint == HintKPI && r.isBare():
		r.resolveList()
	case r.hinted() != "":
		r.q.metric = r.hinted()
		r.checkMarkers()
	case r.asked.Last != nil && r.saysMore() && r.isEdit():
		r.q.follow = true
		r.q.metric = r.countedOf(r.asked.Last.Metric)
		r.checkMarkers()
	case r.goesOnFromRows():
		r.q.follow = true
		r.q.metric = r.asked.Last.Metric
		r.checkMarkers()
	case r.isBare() && r.isThanks():
		polite := *r.sentence
		polite.pieces = nil // nothing that an answer would have to account for
		r.q.fork = (&reader{sentence: &polite}).metricsFork("You’re welcome. What would you like to know next?", lead)
	case r.isBare():
		r.q.fork = r.metricsFork("What would you like to know?", lead)
	case r.q.follow || r.q.byLead || len(r.q.onlyAt) > 0:
		r.q.unknown = []string{strings.TrimSpace(r.text)}
		r.note("There is no earlier question here that this could go on from.")
	case r.isOfLost():
		r.q.metric = "lost_count"
		r.checkMarkers()
		r.note("measured by " + r.metricLabel(r.q.metric) + ", as no figure was named")
	case len(r.q.lengths) > 0:
		r.resolveOfLength()
	case r.q.counts > 0 && r.isOfNow() && len(r.inCatalog([]string{"open_count"})) > 0:
		r.q.metric = "open_count"
		r.checkMarkers()
	case r.q.counts > 0 || r.q.deals > 0:
		r.q.fork = r.metricsFork("Which deals?", r.inCatalog(dealCounts))
	case len(r.q.rows.bounds) > 0 && len(r.figuresOfRows()) > 0:
		r.q.fork = r.metricsFork("Which figure are the rows kept by?", r.figuresOfRows())
	case r.q.closing > 0 && len(r.q.periods) == 1 && len(r.inCatalog([]string{"open_pipeline"})) > 0:
		r.q.metric = "open_pipeline"
		r.note("measured by " + r.metricLabel(r.q.metric) + ", as no figure was named")
	case r.q.yearAgo > 0 && len(lead) > 0:
		r.q.metric = lead[0]
		r.checkMarkers()
		r.note("measured by " + r.metricLabel(lead[0]) + ", as no figure was named")
	case r.q.who && !r.q.ranked:
		r.q.fork = r.metricsFork("Which figure, by "+r.kindLabel(r.q.by[0])+"?", lead)
	case r.q.ranked && len(lead) > 0:
		r.q.metric = lead[0]
		r.note("measured by " + r.metricLabel(lead[0]) + ", as no figure was named")
	default:
		r.q.fork = r.metricsFork("Which figure?", lead)
	}
}

// isOfLost reports whether a question is about what only lost deals have.
func (r *reader) isOfLost() bool {
	ofLost := func(name string) bool { return name == "loss_reason" || name == "competitor" }
	return slices.ContainsFunc(r.q.by, ofLost) && len(r.inCatalog([]string{"lost_count"})) > 0
}

// isEdit reports whether a question without a figure is plainly an edit of the
// last one: it says so, or it is a period, a name, a breakdown with "by" or the
// first so many, and nothing else. "Loss reasons for my team" is a new
// question, whatever was asked before.
func (r *reader) isEdit() bool {
	first := r.at(slices.IndexFunc(r.pieces, func(p piece) bool { return !p.isAny(keyHarmless, keyOpening) }))
	led := first.isAny(keyBy, keyOnly, keyNot, keyWithout, keyVersus, keyInstead, keyNow)
	switch {
	case r.q.follow || led || r.asksOnlyWhich():
		return true
	case r.q.bare || r.q.who || r.isSentence():
		return false
	case r.q.counts > 0 || r.q.deals > 0 || r.q.amounts > 0:
		said := r.q
		said.counts, said.deals, said.amounts = 0, 0, 0
		return isEmpty(said)
	default:
		return true
	}
}

// asksOnlyWhich reports whether "which accounts" or "who" is all that is said.
func (r *reader) asksOnlyWhich() bool {
	said := r.q
	said.by = nil
	return r.q.who && !r.q.ranked && len(r.q.by) == 1 && isEmpty(said)
}

// isSentence reports whether a verb makes a question of its own of the words:
// "how did Central do last quarter".
func (r *reader) isSentence() bool {
	verbs := []string{"how", "did", "do", "does", "is", "are", "was", "were", "has", "have", "had", "what", "whats"}
	return slices.ContainsFunc(r.pieces, func(p piece) bool {
		said := func(t token) bool { return slices.Contains(verbs, t.word) }
		return p.isAny(keyHarmless, keyWhatIs, keyWhich) && slices.ContainsFunc(r.tokens[p.from:p.to], said)
	})
}

// saysMore reports whether anything was said beyond going on from the last
// question.
func (r *reader) saysMore() bool {
	q := r.q
	q.follow = false
	return !isEmpty(q)
}

// resolveList takes the list of metrics for what is asked, if nothing else is.
func (r *reader) resolveList() {
	bare := r.q
	bare.list = 0
	if !isEmpty(bare) {
		r.fail(r.at(max(r.q.list-1, 0)))
	}
	r.q.list = 1
}

// checkMarkers refuses words that ask for another figure than the one that is
// taken without being named.
func (r *reader) checkMarkers() {
	for _, at := range []int{r.q.counts, r.q.amounts} {
		if at > 0 && !r.unitSuits(r.q.metric) {
			r.fail(r.at(at - 1))
		}
	}
}

// hinted returns the metric that a slash command is about.
func (r *reader) hinted() string {
	name := map[string]string{HintPipeline: "open_pipeline", HintTerritory: "won_revenue"}[r.asked.Hint]
	if len(r.inCatalog([]string{name})) == 0 {
		return ""
	}
	return name
}

// isBare reports whether nothing was said that means anything.
func (r *reader) isBare() bool { return isEmpty(r.q) }

func isEmpty(q question) bool {
	said := q.define + q.counts + q.listing.at + q.listing.byAmount + q.listing.byDay + q.listing.skipAt + q.amounts + q.deals + q.closing + q.now + q.list + len(q.mentions) +
		len(q.by) + len(q.where) + len(q.periods) + len(q.onlyAt) + len(q.dropped) + q.changes + q.moved + q.trend
	return said+len(q.rows.bounds) == 0 && !q.ranked && !q.compare && q.asOf == nil && !q.follow && q.view == "" && q.in == "" && q.stood+q.reportedAt+q.share.at == 0 && q.reported == nil
}

// metricsFork asks which of several metrics a question without one is about.
func (r *reader) metricsFork(ask string, names []string) *fork {
	f := &fork{ask: ask}
	for _, name := range names {
		pieces := append([]piece{{meanings: []meaning{{metrics: []string{name}}}}}, r.pieces...)
		if r.metric(name).Stock && len(r.q.periods) > 0 && r.q.closing == 0 && r.q.stood == 0 {
			pieces = append(pieces, piece{meanings: []meaning{{key: keyClosing}}})
		}
		f.ways = append(f.ways, way{label: r.metricLabel(name), pieces: pieces})
	}
	return f
}

// resolvePeriod decides which days are meant, and what they are compared with.
func (r *reader) resolvePeriod() {
	if len(r.q.unknown) > 0 || r.q.fork != nil || r.q.metric == "" {
		return
	}
	m := r.metric(r.q.metric)
	for _, at := range r.q.periods {
		if why := r.at(at).part.isNo; why != "" {
			r.fail(r.at(at))
			r.note(why)
			return
		}
		if !r.at(at).part.countedFrom.IsZero() {
			r.q.fork = r.countedFork(at)
			return
		}
		if len(r.at(at).part.either) > 0 {
			r.q.fork = r.dateFork(at)
			return
		}
	}
	if r.q.against != nil && len(r.q.against.either) > 0 {
		r.fail(r.pieceOf(r.q.against))
		return
	}
	switch {
	case r.asksOfChange(m) && (m.TellsChange() || m.Stock && m.HasFactors()):
		r.resolveChange(m)
		return
	case r.asksOfChange(m) && m.HasFactors():
		r.resolveFactors()
	case r.asksOfChange(m):
		r.refuse(r.changeWords(), "What made "+r.metricLabel(m.Name)+" change cannot be told: that is told of what is open, of sums and of ratios.")
		return
	case r.q.moved+r.q.changes > 0:
		r.fail(r.changeWords())
		return
	}
	if len(r.q.periods) > 1 {
		r.q.fork = r.periodFork(r.q.periods)
		return
	}
	r.takeTense(m)
	if len(r.q.periods) == 1 && !r.takeDay(r.q.periods[0], m) {
		r.q.period = r.placed(r.q.periods[0], m.Stock && r.q.stood == 0)
	}
	if r.q.stood > 0 {
		r.checkStood(m)
		return
	}
	r.checkClock(m)
	r.checkMoment(m)
	if r.q.compare && r.q.fork == nil {
		r.resolveComparison()
	}
}

func (r *reader) pieceOf(p *part) piece {
	i := slices.IndexFunc(r.pieces, func(o piece) bool { return o.part == p })
	return r.at(i)
}

// placed returns a period, read again for a stock if its year was left out:
// what is open now closes ahead.
func (r *reader) placed(at int, stock bool) *part {
	p := *r.at(at).part
	if p.assumed && stock {
		c := r.calendar
		c.ahead = true
		p, _ = c.readPeriod(r.tokens[r.at(at).from:r.at(at).to])
	}
	if p.within && !stock {
		r.refuse(r.at(at), "“"+r.typed(r.at(at))+"” may be behind us or ahead: say “last” or “next”.")
	}
	if p.note != "" {
		r.note("“" + r.typed(r.at(at)) + "”: " + p.note)
	}
	return &p
}

// checkClock accounts for words that say by which date a period is meant.
func (r *reader) checkClock(m *metric.Metric) {
	if r.q.closing > 0 && m.Clock != "close_on" {
		r.refuse(r.at(r.q.closing-1), m.Label+" goes by another date than the close date.")
	}
	goesOn := r.q.follow && r.q.now == 1 // "now by rep"
	if r.q.now > 0 && !m.Stock && !goesOn {
		r.refuse(r.at(r.q.now-1), "“"+r.typed(r.at(r.q.now-1))+"” could be several periods; name one.")
	}
	if m.Stock {
		r.checkStock(m)
	}
}

// checkStock sees to it that nobody takes what is open now for what was open
// then: without a moment a stock is that of now, and a period is of the day on
// which the deals are expected to close.
func (r *reader) checkStock(m *metric.Metric) {
	if r.q.asOf != nil || r.q.compare {
		return
	}
	why := m.Label + " is counted as it stands now, unless you say as of which day: “as of last friday”, “at the end of last quarter”."
	past, was := r.pastTense()
	at, over := 0, false
	if len(r.q.periods) > 0 {
		at, over = r.q.periods[0], r.isOver(*r.q.period)
	}
	switch {
	case was && r.q.define == 0 && (!over || r.q.closing > 0):
		r.refuse(past, why)
	case len(r.q.periods) == 0 || r.q.closing > 0:
	case r.standsOn(at) && (r.isDay(*r.q.period) || r.q.period.From.IsZero()) && r.q.period.Label != "today":
		r.refuse(r.at(at), why)
	case m.Momentary():
		if !r.hasSteps() {
			r.q.fork = r.momentFork(at, m)
		}
	case r.q.period.Label == "today":
		r.q.fork = r.todayFork(at)
	case over:
		r.q.fork = r.overFork(at, m)
	}
}

// takeDay takes a day for the one at whose end a stock stood: "open deals on 1
// march", "what was the pipeline yesterday". It reports whether it did.
func (r *reader) takeDay(at int, m *metric.Metric) bool {
	p := r.at(at).part
	_, was := r.pastTense()
	stood := was || r.standsOn(at)
	if !m.Stock || !stood || !r.isDay(*p) || p.Label == "today" || p.From.After(r.calendar.today) || r.q.closing > 0 || r.q.asOf != nil || r.q.compare {
		return false
	}
	if p.note != "" {
		r.note("“" + r.typed(r.at(at)) + "”: " + p.note)
	}
	then := r.calendar.momentAt(p.From)
	r.q.asOf, r.q.asOfAt, r.q.periods = &then, at+1, nil
	return true
}

func (r *reader) isDay(p part) bool { return p.unit == day && p.count == 1 }

// standsOn reports whether "on" or "at" leads up to a piece.
func (r *reader) standsOn(at int) bool {
	lead := r.at(at - 1)
	return at > 0 && lead.is(keyHarmless) && slices.Contains([]string{"on", "on the", "at", "at the"}, words(r.tokens[lead.from:lead.to]))
}

// pastTense returns the first word that puts a question into the past, the words
// of metrics aside.
func (r *reader) pastTense() (piece, bool) {
	past := []string{"was", "were", "had", "did", "been", "used"}
	if len(r.q.lengths) > 0 {
		past = []string{"was", "were", "had", "did", "used"} // what has been at its stage for long is there
	}
	i := slices.IndexFunc(r.pieces, func(p piece) bool {
		if len(p.names)+len(p.metrics()) > 0 || p.to == 0 || p.is(keyAsWas) || p.length != nil {
			return false
		}
		return slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return slices.Contains(past, t.word) })
	})
	return r.at(i), i >= 0
}

// isOver reports whether a period lies in the past, up to today. A quarter whose
// last day it is still runs.
func (r *reader) isOver(p part) bool {
	tomorrow := r.calendar.plusDays(r.calendar.today, 1)
	if p.count == 1 && p.unit != "" && !p.toDate && p.To.Equal(tomorrow) {
		return false
	}
	return !p.To.IsZero() && !p.To.After(tomorrow) && p.From.Before(r.calendar.today)
}

// overFork asks whether "pipeline last quarter" is what stood open at its end,
// what is open now of the deals that were to close then, or all that is open.
func (r *reader) overFork(at int, m *metric.Metric) *fork {
	label, f := r.metricLabel(m.Name), &fork{ask: m.Label + " is counted as it stands at a moment. As it stood at the end of that time, or what is still open of the deals that were expected to close then?"}
	if _, was := r.pastTense(); !was {
		due, open := slices.Clone(r.pieces), slices.Clone(r.pieces)
		due = append(due, piece{from: due[at].from, to: due[at].to, meanings: []meaning{{key: keyClosing}}})
		open[at] = piece{from: open[at].from, to: open[at].to, meanings: []meaning{{key: keyHarmless}}}
		f.ways = []way{{label + " closing " + r.q.period.Label, due}, {label, open}}
	}
	if m.TellsStood() && r.hasSteps() {
		stood := append(slices.Clone(r.pieces), piece{from: r.at(at).from, to: r.at(at).to, meanings: []meaning{{key: keyStood}}})
		f.ways = slices.Insert(f.ways, 0, way{label + ", as it stood at the end of each step of time", stood})
	} else if last := r.calendar.plusDays(r.q.period.To, -1); last.Before(r.calendar.today) {
		stood, then := slices.Clone(r.pieces), r.calendar.momentAt(last)
		stood[at] = piece{from: stood[at].from, to: stood[at].to, moment: &then}
		f.ways = slices.Insert(f.ways, 0, way{label + " as of " + dayLabel(last), stood})
	}
	return f
}

// momentFork asks as of which moment what is of no period is meant: as it is now
// or, of a time that is over, as it was at its end.
func (r *reader) momentFork(at int, m *metric.Metric) *fork {
	label, f := r.metricLabel(m.Name), &fork{ask: m.Label + " stands at a moment, and is of no period. As of when?"}
	if last := r.calendar.plusDays(r.q.period.To, -1); !r.q.period.To.IsZero() && last.Before(r.calendar.today) {
		then, stood := r.calendar.momentAt(last), slices.Clone(r.pieces)
		stood[at] = piece{from: stood[at].from, to: stood[at].to, moment: &then}
		f.ways = append(f.ways, way{label + " as of " + dayLabel(last), stood})
	}
	now := slices.Clone(r.pieces)
	now[at] = piece{from: now[at].from, to: now[at].to, meanings: []meaning{{key: keyHarmless}}}
	f.ways = append(f.ways, way{label + " now", now})
	return f
}

// todayFork asks whether "pipeline today" is what is open, or what of it is
// due to close today.
func (r *reader) todayFork(at int) *fork {
	open, due := slices.Clone(r.pieces), slices.Clone(r.pieces)
	open[at] = piece{from: open[at].from, to: open[at].to, meanings: []meaning{{key: keyHarmless}}}
	due = append(due, piece{from: due[at].from, to: due[at].to, meanings: []meaning{{key: keyClosing}}})
	return &fork{
		ask:  "All that is open as of today, or what is to close today?",
		ways: []way{{"all that is open", open}, {"to close today", due}},
	}
}
