package ask

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// Deals are chosen by how old they are ("older than 90 days"), by how long nobody
// was in touch ("not touched in 3 weeks"), by how long they have been at their stage
// ("stuck in Legal for over 30 days") and by how often they were pushed ("pushed at
// least 3 times"). What is said of one of these is one piece: no word of it means
// anything by itself.
//
// A week is seven days, a month thirty and a year 365, whatever the calendar says:
// so the same question keeps the same deals on the 1st of March and on the 31st, and
// a saved one says on every day what it said on the first. The reading tells the
// days. How long something has gone on for, said without a comparison, is at least
// that long: "not touched in 3 weeks", "stuck for 30 days", and "pushed three times"
// as "pushed twice" is twice or more.

// length is what was said of one of these numbers.
type length struct {
	field  string // empty: the words do not say, and those before them do
	limits []limit
	note   string // how the time was counted, where it was not told in days
}

// limit is one comparison with a number.
type limit struct {
	op     metric.Op
	number int
}

// filters are the Filters that a length on a field makes.
func (l length) filters(field string) []metric.Filter {
	var out []metric.Filter
	for _, b := range l.limits {
		out = append(out, metric.Filter{Field: field, Op: b.op, Values: []metric.Value{{Text: strconv.Itoa(b.number)}}})
	}
	return out
}

// isKeptBy reports whether a Query asks for what was said.
func (l length) isKeptBy(q metric.Query) bool {
	field := l.field
	if field == "" {
		field = metric.FieldInStage
	}
	return !slices.ContainsFunc(l.filters(field), func(f metric.Filter) bool {
		return !slices.ContainsFunc(q.Where, func(o metric.Filter) bool { return sameFilter(o, f) })
	})
}

// Words that compare.
var comparisons = map[metric.Op][]string{
	metric.Gt:  {"over", "above", "more than", "greater than", "longer than", "beyond", "exceeding", ">", "upwards of"},
	metric.Lt:  {"under", "below", "less than", "fewer than", "shorter than", "<"},
	metric.Gte: {"at least", "no less than", "no fewer than", "not less than", "a minimum of", "minimum", ">="},
	metric.Lte: {"at most", "no more than", "not more than", "no longer than", "not longer than", "up to", "a maximum of", "maximum", "<="},
	metric.Eq:  {"exactly", "="},
}

// behindNumbers are the words that compare from behind: "30 days or more".
var behindNumbers = map[metric.Op][]string{
	metric.Gte: {"or more", "or longer", "or older", "and more", "and longer", "and older", "and up", "plus", "+"},
	metric.Lte: {"or less", "or fewer", "or younger", "or newer"},
}

// olderThan are the words that say of an age how it compares.
var olderThan = map[metric.Op][]string{
	metric.Gt:  {"older than"},
	metric.Lt:  {"younger than", "newer than"},
	metric.Gte: {"not younger than", "no younger than", "not newer than"},
	metric.Lte: {"not older than", "no older than"},
}

var (
	stayedOpen = []string{"open", "been open"}
	// untouched are the ways to say that nobody was in touch.
	untouched = slices.Concat(
		[]string{"silence", "silent", "quiet", "untouched", "uncontacted", "gone quiet", "went quiet", "gone silent", "went silent", "gone dark", "went dark", "gone cold", "went cold", "without a reply", "without reply"},
		eachOf([]string{"not", "not been", "havent", "havent been", "have not", "have not been", "hasnt been", "has not been", "i havent", "we havent", "i have not", "we have not", "nobody", "nobody has", "no one has"}, []string{"touched", "contacted"}),
		eachOf([]string{"nobody", "nobody has", "no one has", "i havent", "we havent"}, []string{"talked to", "spoken to"}),
		eachOf([]string{"no", "without", "without any", "with no", "w no", "had no"}, []string{"contact", "activity", "activities", "touch", "touches"}),
	)
	// ago leads up to how long ago the last contact was.
	ago = []string{"in", "for", "since", "in the last", "in the past", "for the last", "for the past", "over the last", "over the past", "within the last", "these last", "during the last"}
	// stayedPut are the ways to say that a deal is where it was, with or without a
	// comparison behind them.
	stayedPut = slices.Concat(
		[]string{"stuck", "been stuck", "stalled", "been stalled", "sitting", "been sitting", "parked", "been parked", "stuck there", "sitting there"},
		eachOf([]string{"in", "at", "been in", "been at", "stuck in", "stuck at", "sitting in", "sitting at", "stalled in", "stalled at"}, []string{"stage", "their stage", "its stage", "the same stage", "one stage", "a stage", "current stage", "their current stage", "its current stage", "the current stage"}),
	)
	// stayed are the ways to say that a deal did not leave its stage.
	stayed    = eachOf([]string{"not", "havent", "have not", "hasnt", "has not"}, []string{"moved stage", "moved stages", "changed stage", "changed stages", "left its stage", "left their stage", "moved to another stage", "moved on from its stage", "moved on from their stage"})
	wasPushed = slices.Concat(
		[]string{"pushed", "pushed out", "pushed back"},
		eachOf([]string{"been", "was", "were", "got", "get", "gotten"}, []string{"pushed", "pushed out", "pushed back"}),
	)
	neverPushed = eachOf([]string{"never", "never been", "were never", "was never", "havent been", "have not been", "hasnt been", "has not been"}, []string{"pushed", "pushed out", "pushed back"})
)

