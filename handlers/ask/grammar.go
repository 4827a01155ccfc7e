package ask

import (
	"fmt"
	"slices"
	"strings"

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
	against  *part // what the period is to be compared with
	compare  bool
	ranOver  unit // "qoq": the unit that is compared
	ranked   bool
	order    metric.Order
	good     int // best (1) or worst (-1) first: the metric says which end that is
	limit    int
	view     metric.Perspective
	who      bool // asks for one of a breakdown: "who", "which territory"
	follow   bool // says that it goes on from the last question
	byLead   bool // begins with a breakdown

	// Where these words stand, counted from 1; 0: nowhere.
	define, whatIs, counts, amounts, deals, closing, now, list, versus int

	onlyAt []int // pieces that say "only", yet to be justified
	metric string

	notes       []string
	unknown     []string
	unavailable bool
	fork        *fork
}

// reader walks over the pieces of a sentence and fills a question.
type reader struct {
	*sentence
	q   question
	pos int
}

// interpret fills the slots from the pieces. It ends with unknown words, a
// fork, or a question whose every word is accounted for.
func (s *sentence) interpret() question {
	r := &reader{sentence: s}
	for r.pos < len(r.pieces) {
		r.readPiece()
	}
	r.checkOnly()
	r.noteMended()
	r.resolveMetric()
	r.resolvePeriod()
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
	r.q.unknown = append(r.q.unknown, r.typed(p))
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
	if len(p.names) > 0 {
		r.readNames(metric.Eq, "")
		return
	}
	if r.readKey(p) {
		return
	}
	if d, ok := p.dimension(); ok && r.readDimension(d) {
		return
	}
	if names := p.metrics(); len(names) > 0 {
		r.mention(names)
		return
	}
	r.fail(p)
	r.pos++
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
		keyHowMany:     mark(func(q *question) *int { return &q.counts }),
		keyHowMuch:     mark(func(q *question) *int { return &q.amounts }),
		keyDeals:       mark(func(q *question) *int { return &q.deals }),
		keyClosing:     mark(func(q *question) *int { return &q.closing }),
		keyNow:         mark(func(q *question) *int { return &q.now }),
		keyNot:         (*reader).readNot,
		keyWithout:     (*reader).readNot,
		keyOnly:        func(r *reader, _ piece) bool { r.q.onlyAt = append(r.q.onlyAt, r.pos); r.pos++; return true },
		keyAnd:         (*reader).readAnd,
		keyVersus:      (*reader).readVersus,
		keyChange:      (*reader).readChange,
		keyPrevious:    (*reader).readPrevious,
		keyMine:        (*reader).readMine,
		keyMyTeam:      (*reader).readMyTeam,
		keyTeam:        (*reader).readHintedTeam,
		keyTeamOf:      (*reader).readTeamOf,
		keyEverybody:   (*reader).readEverybody,
		keyAll:         (*reader).readAll,
		keyOver:        amount(metric.Gt),
		keyUnder:       amount(metric.Lt),
		keyAtLeast:     amount(metric.Gte),
		keyAtMost:      amount(metric.Lte),
		keyExactly:     amount(metric.Eq),
		keyBetween:     (*reader).readBetween,
		keyAmount:      (*reader).readAmountWord,
		keyFollow:      (*reader).readFollow,
		keyInstead:     func(r *reader, _ piece) bool { r.q.follow = true; r.pos++; return true },
		keyAsIs:        func(r *reader, _ piece) bool { r.q.view = metric.AsIs; r.pos++; return true },
		keyAsWas:       func(r *reader, _ piece) bool { r.q.view = metric.AsWas; r.pos++; return true },
		keyUnavailable: (*reader).readUnavailable,
	}
}

// The fields of people; the same names as in every catalogue's registry.
const (
	personField  = "person"
	managerField = "manager"
)

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
	p := r.here()
	sure := len(names) == 1
	if words := p.to - p.from; words == 1 {
		_, short := shorthand[r.tokens[p.from].word]
		sure = sure && !short
	}
	r.q.mentions = append(r.q.mentions, mention{at: r.pos, names: names, sure: sure})
	r.pos++
}

