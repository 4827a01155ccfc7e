package ask

import (
	"fmt"
	"slices"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// mention is a metric that a piece names, or several of which it means one.
type mention struct {
	at    int
	names []string
	sure  bool // named in full, not by a verb
}

// question holds the slots that the pieces of a sentence fill.
type question struct {
	mentions []mention
	by       []string
	where    []metric.Filter
	dropped  []string // dimensions whose filters are lifted: "all territories"
	periods  []int    // pieces that are periods
	period   *part
	against  *part      // what the period is to be compared with
	asOf     *moment    // how it stood
	reported *time.Time // until when what is counted was loaded
	then     *moment    // what a stock is to be compared with
	compare  bool
	other    *metric.Period // what the period is compared with, if not with the one before
	yearAgo  int            // where the same time of last year is named, counted from 1; 0: nowhere
	ranOver  unit           // "qoq": the unit that is compared
	previous bool           // says "previous period"
	ranked   bool
	order    metric.Order
	good     int // best (1) or worst (-1) first: the metric says which end that is
	limit    int
	view     metric.Perspective
	in       string // the currency to convert into
	who      bool   // asks for one of a breakdown: "who", "which territory"
	follow   bool   // says that it goes on from the last question
	byLead   bool   // begins with a breakdown
	bare     bool   // has a breakdown that neither "by" nor "top 5" led up to

	// Where these words stand, counted from 1; 0: nowhere.
	define, whatIs, counts, amounts, deals, closing, now, list, versus, compareWord, asOfAt, stood, reportedAt int
	changes, why, moved, changeWord                                                                            int
	left, partOf, generated, accounts, trend, howLong, countsRows, closeStep                                   int

	listing listing

	onlyAt  []int // pieces that say "only", yet to be justified
	lengths []int // pieces that say how old deals are and the like
	metric  string
	shape   metric.Shape   // of a change; empty: whatever the rest makes it
	part    metric.Part    // of a change, whose deals are asked for
	owner   *metric.Filter // of whom it is asked who owns it
	share   sharing
	rows    keptRows
	number  string // "my number" and the like, as typed

	notes       []string
	unknown     []string
	unavailable bool
	fork        *fork
}

// reader walks over the pieces of a sentence and fills a question.
type reader struct {
	*sentence
	q      question
	pos    int
	failed []int // where the words that were not understood stand
}

// interpret fills the slots from the pieces. It ends with unknown words, a
// fork, or a question whose every word is accounted for.
func (s *sentence) interpret() question {
	r := &reader{sentence: s}
	if r.readOwner() || r.readConversion() {
		return r.q
	}
	for r.pos < len(r.pieces) {
		r.readPiece()
	}
	r.checkOnly()
	r.checkRows()
	r.resolveListing()
	r.checkCompare()
	r.resolveWhy()
	r.noteMended()
	r.resolveMetric()
	r.checkLengths()
	r.checkHowLong()
	r.checkCloseStep()
	r.checkOldest()
	r.resolveTrend()
	r.checkFact()
	r.resolvePeriod()
	r.resolvePartOf()
	return r.q
}

func (r *reader) at(i int) piece {
	if i < 0 || i >= len(r.pieces) {
		return piece{}
	}
	return r.pieces[i]
}

func (r *reader) here() piece { return r.at(r.pos) }

// fail names the words of a piece as not understood.
func (r *reader) fail(p piece) {
	i, _ := slices.BinarySearch(r.failed, p.from)
	r.failed = slices.Insert(r.failed, i, p.from)
	r.q.unknown = slices.Insert(r.q.unknown, i, r.typed(p))
}

// refuse names the words of a piece as understood but not possible.
func (r *reader) refuse(p piece, why string) {
	r.fail(p)
	r.q.unavailable = true
	if !slices.Contains(r.q.notes, why) {
		r.q.notes = append(r.q.notes, why)
	}
}

// readPiece consumes the piece at the reader's position, and those after it
// that belong to it.
func (r *reader) readPiece() {
	p := r.here()
	if p.part != nil {
		r.q.periods = append(r.q.periods, r.pos)
		r.pos++
		return
	}
	if p.moment != nil {
		r.readMomentPiece(p)
		return
	}
	if len(p.names) > 0 {
		r.readNames(metric.Eq, "")
		return
	}
	if p.length != nil {
		r.readLengthPiece(p)
		return
	}
	if p.number != nil && (r.readLeadingCount() || r.readOrMore(p) || r.readSpan(p)) {
		return
	}
	if r.readPart(p) || r.readKey(p) {
		return
	}
	if d, ok := p.dimension(); ok && (r.readAccounts(d) || r.readDimension(d)) {
		return
	}
	if names := p.metrics(); len(names) > 0 && !p.is(keyAccounts) {
		r.mention(names)
		return
	}
	if r.isLostTo(p) {
		r.pos++
		if r.kindMatches(competitorField, r.pos) {
			r.readNames(metric.Eq, competitorField)
			return
		}
		r.readNames(metric.Eq, lossReasonField)
		return
	}
	if r.isSoldTo(p) {
		r.pos++
		r.readNames(metric.Eq, accountField)
		return
	}
	if r.isRelative(p) || r.isOfStay(p) {
		r.pos++
		return
	}
	if r.isComparedTo(p) {
		r.readVersus(p)
		return
	}
	r.fail(p)
	r.pos++
}

// isLostTo reports whether a word is the "to" of "deals lost to Initech" and "lost
// to price", before a competitor or a reason.
func (r *reader) isLostTo(p piece) bool {
	lost := func(m mention) bool { return slices.Contains(m.names, "lost_count") }
	return p.to == p.from+1 && r.tokens[p.from].word == "to" && (r.kindMatches(competitorField, r.pos+1) || r.kindMatches(lossReasonField, r.pos+1)) && slices.ContainsFunc(r.q.mentions, lost)
}

// isRelative reports whether a word is the "that" of "my deals that slipped" and of
// "territories that have more than 1m open pipeline": what follows says which.
func (r *reader) isRelative(p piece) bool {
	lead := r.at(r.pos - 1)
	ofDeals := r.isDeals(lead) || lead.is(keyMine) && r.q.deals > 0
	_, group := lead.dimension()
	ofRows := group && r.at(r.pos+1).is(keyHarmless) && r.isBounded(r.pos+1)
	return p.to == p.from+1 && r.tokens[p.from].word == "that" && (ofDeals && len(r.at(r.pos+1).metrics()) > 0 || ofRows)
}

// isSoldTo reports whether a word is the "to" of "what have we sold to Globex" and
// "calls to Globex", before an account.
func (r *reader) isSoldTo(p piece) bool {
	of := []string{"won_revenue", "won_count", "call_count", "email_count", "meeting_count", "activity_count", "two_way_count"}
	done := func(m mention) bool {
		return slices.ContainsFunc(m.names, func(name string) bool { return slices.Contains(of, name) })
	}
	return p.to == p.from+1 && r.tokens[p.from].word == "to" && r.kindMatches(accountField, r.pos+1) && slices.ContainsFunc(r.q.mentions, done)
}

// readKey consumes a word of the grammar, if the piece can be one here.
func (r *reader) readKey(p piece) bool {
	for _, m := range p.meanings {
		if read, ok := keyReaders[m.key]; ok && read(r, p) {
			return true
		}
	}
	return false
}

// keyReaders say how each word of the grammar is read. A reader that does not
// find what it needs consumes nothing and reports false.
var keyReaders map[key]func(*reader, piece) bool

func init() {
	keyReaders = map[key]func(*reader, piece) bool{
		keyHarmless:    skip,
		keyThanks:      (*reader).readThanks,
		keyOpening:     (*reader).readOpening,
		keyBut:         (*reader).readBut,
		keyBy:          (*reader).readBy,
		keyTop:         ranked(metric.Descending, 0),
		keyBottom:      ranked(metric.Ascending, 0),
		keyBest:        ranked("", 1),
		keyWorst:       ranked("", -1),
		keyLimit:       (*reader).readLimit,
		keyWhich:       (*reader).readWhich,
		keyDefine:      mark(func(q *question) *int { return &q.define }),
		keyWhatIs:      mark(func(q *question) *int { return &q.whatIs }),
		keyList:        mark(func(q *question) *int { return &q.list }),
		keyHowMany:     (*reader).readHowMany,
		keyHowMuch:     mark(func(q *question) *int { return &q.amounts }),
		keyDeals:       mark(func(q *question) *int { return &q.deals }),
		keyClose:       (*reader).readClose,
		keyClosing:     mark(func(q *question) *int { return &q.closing }),
		keyNow:         mark(func(q *question) *int { return &q.now }),
		keyNot:         (*reader).readNot,
		keyWithout:     (*reader).readNot,
		keyOnly:        func(r *reader, _ piece) bool { r.q.onlyAt = append(r.q.onlyAt, r.pos); r.pos++; return true },
		keyAnd:         (*reader).readAnd,
		keyCompare:     mark(func(q *question) *int { return &q.compareWord }),
		keyVersus:      (*reader).readVersus,
		keyChange:      (*reader).readChange,
		keyPrevious:    (*reader).readPrevious,
		keyYearAgo:     (*reader).readYearAgo,
		keyWaterfall:   mark(func(q *question) *int { return &q.changes }),
		keyWhy:         mark(func(q *question) *int { return &q.why }),
		keyMoved:       mark(func(q *question) *int { return &q.moved }),
		keySince:       (*reader).readSince,
		keyMine:        (*reader).readMine,
		keyMyTeam:      (*reader).readMyTeam,
		keyMyPatch:     (*reader).readMyPatch,
		keyTeam:        (*reader).readHintedTeam,
		keyTeamOf:      (*reader).readTeamOf,
		keyEverybody:   (*reader).readEverybody,
		keyAll:         (*reader).readAll,
		keyOver:        amount(metric.Gt),
		keyUnder:       amount(metric.Lt),
		keyAtLeast:     amount(metric.Gte),
		keyReached:     goal(metric.Gte),
		keyBeaten:      goal(metric.Gt),
		keyMissed:      goal(metric.Lt),
		keyAtMost:      amount(metric.Lte),
		keyExactly:     amount(metric.Eq),
		keyAndOver:     andAmount(metric.Gt),
		keyAndUnder:    andAmount(metric.Lt),
		keyBetween:     (*reader).readBetween,
		keyAmount:      (*reader).readAmountWord,
		keyRows:        (*reader).readRowsWord,
		keyWhose:       (*reader).readWhose,
		keyFollow:      (*reader).readFollow,
		keyInstead:     func(r *reader, _ piece) bool { r.q.follow = true; r.pos++; return true },
		keyAsIs:        func(r *reader, _ piece) bool { r.q.view = metric.AsIs; r.pos++; return true },
		keyAsWas:       func(r *reader, _ piece) bool { r.q.view = metric.AsWas; r.pos++; return true },
		keyStood:       (*reader).readStood,
		keyPlanned:     (*reader).readPlanned,
		keyNo:          (*reader).readNo,
		keyBeforeThat:  (*reader).readBeforeThat,
		keySlipped:     (*reader).readSlipped,
		keyTo:          (*reader).readTo,
		keyReported:    mark(func(q *question) *int { return &q.reportedAt }),
		keyConvert:     (*reader).readConvert,
		keyInMoney:     (*reader).readInCurrency,
		keyMyNumber:    (*reader).readMyNumber,
		keyOurNumber:   (*reader).readMyNumber,
		keyMyPace:      (*reader).readMyNumber,
		keyOurPace:     (*reader).readMyNumber,
		keyMyGap:       (*reader).readMyNumber,
		keyOurGap:      (*reader).readMyNumber,
		keyMyLeft:      (*reader).readMyNumber,
		keyOurLeft:     (*reader).readMyNumber,
		keySoFar:       (*reader).readSoFar,
		keyLeft:        mark(func(q *question) *int { return &q.left }),
		keyPartOf:      (*reader).readPartOf,
		keyUntouched:   (*reader).readUntouched,
		keyAccounts:    (*reader).readOfAccounts,
		keyLacks:       (*reader).readLacks,
		keyChurned:     toldBy("lost_logo_count", "account"),
		keyTrend:       (*reader).readTrend,
		keyHowLong:     mark(func(q *question) *int { return &q.howLong }),
		keyBig:         (*reader).readBig,
		keyAndWhy:      ofLost(lossReasonField),
		keyToWhom:      ofLost(competitorField),
		keySent:        (*reader).readSent,
		keyWhyLost:     toldBy("lost_count", "loss_reason"),
		keyLostTo:      toldBy("lost_count", "competitor"),
		keyPerform:     (*reader).readPerform,
		keyTimeIn:      (*reader).readTimeIn,
		keyShare:       (*reader).readShare,
		keyShareOf:     (*reader).readShareOf,
		keyFrom:        (*reader).readFrom,
		keyBreak:       (*reader).readBreak,
		keyCategory:    (*reader).readCategory,
		keyNoAnswer:    (*reader).readNoAnswer,
		keyGenerate:    mark(func(q *question) *int { return &q.generated }),
		keyMyCount:     (*reader).readMyCount,
		keyShowDeals:   (*reader).readShowDeals,
		keyThem:        (*reader).readThem,
		keyBehind:      (*reader).readBehind,
		keyFactsBehind: (*reader).readFactsBehind,
		keyMore:        (*reader).readMore,
		keySkip:        (*reader).readSkip,
		keyByAmount:    inOrder(""),
		keyNewest:      inOrder(metric.Latest),
		keyOldest:      inOrder(metric.Earliest),
		keySitting:     (*reader).readSitting,
		keyOnes:        (*reader).readOnes,
		keyUnavailable: (*reader).readUnavailable,
	}
}

// readThanks reads "great" where nothing else is said.
func (r *reader) readThanks(piece) bool {
	if slices.ContainsFunc(r.pieces, func(p piece) bool { return !p.isAny(keyHarmless, keyThanks) }) {
		return false
	}
	r.pos++
	return true
}

// isThanks reports whether a text that says nothing else says thanks.
func (r *reader) isThanks() bool {
	return slices.ContainsFunc(r.tokens, func(t token) bool { return slices.Contains([]string{"thanks", "thank", "thx"}, t.word) }) ||
		slices.ContainsFunc(r.pieces, func(p piece) bool { return p.is(keyThanks) })
}

// isFirst reports whether nothing was said before that means anything.
func (r *reader) isFirst() bool {
	return !slices.ContainsFunc(r.pieces[:r.pos], func(p piece) bool { return !p.isAny(keyHarmless, keyOpening) })
}

// readSoFar reads "so far" where no period is named: all that is counted, and
// what a quota is of, is so far.
func (r *reader) readSoFar(piece) bool {
	if slices.ContainsFunc(r.pieces, func(p piece) bool { return p.part != nil || p.moment != nil }) {
		return false
	}
	r.pos++
	return true
}

// readPerform reads "go" at the end of "how did q3 go".
func (r *reader) readPerform(piece) bool {
	if r.pos != len(r.pieces)-1 || r.tokens[0].word != "how" {
		return false
	}
	r.pos++
	return true
}

// readClose reads the "close" of "which of my deals close this week", of which
// nobody is said to close them: "which deals did we close" are those that were won.
func (r *reader) readClose(p piece) bool {
	done := slices.ContainsFunc(r.tokens[:p.from], func(t token) bool { return slices.Contains([]string{"did", "have", "has", "we", "i", "who"}, t.word) })
	ofDeals := r.q.deals+r.q.listing.at > 0 && r.before(r.pos).isAny(keyDeals, keyShowDeals, keyMine)
	if r.tokens[p.from].word == "close" && (done || !ofDeals) {
		return false
	}
	r.pos++
	r.q.closing = r.pos
	return true
}

// checkHowLong sees to it that "how long" is answered by a time: "how long are deals
// at Globex" is not asked for a list of them.
func (r *reader) checkHowLong() {
	if r.q.howLong == 0 || r.q.metric == "" {
		return
	}
	if unit := r.metric(r.q.metric).Unit; unit != metric.UnitDays && unit != metric.UnitHours {
		r.fail(r.at(r.q.howLong - 1))
	}
}

// readUntouched reads "not touched in two weeks". Of deals that are not counted
// it asks for a list.
func (r *reader) readUntouched(p piece) bool {
	r.ownOfI(p)
	r.listUncounted()
	r.mention(p.metrics())
	return true
}

// ownOfI keeps the asker's own deals where a piece says "I" in itself, as in "that I
// haven't touched", and nobody's were named before.
func (r *reader) ownOfI(p piece) {
	says := func(t token) bool { return t.word == "i" }
	named := func(f metric.Filter) bool { return f.Field == personField || f.Field == managerField }
	if !slices.ContainsFunc(r.tokens[p.from:p.to], says) || slices.ContainsFunc(r.q.where, named) {
		return
	}
	back := r.pos
	r.readOwn(p, metric.Eq)
	r.pos = back
}

// listUncounted asks for a list of deals that were named and are not counted: the
// "number of open deals" is no list.
func (r *reader) listUncounted() {
	names := func(m mention) bool {
		p := r.at(m.at)
		number := func(t token) bool { return slices.Contains([]string{"number", "count", "many"}, t.word) }
		return r.isDeals(p) && !slices.ContainsFunc(r.tokens[p.from:p.to], number)
	}
	deals := r.q.deals > 0 || slices.ContainsFunc(r.q.mentions, names)
	if deals && r.q.counts+r.q.amounts+r.q.listing.at == 0 {
		r.q.listing.at = r.pos + 1
	}
}

// toldBy reads "why did we lose", "who do we lose to", "who churned": a figure,
// broken down.
func toldBy(name, dimension string) func(*reader, piece) bool {
	return func(r *reader, p piece) bool {
		if len(r.inCatalog([]string{name})) == 0 {
			return false
		}
		r.q.mentions = append(r.q.mentions, mention{at: r.pos, names: []string{name}, sure: true})
		r.breakDown(p, dimension)
		r.pos++
		return true
	}
}

// ofLost reads the end of "what did I lose last month and why", and "why" behind
// such a figure.
func ofLost(dimension string) func(*reader, piece) bool {
	return func(r *reader, p piece) bool {
		lost := func(m mention) bool { return slices.Equal(m.names, []string{"lost_count"}) }
		last := r.asked.Last
		goesOn := len(r.q.mentions) == 0 && last != nil && last.Metric == "lost_count" && last.Shape == metric.ShapeFigure
		if r.pos != len(r.pieces)-1 || !goesOn && !slices.ContainsFunc(r.q.mentions, lost) || len(r.q.by) > 0 {
			return false
		}
		r.q.follow = r.q.follow || goesOn
		r.breakDown(p, dimension)
		r.pos++
		return true
	}
}

// readSent reads the "send" of "how many mails did I send".
func (r *reader) readSent(piece) bool {
	mails := func(m mention) bool { return slices.Equal(m.names, []string{"email_count"}) }
	if !slices.ContainsFunc(r.q.mentions, mails) {
		return false
	}
	r.pos++
	return true
}

// readNoAnswer reads "leads I haven't answered": of all that may have no answer it
// is leads alone of which that is counted.
func (r *reader) readNoAnswer(piece) bool {
	leads := func(m mention) bool { return slices.Equal(m.names, []string{"lead_count"}) }
	if !slices.ContainsFunc(r.q.mentions, leads) || len(r.inCatalog([]string{"unanswered_lead_count"})) == 0 {
		return false
	}
	r.q.mentions = slices.DeleteFunc(slices.Clone(r.q.mentions), leads)
	r.mention([]string{"unanswered_lead_count"})
	return true
}

// readCategory reads the "by category" of a forecast or a pipeline. Of anything
// else, a category could be that of products.
func (r *reader) readCategory(p piece) bool {
	of := func(m mention) bool {
		return slices.Equal(m.names, r.inCatalog(forecasts)) || len(m.names) == 1 && slices.Contains(byCategory, m.names[0])
	}
	if _, ok := r.parser.Catalog.Dimension(categoryField); !ok || !slices.ContainsFunc(r.q.mentions, of) {
		return false
	}
	r.note("“" + r.typed(p) + "” is read as by forecast category")
	r.breakDown(p, categoryField)
	r.pos++
	return true
}

// readLeadingCount reads the number of "my 5 biggest open deals".
func (r *reader) readLeadingCount() bool {
	if !r.at(r.pos+1).isAny(keyTop, keyBottom, keyBest, keyWorst) || r.at(r.pos+2).number != nil {
		return false
	}
	before := r.pos
	r.readCount()
	return r.pos > before
}

// readBig reads "big" before deals of an amount that is named.
func (r *reader) readBig(piece) bool {
	if !slices.ContainsFunc(r.pieces, func(p piece) bool { return p.number != nil }) {
		return false
	}
	r.pos++
	return true
}

// readPartOf reads "how much of", which is of a part: what that is, is for the
// rest to say.
func (r *reader) readPartOf(p piece) bool {
	if r.countsLengths(p) {
		return true
	}
	r.pos++
	r.q.partOf = r.pos
	return true
}

// resolvePartOf asks whether "how much of our pipeline is in legal" is the
// amount there, or how it compares with the rest. By a period alone, as in "how
// much of my pipe closes this month", it is an amount.
func (r *reader) resolvePartOf() {
	if r.q.partOf == 0 || len(r.q.unknown) > 0 || r.q.fork != nil || r.q.metric == "" {
		return
	}
	whose := func(f metric.Filter) bool { return f.Field == personField || f.Field == managerField }
	parts := slices.DeleteFunc(slices.Clone(r.q.where), whose)
	if len(parts) == 0 || len(r.q.by) > 0 {
		return
	}
	f := &fork{ask: "What it is there, or how all of it is spread?"}
	said := r.at(r.q.partOf - 1)
	there := slices.Clone(r.pieces)
	there[r.q.partOf-1].meanings = []meaning{{key: keyHarmless}}
	if isLength(parts[0].Field) {
		share := r.with(r.q.partOf-1, piece{from: said.from, to: said.to, meanings: []meaning{{key: keyShare}}})
		r.q.fork = &fork{ask: "What it is, or how much of all that is?", ways: []way{{"the figure of that part", there}, {"as a share", share}}}
		return
	}
	spread := slices.Clone(there)
	for i, p := range spread {
		if slices.ContainsFunc(p.names, func(n insights.Name) bool { return n.Kind == parts[0].Field }) {
			spread[i] = piece{from: p.from, to: p.to, meanings: []meaning{{key: keyHarmless}}}
		}
	}
	spread = append(spread, piece{from: said.from, to: said.to, meanings: []meaning{{key: keyBy}}}, piece{from: said.from, to: said.to, meanings: []meaning{{dimension: parts[0].Field}}})
	f.ways = []way{{label: "the figure of that part", pieces: there}, {label: "all of it, by " + r.kindLabel(parts[0].Field), pieces: spread}}
	r.q.fork = f
}

// readOpening reads "can I get" at the beginning. Further on it asks for
// something else: "how much revenue can I get" is no figure of ours.
func (r *reader) readOpening(piece) bool {
	for _, p := range r.pieces[:r.pos] {
		if !p.isAny(keyHarmless, keyOpening) {
			return false
		}
	}
	r.pos++
	return true
}

func skip(r *reader, _ piece) bool {
	r.pos++
	return true
}

// mark reads a word by noting where it stands.
func mark(slot func(*question) *int) func(*reader, piece) bool {
	return func(r *reader, _ piece) bool {
		r.pos++
		*slot(&r.q) = r.pos
		return true
	}
}

func (r *reader) readUnavailable(p piece) bool {
	for _, m := range p.meanings {
		if m.key == keyUnavailable {
			r.refuse(p, m.reason)
		}
	}
	r.pos++
	return true
}

func (r *reader) mention(names []string) {
	if len(r.q.mentions) == 0 {
		r.q.share.before = len(r.q.where)
	}
	p := r.here()
	sure := len(names) == 1
	if words := p.to - p.from; words == 1 {
		_, short := shorthand[r.tokens[p.from].word]
		sure = sure && !short
	}
	r.q.mentions = append(r.q.mentions, mention{at: r.pos, names: names, sure: sure})
	if slices.ContainsFunc(r.tokens[p.from:p.to], func(t token) bool { return t.word == "we" }) {
		r.q.dropped = append(r.q.dropped, personField, managerField) // "how fast did we answer"
	}
	r.pos++
}

func (r *reader) note(text string) {
	if !slices.Contains(r.q.notes, text) {
		r.q.notes = append(r.q.notes, text)
	}
}

// readAnd reads "and": at the beginning it goes on from the last question, in
// between it joins.
func (r *reader) readAnd(piece) bool {
	if r.pos == 0 {
		r.q.follow = true
	}
	r.pos++
	return true
}

// readFollow reads what goes on from the last question.
func (r *reader) readFollow(piece) bool {
	for i := range r.pos {
		if !r.pieces[i].isAny(keyHarmless, keyAnd, keyFollow, keyOnly) {
			return false
		}
	}
	r.q.follow = true
	r.pos++
	return true
}

// readSlipped reads "what slipped": the deals that did.
func (r *reader) readSlipped(p piece) bool {
	ones := func(t token) bool { return slices.Contains([]string{"ones", "them", "those"}, t.word) }
	ofLast := slices.ContainsFunc(r.tokens[p.from:p.to], ones)
	if ofLast && r.asked.Last == nil {
		r.fail(p)
	}
	r.q.follow = r.q.follow || ofLast
	r.q.listing.at, r.q.deals = r.pos+1, r.pos+1
	r.mention(p.metrics())
	return true
}

// readNo reads "no, weighted" and "no, by rep": what is meant instead of what was
// answered. Without a comma, "no" may be a word of what follows.
func (r *reader) readNo(piece) bool {
	next := r.at(r.pos + 1)
	if r.pos > 0 || next.to == 0 || !r.tokens[next.from].comma && !next.is(keyFollow) {
		return false
	}
	r.q.follow = true
	r.pos++
	return true
}

// checkOnly accounts for "only": it stands beside what it limits to.
func (r *reader) checkOnly() {
	for _, at := range r.q.onlyAt {
		next, before := r.at(at+1), r.before(at)
		for i := at + 1; next.isAny(keyHarmless, keyOnes); i++ {
			next = r.at(i + 1)
		}
		_, dimension := next.dimension()
		limits := func(p piece) bool {
			return len(p.names) > 0 || p.part != nil || p.length != nil || p.isAny(keyMine, keyMyTeam)
		}
		follows := next.isAny(keyDeals, keyAmount, keyRows, keyOnes, keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween, keyTeamOf) || dimension || limits(next)
		if !follows && !limits(before) && !r.q.follow {
			r.fail(r.at(at))
		}
	}
}

// checkCompare accounts for "compare": there must be something to compare.
func (r *reader) checkCompare() {
	lists := func(f metric.Filter) bool { return f.Op == metric.In }
	if r.q.compareWord > 0 && !r.q.compare && r.q.fork == nil && !slices.ContainsFunc(r.q.where, lists) {
		r.fail(r.at(r.q.compareWord - 1))
	}
}

// readHowMany reads "how many": deals are counted, and nothing else.
func (r *reader) readHowMany(piece) bool {
	r.pos++
	r.q.counts = r.pos
	if d, ok := r.here().dimension(); ok && !r.readAccounts(d) {
		r.q.counts, r.q.countsRows = 0, r.pos
	}
	return true
}

// noCount says why nothing but facts and the rows of a bounded breakdown is counted.
const noCount = "There is no figure of how many of those there are; “list metrics” names those there are."

// noteMended says which words were read through a typing error.
func (r *reader) noteMended() {
	for _, p := range r.pieces {
		if !p.mended || len(p.names) > 0 {
			continue
		}
		for _, t := range r.tokens[p.from:p.to] {
			if t.mended != "" {
				r.note(fmt.Sprintf("read “%s” as %s", t.mended, t.word))
			}
		}
	}
}