// phraseReader reads phrases from the start of its tokens. What it does not find
// changes nothing.
type phraseReader struct {
	ts   []token
	at   int
	note string
}

// accept reads the longest of the phrases that stands here.
func (r *phraseReader) accept(phrases []string) bool {
	longest := 0
	for _, phrase := range phrases {
		n := len(strings.Fields(phrase))
		if n > longest && r.at+n <= len(r.ts) && words(r.ts[r.at:r.at+n]) == phrase {
			longest = n
		}
	}
	r.at += longest
	return longest > 0
}

// compared reads a word that compares.
func (r *phraseReader) compared(by map[metric.Op][]string) (metric.Op, bool) {
	start, found, end := r.at, metric.Op(""), r.at
	for op, phrases := range by {
		r.at = start
		if r.accept(phrases) && r.at > end {
			found, end = op, r.at
		}
	}
	r.at = end
	return found, found != ""
}

// readLength reads the longest piece about such a number at the start of ts.
func readLength(ts []token) (length, int) {
	var longest length
	used := 0
	for _, read := range []func(*phraseReader) (length, bool){
		(*phraseReader).readAge, (*phraseReader).readOld, (*phraseReader).readOpenFor, (*phraseReader).readSilence, (*phraseReader).readLastTouch, (*phraseReader).readStay, (*phraseReader).readUnmoved,
		(*phraseReader).readPushed, (*phraseReader).readNeverPushed, (*phraseReader).readTimeSpan,
	} {
		r := &phraseReader{ts: ts}
		r.accept([]string{"that", "which"})
		r.accept([]string{"are", "is", "have", "has"})
		l, ok := read(r)
		if !ok || r.at <= used || !together(ts[:r.at]) {
			continue
		}
		longest, used = l, r.at
		longest.note = r.note
	}
	return longest, used
}

// readAge reads "older than 90 days".
func (r *phraseReader) readAge() (length, bool) {
	op, ok := r.compared(olderThan)
	if !ok {
		return length{}, false
	}
	days, ok := r.days()
	return length{field: metric.FieldAge, limits: []limit{{op, days}}}, ok
}

// readOld reads "over 6 months old", "between 30 and 60 days old".
func (r *phraseReader) readOld() (length, bool) {
	limits, compared, ok := r.span()
	if !ok || !r.accept([]string{"old", "of age", "in age"}) {
		return length{}, false
	}
	if op, behind := r.compared(behindNumbers); behind && !compared {
		limits[0].op, compared = op, true
	}
	return length{field: metric.FieldAge, limits: limits}, compared
}

// readOpenFor reads "open for more than 90 days".
func (r *phraseReader) readOpenFor() (length, bool) {
	if !r.accept(stayedOpen) {
		return length{}, false
	}
	lasting := r.accept([]string{"for"})
	limits, compared, ok := r.span()
	return length{field: metric.FieldAge, limits: limits}, ok && (lasting || compared)
}

// readSilence reads "not touched in 3 weeks", "silent for more than a month".
func (r *phraseReader) readSilence() (length, bool) {
	if !r.accept(untouched) {
		return length{}, false
	}
	r.accept(ago)
	limits, _, ok := r.span()
	return length{field: metric.FieldSilence, limits: limits}, ok
}