// readBy reads a breakdown: "by territory and quarter", "per rep". "By" before
// a metric names what is ranked by; before a name or "me" it means of them.
func (r *reader) readBy(piece) bool {
	lead := r.pos
	r.pos++
	r.skipArticles()
	if len(r.here().names) > 0 || len(r.here().metrics()) > 0 || r.here().isAny(keyMine, keyMyTeam) {
		return true
	}
	if d, ok := r.here().dimension(); ok && len(r.at(r.pos+1).names) > 0 && r.kindMatches(d.dimension, r.pos+1) {
		return true // "won by rep Anna Snelling": a filter
	}
	if !r.readBreakdown() {
		r.pos = lead
		r.fail(r.here())
		r.pos++
		return true
	}
	r.q.byLead = r.q.byLead || lead == 0
	for r.here().isAny(keyAnd, keyBy) || r.continues() {
		back := r.pos
		if r.here().isAny(keyAnd, keyBy) {
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
	return ok && !(len(r.at(r.pos+1).names) > 0 && r.kindMatches(d.dimension, r.pos+1))
}

func (r *reader) skipArticles() {
	for r.pos < len(r.pieces) && r.here().is(keyHarmless) && len(r.here().metrics()) == 0 {
		r.pos++
	}
}

// readBreakdown adds the dimension at the reader's position to the breakdown.
func (r *reader) readBreakdown() bool {
	p := r.here()
	d, ok := p.dimension()
	if !ok {
		return false
	}
	r.breakDown(p, d.dimension)
	r.pos++
	return true
}

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

func (s *sentence) isTime(name string) bool {
	d, ok := s.parser.Catalog.Dimension(name)
	return ok && d.Time != ""
}

// readDimension reads the name of a dimension that stands alone: before a
// name it says of which kind that is; in the plural, or as an adverb such as
// "monthly", it is a breakdown.
func (r *reader) readDimension(d meaning) bool {
	p := r.here()
	if len(r.at(r.pos+1).names) > 0 && r.kindMatches(d.dimension, r.pos+1) {
		r.pos++
		r.readNames(metric.Eq, d.dimension)
		return true
	}
	switch {
	case r.isWho(p):
		r.q.who = true
	case !d.plural && !r.isTime(d.dimension):
		return false
	}
	r.breakDown(p, d.dimension)
	r.pos++
	return true
}

func (r *reader) isWho(p piece) bool {
	return p.to-p.from == 1 && (r.tokens[p.from].word == "who" || r.tokens[p.from].stem == "who" || r.tokens[p.from].word == "whos")
}

func (r *reader) kindMatches(kind string, at int) bool {
	return slices.ContainsFunc(r.at(at).names, func(n insights.Name) bool {
		_, ok := ofKind(n, kind)
		return ok
	})
}

// readWhich reads "which territory": a breakdown that a question begins with.
func (r *reader) readWhich(p piece) bool {
	if _, ok := r.at(r.pos + 1).dimension(); !ok {
		if !strings.HasPrefix(r.tokens[p.from].word, "what") {
			return false
		}
		r.pos++ // "what" alone asks for nothing by itself
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
		if r.here().is(keyDeals) {
			return r.rankedDeals()
		}
		if d, ok := r.here().dimension(); ok && !(len(r.at(r.pos+1).names) > 0 && r.kindMatches(d.dimension, r.pos+1)) {
			return r.readBreakdown()
		}
		r.pos = back
		return true
	}
}

// rankedDeals refuses "biggest deals"; "who has the most deals" is a count.
func (r *reader) rankedDeals() bool {
	if r.q.who {
		r.pos++
		r.q.deals = r.pos
		return true
	}
	r.refuse(r.here(), "Single deals cannot be listed yet.")
	r.pos++
	return true
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

// readNot reads "excluding Central", "not territory East", "without product".
func (r *reader) readNot(p piece) bool {
	r.pos++
	r.skipArticles()
	kind := ""
	if d, ok := r.here().dimension(); ok && r.kindMatches(d.dimension, r.pos+1) {
		kind = d.dimension
		r.pos++
	} else if ok && p.is(keyWithout) && !r.isTime(d.dimension) {
		r.q.where = append(r.q.where, metric.Filter{Field: d.dimension, Op: metric.IsNull})
		r.pos++
		return true
	}
	if p.is(keyWithout) && r.here().is(keyAmount) {
		r.q.where = append(r.q.where, metric.Filter{Field: metric.FieldAmount, Op: metric.IsNull})
		r.pos++
		return true
	}
	if len(r.here().names) == 0 {
		r.fail(p)
		return true
	}
	r.readNames(metric.Ne, kind)
	return true
}

// readNames reads one name or a list of them: "Central", "Central and East",
// "Anna Snelling vs Moses Frase". Before "team", a person's name means those
// who report to them.
func (r *reader) readNames(op metric.Op, kind string) {
	first := r.pos
	name, ok := r.readName(kind)
	if !ok {
		return
	}
	names, field, side := []insights.Name{name}, name.Kind, false
	for {
		back := r.pos
		joint := r.here()
		if joint.isAny(keyAnd, keyOr, keyVersus) {
			r.pos++
		}
		if joint.is(keyVersus) {
			r.skipArticles()
		}
		if d, ok := r.here().dimension(); ok && d.dimension == field && len(r.at(r.pos+1).names) > 0 {
			r.pos++
		}
		next, ok := r.readAnother(field)
		if !ok {
			r.pos = back
			if joint.is(keyOr) {
				r.fail(joint)
				r.pos++
			}
			break
		}
		side = side || joint.is(keyVersus)
		names = append(names, next)
	}
	if d, ok := r.here().dimension(); ok && d.dimension == field && !r.kindMatches(field, r.pos+1) {
		r.pos++ // "the Central territory"
	}
	if r.here().is(keyTeam) && field == personField && r.possessive(r.pos-1) {
		field = managerField
		r.pos++
	}
	if side {
		r.breakDown(r.at(first), field)
	}
	r.filter(field, op, names)
}

// possessive reports whether a piece ends with a possessive 's.
func (r *reader) possessive(at int) bool {
	p := r.at(at)
	if p.to == 0 {
		return false
	}
	last := r.tokens[p.to-1]
	return last.stem != last.word || strings.HasSuffix(last.word, "s")
}

// readName reads the one name that the piece means, or forks.
func (r *reader) readName(kind string) (insights.Name, bool) {
	p := r.here()
	if names := keepKind(p.names, kind); kind != "" {
		p.names = names
		r.pieces = r.with(r.pos, p)
	}
	if len(p.names) > 1 && r.at(r.pos+1).is(keyTeam) && r.possessive(r.pos) {
		p.names = dedupe(keepKind(p.names, personField))
		r.pieces = r.with(r.pos, p)
	}
	if len(p.names) != 1 {
		if r.q.fork == nil {
			r.q.fork = r.nameFork(r.pos)
		}
		r.pos++
		return insights.Name{}, false
	}
	r.noteName(p)
	r.pos++
	return p.names[0], true
}

// readAnother reads a further name of the same field, if one stands here.
func (r *reader) readAnother(field string) (insights.Name, bool) {
	p := r.here()
	same := keepKind(p.names, field)
	if len(same) == 0 {
		return insights.Name{}, false
	}
	p.names = same
	r.pieces = r.with(r.pos, p)
	return r.readName(field)
}

// keepKind keeps the names that are of the kind.
func keepKind(names []insights.Name, kind string) []insights.Name {
	var out []insights.Name
	for _, n := range names {
		if n, ok := ofKind(n, kind); ok {
			out = append(out, n)
		}
	}
	return dedupe(out)
}

func (r *reader) noteName(p piece) {
	if n := p.names[0]; n.Similarity < 1 {
		r.note(fmt.Sprintf("read “%s” as %s", r.typed(p), n.Text))
	}
}

func (r *reader) note(text string) {
	if !slices.Contains(r.q.notes, text) {
		r.q.notes = append(r.q.notes, text)
	}
}

// filter adds a filter on names; several names make it a list.
func (r *reader) filter(field string, op metric.Op, names []insights.Name) {
	f := metric.Filter{Field: field, Op: op}
	for _, n := range names {
		f.Values = append(f.Values, metric.Value{ID: n.ID, Text: n.Text})
	}
	if len(f.Values) > 1 {
		f.Op = map[metric.Op]metric.Op{metric.Eq: metric.In, metric.Ne: metric.NotIn}[op]
	}
	for _, other := range r.q.where {
		if other.Field == field && !isNegative(other.Op) && !isNegative(f.Op) {
			r.fail(r.at(r.pos - 1)) // two different things at once: neither alone is meant
			return
		}
	}
	r.q.where = append(r.q.where, f)
}

func isNegative(op metric.Op) bool { return op == metric.Ne || op == metric.NotIn }

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

// readVersus reads "vs last quarter", "compared to previous", "Anna vs Moses".
func (r *reader) readVersus(p piece) bool {
	back := r.pos
	r.pos++
	r.skipArticles()
	switch next := r.here(); {
	case next.part != nil && r.isPreviousUnit(next):
		r.q.compare, r.q.ranOver, r.q.versus = true, next.part.unit, back+1
		r.pos++
	case next.part != nil:
		r.q.compare, r.q.against = true, next.part
		r.pos++
	case next.is(keyPrevious):
		r.q.compare = true
		r.pos++
	case next.is(keyUnavailable):
		return r.readUnavailable(next)
	default:
		r.pos = back
		r.fail(p)
		r.pos++
	}
	return true
}

// isPreviousUnit reports whether a period is "the previous quarter": after
// "vs", that is the one before the quarter asked for, not before today's.
func (r *reader) isPreviousUnit(p piece) bool {
	return p.part.count == 1 && slices.Contains([]string{"previous", "prev", "prior", "preceding"}, r.tokens[p.from].word)
}

// readChange reads "growth", "change", "qoq".
func (r *reader) readChange(p piece) bool {
	r.q.compare = true
	for _, m := range p.meanings {
		if m.unit != "" {
			r.q.ranOver, r.q.versus = m.unit, r.pos+1
		}
	}
	r.pos++
	return true
}

// readPrevious reads "previous period" without a word of comparison: it is one
// only when it says "period".
func (r *reader) readPrevious(p piece) bool {
	if !strings.Contains(words(r.tokens[p.from:p.to]), "period") {
		return false
	}
	r.q.compare = true
	r.pos++
	return true
}

// readMine reads "my", "me" and the like: the asker's own deals.
func (r *reader) readMine(p piece) bool {
	v := r.asked.Viewer
	if v.PersonID == 0 {
		r.refuse(p, "You are asking as an administrator, who owns no deals; name the person instead.")
		r.pos++
		return true
	}
	if strings.HasSuffix(words(r.tokens[p.from:p.to]), "deals") {
		r.q.deals = r.pos + 1
	}
	r.pos++
	own := insights.Name{Kind: personField, ID: v.PersonID, Text: v.Name}
	for _, f := range r.q.where {
		if f.Field == personField && len(f.Values) == 1 && f.Values[0].ID == v.PersonID {
			return true // "how much did I win with my deals"
		}
	}
	r.filter(personField, metric.Eq, []insights.Name{own})
	return true
}

// readMyTeam reads "my team": those who report to the asker.
func (r *reader) readMyTeam(p piece) bool {
	v := r.asked.Viewer
	r.pos++
	switch {
	case v.PersonID == 0:
		r.refuse(p, "You are asking as an administrator, who leads no team; name the manager instead.")
	case v.Role == metric.RoleRep && len(v.People) <= 1:
		r.refuse(p, "Nobody reports to you; name the manager whose team is meant.")
	default:
		r.filter(managerField, metric.Eq, []insights.Name{{Kind: managerField, ID: v.PersonID, Text: v.Name}})
	}
	return true
}

// readEverybody reads "our", "everyone", "company": no filter on people.
func (r *reader) readEverybody(p piece) bool {
	if d, ok := p.dimension(); ok && r.kindMatches(d.dimension, r.pos+1) {
		return false // "company Acme"
	}
	r.q.dropped = append(r.q.dropped, personField, managerField)
	r.pos++
	return true
}

// readHintedTeam reads "team" after /pipeline and the like: the asker's own.
func (r *reader) readHintedTeam(p piece) bool {
	if r.asked.Hint == "" || r.tokens[p.from].word != "team" || len(r.pieces) > 1 && r.at(r.pos-1).is(keyBy) {
		return false
	}
	return r.readMyTeam(p)
}

// readTeamOf reads "team of Dustin Brinkmann".
func (r *reader) readTeamOf(p piece) bool {
	r.pos++
	r.skipArticles()
	if d, ok := r.here().dimension(); ok && d.dimension == managerField {
		r.pos++
	}
	switch {
	case r.here().is(keyMine):
		return r.readMyTeam(r.here())
	case r.kindMatches(managerField, r.pos):
		r.readNames(metric.Eq, managerField)
	default:
		r.fail(p)
	}
	return true
}

// readAll reads "all territories": no filter on them. "All" alone says nothing.
func (r *reader) readAll(piece) bool {
	r.pos++
	d, ok := r.here().dimension()
	if !ok || len(r.at(r.pos+1).names) > 0 {
		return true
	}
	r.q.dropped = append(r.q.dropped, d.dimension)
	r.pos++
	return true
}

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
	if isYear(r.tokens[n.from]) && r.tokens[p.from].word == "over" && !said {
		r.refuse(n, "A year or an amount? Write it as “in "+r.typed(n)+"” or “amount over "+r.typed(n)+"”.")
	}
	if n.number.currency != "" && !r.isOurs(n.number.currency) {
		r.refuse(n, "Amounts are compared in "+r.parser.Company.Currency+".")
	}
	if r.at(r.pos+2).is(keyDeals) || len(r.at(r.pos+2).metrics()) > 0 {
		return false
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
	p := r.here()
	if p.unknown() && p.to > p.from && strings.EqualFold(r.typed(p), r.parser.Company.Currency) {
		r.pos++
	}
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

// checkOnly accounts for "only": it stands beside what it limits to.
func (r *reader) checkOnly() {
	for _, at := range r.q.onlyAt {
		next, before := r.at(at+1), r.before(at)
		for i := at + 1; next.is(keyHarmless); i++ {
			next = r.at(i + 1)
		}
		_, dimension := next.dimension()
		limits := func(p piece) bool { return len(p.names) > 0 || p.part != nil || p.isAny(keyMine, keyMyTeam) }
		follows := next.isAny(keyDeals, keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween, keyTeamOf) || dimension || limits(next)
		if !follows && !limits(before) && !r.q.follow {
			r.fail(r.at(at))
		}
	}
}

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