// readLastTouch reads "last touched more than 30 days ago".
func (r *phraseReader) readLastTouch() (length, bool) {
	r.accept([]string{"with", "with a", "whose", "were", "was"})
	if !r.accept([]string{"last touched", "last contacted", "last touch", "last contact", "last activity"}) {
		return length{}, false
	}
	r.accept([]string{"was", "is"})
	limits, compared, ok := r.span()
	return length{field: metric.FieldSilence, limits: limits}, ok && compared && r.accept([]string{"ago"})
}

// readStay reads "in stage for more than 45 days", "stuck for over 60 days".
func (r *phraseReader) readStay() (length, bool) {
	if !r.accept(stayedPut) {
		return length{}, false
	}
	lasting := r.accept([]string{"for"})
	limits, compared, ok := r.span()
	return length{field: metric.FieldInStage, limits: limits}, ok && (lasting || compared)
}

// readUnmoved reads "not moved stage in 60 days".
func (r *phraseReader) readUnmoved() (length, bool) {
	if !r.accept(stayed) {
		return length{}, false
	}
	r.accept(ago)
	limits, _, ok := r.span()
	return length{field: metric.FieldInStage, limits: limits}, ok
}

// readTimeSpan reads "for over 30 days" behind the name of a stage.
func (r *phraseReader) readTimeSpan() (length, bool) {
	lasting := r.accept([]string{"for"})
	limits, compared, ok := r.span()
	return length{limits: limits}, ok && (lasting || compared)
}

// readPushed reads "pushed at least 3 times", "pushed more than twice".
func (r *phraseReader) readPushed() (length, bool) {
	if !r.accept(wasPushed) {
		return length{}, false
	}
	op, compared := r.compared(comparisons)
	n, behind, ok := r.times()
	switch {
	case compared && behind != "":
		return length{}, false
	case behind != "":
		op = behind
	case !compared && n < 2:
		op = metric.Eq
	case !compared:
		op = metric.Gte
	}
	return length{field: metric.FieldPushes, limits: []limit{{op, n}}}, ok
}

// readNeverPushed reads "never pushed".
func (r *phraseReader) readNeverPushed() (length, bool) {
	return length{field: metric.FieldPushes, limits: []limit{{metric.Eq, 0}}}, r.accept(neverPushed)
}

// times reads "twice", "3 times", "three or more times", and what compares with
// them from behind.
func (r *phraseReader) times() (n int, behind metric.Op, ok bool) {
	for i, word := range []string{"once", "twice", "thrice"} {
		if r.accept([]string{word}) {
			behind, _ = r.compared(behindNumbers)
			return i + 1, behind, true
		}
	}
	if r.at < len(r.ts) {
		if m := gluedUnit.FindStringSubmatch(r.ts[r.at].word); m != nil && m[2] == "x" {
			r.at++
			behind, _ = r.compared(behindNumbers)
			return atoi(m[1]), behind, true
		}
	}
	if n, ok = r.whole(); !ok {
		return 0, "", false
	}
	behind, _ = r.compared(behindNumbers)
	if !r.accept([]string{"times", "time", "x"}) {
		return 0, "", false
	}
	if behind == "" {
		behind, _ = r.compared(behindNumbers)
	}
	return n, behind, true
}

// span reads "over 30 days", "30 days or more", "30+ days", "between 30 and 60 days".
// It reports whether the words compare; without, it is at least as long.
func (r *phraseReader) span() (limits []limit, compared, ok bool) {
	if r.accept([]string{"between"}) {
		return r.between()
	}
	op, compared := r.compared(comparisons)
	days, behind, ok := r.daysOr()
	switch {
	case compared && behind != "":
		return nil, false, false
	case behind != "":
		op, compared = behind, true
	case !compared:
		op = metric.Gte
	}
	return []limit{{op, days}}, compared, ok
}

// between reads "30 and 60 days" and "2 weeks and 1 month": both ends count.
func (r *phraseReader) between() (limits []limit, compared, ok bool) {
	low, ok := r.whole()
	if !ok {
		return nil, false, false
	}
	each, own := r.unit()
	if !r.accept([]string{"and"}) {
		return nil, false, false
	}
	high, ok := r.whole()
	if !ok {
		return nil, false, false
	}
	last, ok := r.unit()
	if !own {
		each = last
	}
	low, high = low*each, high*last
	return []limit{{metric.Gte, low}, {metric.Lte, high}}, true, ok && low <= high && high <= mostDays
}

// daysOr reads a time, and what compares with it from behind or, as in "30+ days",
// from within.
func (r *phraseReader) daysOr() (days int, op metric.Op, ok bool) {
	start := r.at
	if n, ok := r.whole(); ok && r.accept([]string{"+", "plus"}) {
		if each, ok := r.unit(); ok {
			return n * each, metric.Gte, n*each <= mostDays
		}
	}
	r.at = start
	if days, ok = r.days(); !ok {
		return 0, "", false
	}
	op, _ = r.compared(behindNumbers)
	return days, op, true
}

var (
	wholeForm = regexp.MustCompile(`^\d{1,4}$`)
	gluedUnit = regexp.MustCompile(`^(\d{1,4})([a-z]+)$`)
)

// mostDays is up to how many days are told apart; more are more than there are.
const mostDays = 99_999

// days reads "90 days", "three weeks", "a month", "2w", in days.
func (r *phraseReader) days() (int, bool) {
	if r.at < len(r.ts) {
		if m := gluedUnit.FindStringSubmatch(r.ts[r.at].word); m != nil && unitDays[units[m[2]]] > 0 {
			r.at++
			r.noteUnit(m[2])
			days := atoi(m[1]) * unitDays[units[m[2]]]
			return days, days <= mostDays
		}
	}
	n, ok := 1, r.accept([]string{"a", "an"})
	if !ok {
		if n, ok = r.whole(); !ok {
			return 0, false
		}
	}
	each, ok := r.unit()
	return n * each, ok && n*each <= mostDays
}

// unitDays is how many days units are counted as.
var unitDays = map[unit]int{day: 1, week: 7, month: 30, year: 365}

// unit reads a unit of time, in days.
func (r *phraseReader) unit() (int, bool) {
	if r.accept([]string{"fortnight", "fortnights"}) {
		return 14, true
	}
	if r.at == len(r.ts) {
		return 0, false
	}
	said := r.ts[r.at].word
	days := unitDays[units[said]]
	if days == 0 {
		return 0, false
	}
	r.at++
	r.noteUnit(said)
	return days, true
}

// noteUnit says how a unit is counted whose days are not always as many.
func (r *phraseReader) noteUnit(said string) {
	switch units[said] {
	case month:
		r.note = "a month is counted as 30 days"
	case year:
		r.note = "a year is counted as 365 days"
	}
}

// whole reads a whole number, in digits or words.
func (r *phraseReader) whole() (int, bool) {
	if r.at == len(r.ts) {
		return 0, false
	}
	if word := r.ts[r.at].word; wholeForm.MatchString(word) {
		r.at++
		return atoi(word), true
	}
	if isFigure(r.ts[r.at]) {
		return 0, false
	}
	n, used := readNumber(r.ts[r.at:], awaitRange)
	if used == 0 || n.percent || len(n.currency) > 0 || !n.value.IsInt() || n.value.Sign() < 0 || !wholeForm.MatchString(n.value.Num().String()) {
		return 0, false
	}
	if r.at += used; n.times {
		r.at-- // "three times": how often is told by the next word
	}
	return int(n.value.Num().Int64()), true
}

// atoi reads digits of which there are few.
func atoi(digits string) int {
	n, _ := strconv.Atoi(digits)
	return n
}

// SayLength writes a Filter on such a number, and nothing of any other.
func SayLength(f metric.Filter) string {
	if !isLength(f.Field) || amountWords[f.Op] == "" {
		return ""
	}
	n := f.Values[0].Text
	days, times := n+" days", n+" times"
	if n == "1" {
		days, times = n+" day", n+" time"
	}
	word := amountWords[f.Op]
	switch {
	case f.Field == metric.FieldSilence:
		return "silent for " + word + " " + days
	case f.Field == metric.FieldInStage:
		return "in stage for " + word + " " + days
	case f.Field == metric.FieldPushes && f.Op == metric.Gt:
		return "pushed more than " + times
	case f.Field == metric.FieldPushes && f.Op == metric.Lt:
		return "pushed fewer than " + times
	case f.Field == metric.FieldPushes:
		return "pushed " + word + " " + times
	case f.Op == metric.Gt:
		return "older than " + days
	case f.Op == metric.Lt:
		return "younger than " + days
	default:
		return word + " " + days + " old"
	}
}

// isLength reports whether a field is a number that deals are chosen by and that
// is no amount.
func isLength(field string) bool { return metric.IsNumber(field) && field != metric.FieldAmount }

// addLengths enters what a share is of that such a number makes, and "ones", which
// looked up without its plural would be a number.
func (l *lexicon) addLengths() {
	addMeaning(l.exact, "ones", meaning{key: keyOnes})
	l.known["ones"] = true
	for _, field := range []string{metric.FieldAge, metric.FieldSilence, metric.FieldInStage, metric.FieldPushes} {
		l.add("as the share of "+strings.ReplaceAll(field, "_", " "), meaning{key: keyShareOf, field: field}, false)
	}
}

// countedOf is the number of the deals whose amounts a figure adds up, where that is
// asked of those of the last question that are chosen by such a number.
func (r *reader) countedOf(name string) string {
	if name == "open_pipeline" && len(r.q.lengths) > 0 && r.q.counts > 0 && len(r.inCatalog([]string{"open_count"})) > 0 {
		return "open_count"
	}
	return name
}

// resolveOfLength decides what is told of deals that are chosen by such a number
// where no figure was named: they are open, so it is those.
func (r *reader) resolveOfLength() {
	names := r.inCatalog([]string{"open_pipeline", "open_count"})
	names = slices.DeleteFunc(names, func(name string) bool { return !r.unitSuits(name) })
	if len(names) == 1 {
		r.q.metric = names[0]
		return
	}
	r.q.fork = r.metricsFork("Which figure?", names)
}

// readLengthPiece reads what was said of such a number, if the words before it are
// about deals.
func (r *reader) readLengthPiece(p piece) {
	if r.readRowsTime(p) {
		return
	}
	field := p.length.field
	if field == "" {
		field = r.fieldBefore()
	}
	if field == "" && r.q.fork == nil && r.mayHaveLengths(r.before(r.pos)) {
		r.q.fork = r.lengthFork()
		r.pos++
		return
	}
	if field == "" || !r.ofDeals(p) {
		r.fail(p)
		r.pos++
		return
	}
	if p.length.field == "" {
		r.dropStalled()
	}
	if p.length.note != "" {
		r.note("“" + r.typed(p) + "”: " + p.length.note)
	}
	r.ownOfI(p)
	r.q.where = append(r.q.where, p.length.filters(field)...)
	r.q.lengths = append(r.q.lengths, r.pos)
	if field == metric.FieldSilence && !r.tokens[p.from].comma {
		r.listUncounted()
	}
	r.pos++
}

// fieldBefore is the field of a time of which nothing is said but what stands before
// it: behind the name of a stage and behind "stuck" it is how long deals have been
// there, behind "open" how old they are.
func (r *reader) fieldBefore() string {
	before := r.before(r.pos)
	switch {
	case r.ofStage(before) || r.endsIn(before, "stuck", "stalled"):
		return metric.FieldInStage
	case r.endsIn(before, "open"):
		return metric.FieldAge
	default:
		return ""
	}
}

// endsIn reports whether the last word of a piece is one of some.
func (r *reader) endsIn(p piece, words ...string) bool {
	return p.to > p.from && slices.Contains(words, r.tokens[p.to-1].word)
}

// ofStage reports whether a piece names a stage, and nothing else.
func (r *reader) ofStage(p piece) bool {
	other := func(n insights.Name) bool { return n.Kind != stageField }
	return len(p.names) > 0 && !slices.ContainsFunc(p.names, other)
}

// mayHaveLengths reports whether a piece names deals of which all these numbers may
// be told.
func (r *reader) mayHaveLengths(p piece) bool {
	open := func(name string) bool { return r.metric(name).CanCompare(metric.FieldAge) }
	return p.isAny(keyDeals, keyShowDeals) || r.endsIn(p, "deals") && p.is(keyMine) || slices.ContainsFunc(p.metrics(), open)
}

// lengthFork asks what has gone on for a time of which that is not said.
func (r *reader) lengthFork() *fork {
	p := r.here()
	f := &fork{ask: "What has gone on “" + r.typed(p) + "”?"}
	for _, field := range []string{metric.FieldAge, metric.FieldInStage, metric.FieldSilence} {
		one, said := p, *p.length
		said.field = field
		one.length = &said
		f.ways = append(f.ways, way{label: SayLength(said.filters(field)[0]), pieces: r.with(r.pos, one)})
	}
	return f
}

// ofDeals reports whether a piece about a number stands behind words that may be
// about deals: "accounts not touched in 30 days" and "reps older than 50 years" are
// not.
func (r *reader) ofDeals(p piece) bool {
	at := r.pos - 1
	for r.at(at).is(keyHarmless) {
		at--
	}
	before := r.at(at)
	_, group := before.dimension()
	group = group && !r.at(at-1).is(keyBy)
	who := r.q.who && r.q.deals+r.q.listing.at+len(r.q.mentions) == 0
	return r.tokens[p.from].comma || r.ofStage(before) || !group && !who && !before.is(keyAccounts)
}

// dropStalled leaves out the "stuck" of "stuck in Legal for over 30 days": for how
// long says what it means.
func (r *reader) dropStalled() {
	at := r.pos - 1
	for r.at(at).is(keyHarmless) || r.ofStage(r.at(at)) {
		at--
	}
	if !r.endsIn(r.at(at), "stuck", "stalled") {
		return
	}
	if r.tokens[r.at(at).from].stem == "deals" {
		r.q.deals = at + 1
	}
	r.q.mentions = slices.DeleteFunc(slices.Clone(r.q.mentions), func(m mention) bool { return m.at == at })
}

// readSitting reads the "sitting" of "sitting in Legal for over 30 days".
func (r *reader) readSitting(piece) bool {
	if !slices.ContainsFunc(r.pieces[r.pos:], func(p piece) bool { return p.length != nil }) {
		return false
	}
	r.pos++
	return true
}

// isOfStay reports whether a word is the "that" of "deals that have been in Legal for
// over 30 days".
func (r *reader) isOfStay(p piece) bool {
	at := r.pos + 1
	for r.at(at).isAny(keyHarmless, keySitting) || r.ofStage(r.at(at)) || r.endsIn(r.at(at), "stuck", "stalled") {
		at++
	}
	word := r.tokens[p.from].word
	return p.to == p.from+1 && (word == "that" || word == "which") && r.pos > 0 && r.at(at).length != nil
}

// readOnes reads the "those" of "only those older than 90 days": those of the last
// question. "Which of them" asks for them one by one.
func (r *reader) readOnes(p piece) bool {
	at := r.pos + 1
	for r.at(at).is(keyHarmless) {
		at++
	}
	if r.at(at).length == nil {
		return r.readOfLast()
	}
	if r.asked.Last == nil {
		r.fail(p)
	}
	r.q.follow = true
	r.pos++
	if r.tokens[p.from].word == "which" {
		r.q.listing.at = r.pos
	}
	return true
}

// countsLengths reads the "how many of" of "how many of my deals are older than 90
// days" as their number: the part is not one that the whole is cut into.
func (r *reader) countsLengths(p piece) bool {
	said := func(p piece) bool { return p.length != nil }
	if words(r.tokens[p.from:p.to]) != "how many of" || !slices.ContainsFunc(r.pieces[r.pos:], said) {
		return false
	}
	r.q.counts = r.pos + 1
	r.pos++
	return true
}

// checkLengths sees to it that the deals of the figure have the numbers that they
// are chosen by, and that nobody takes a period for the one in which they were
// pushed.
func (r *reader) checkLengths() {
	if r.q.metric == "" || len(r.q.unknown) > 0 || r.q.fork != nil {
		return
	}
	m := r.metric(r.q.metric)
	for _, at := range r.q.lengths {
		p := r.at(at)
		field := p.length.field
		if field == "" {
			field = metric.FieldInStage
		}
		switch {
		case !m.CanCompare(field):
			r.refuse(p, "How old deals are, how long they are silent or at their stage is told of those that are open, and how often they were pushed of deals alone: not of "+r.metricLabel(m.Name)+".")
		case field == metric.FieldPushes && m.Stock && len(r.q.periods) > 0 && r.q.closing+r.q.stood == 0:
			r.refuse(r.at(r.q.periods[0]), "How often a deal was pushed is told of all its time, and not of a period. “Closing "+r.typed(r.at(r.q.periods[0]))+"” would keep those that are to close then.")
		}
	}
}
