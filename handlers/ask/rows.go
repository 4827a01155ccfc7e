package ask

import (
	"math/big"
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// Rows of a breakdown are kept by their value, as in "reps below 50% attainment" and
// "territories with more than 1m open pipeline". A number that is compared with may
// as well be the amount of single deals: where the words leave that open, it is
// asked back.

// keptRows is what was said of the values of the rows that are kept.
type keptRows struct {
	bounds []rowBound
	why    string // why no rows are kept by them
}

// rowBound is one end of those values, and where it was said.
type rowBound struct {
	op     metric.Op
	number number
	unit   metric.Unit // days or hours, if that was said
	from   int         // the pieces that say it
	to     int
}

// comparison is one with a number, whatever is compared.
type comparison struct {
	op metric.Op
	n  piece
}

// compared says what a comparison with a number is of.
type compared int

const (
	ofDeals  compared = iota // the amount of single deals
	ofRows                   // the values of the rows of a breakdown
	ofEither                 // the words leave it open
)

// readRows reads the comparison that the pieces up to end make, unless it is of
// single deals.
func (r *reader) readRows(end int, said ...comparison) bool {
	what := r.comparedOf(end, said[0].n)
	if what == ofDeals {
		return false
	}
	lead := r.pos
	unit := r.unitOfTime(end)
	if unit != "" {
		end++
	}
	if r.pos = end; what == ofEither {
		r.forkRows(lead)
		return true
	}
	for _, l := range said {
		r.q.rows.bounds = append(r.q.rows.bounds, rowBound{op: l.op, number: *l.n.number, unit: unit, from: lead, to: end})
	}
	r.readOfQuota()
	return true
}

// timeWords are the units that a time may be told in behind its number.
var timeWords = map[string]metric.Unit{
	"day": metric.UnitDays, "days": metric.UnitDays, "hour": metric.UnitHours, "hours": metric.UnitHours, "hrs": metric.UnitHours, "h": metric.UnitHours,
}

func (r *reader) unitOfTime(at int) metric.Unit {
	p := r.at(at)
	return timeWords[words(r.tokens[p.from:p.to])]
}

// comparedOf decides of what a comparison is that begins at the reader's position.
func (r *reader) comparedOf(end int, n piece) compared {
	before, next, sum := r.before(r.pos), r.behind(end), n.number.spelled
	switch {
	case before.is(keyRows):
		return ofRows
	case before.is(keyOnes) && r.lastHasRows() && sum && r.metric(r.asked.Last.Metric).Unit == metric.UnitCount:
		return ofEither
	case before.is(keyOnes) && r.lastHasRows():
		return ofRows
	case before.isAny(keyAmount, keyDeals, keyShowDeals, keyOnes):
		return ofDeals
	case n.number.percent || n.number.times || r.unitOfTime(end) != "":
		return ofRows // no deal is told by that
	case r.isCount(next) && !sum:
		return ofRows // "more than 5 won deals"
	case len(r.q.by) == 0 && (n.number.money || !r.breaksDown(end)):
		return r.comparedOfLast(n)
	case r.isCount(before) && sum:
		return ofDeals // "which reps have open deals over 50k"
	case r.isTotal(before, next, sum):
		return ofRows
	default:
		return ofEither
	}
}

// breaksDown reports whether a breakdown follows.
func (r *reader) breaksDown(from int) bool {
	return slices.ContainsFunc(r.pieces[from:], func(p piece) bool {
		d, ok := p.dimension()
		return p.is(keyBy) || ok && d.plural && !r.isTime(d.dimension)
	})
}

// behind returns the first piece from a position on that says something.
func (r *reader) behind(at int) piece {
	for r.at(at).is(keyHarmless) && len(r.at(at).metrics()) == 0 {
		at++
	}
	return r.at(at)
}

// lastHasRows reports whether the last answer told the rows of a breakdown.
func (r *reader) lastHasRows() bool {
	last := r.asked.Last
	return last != nil && last.Shape == metric.ShapeFigure && len(last.By) > 0
}

// comparedOfLast decides of what a number is where nothing is broken down: after the
// rows of a figure in money it may be of these, and after others it is, unless it is
// plainly an amount.
func (r *reader) comparedOfLast(n piece) compared {
	named := func(p piece) bool { _, by := p.dimension(); return by || len(p.metrics()) > 0 || p.is(keyDeals) }
	goesOn := r.lastHasRows() && !slices.ContainsFunc(r.pieces, named)
	switch {
	case goesOn && r.isMoney(r.asked.Last.Metric):
		return ofEither
	case n.number.money:
		return ofDeals
	default:
		return ofRows
	}
}

// isCount reports whether a piece names a figure that counts.
func (r *reader) isCount(p piece) bool {
	return len(p.metrics()) > 0 && !slices.ContainsFunc(p.metrics(), func(name string) bool { return r.metric(name).Unit != metric.UnitCount })
}

// isTotal reports whether a number is plainly what somebody's deals add up to: "reps
// with over 50k won revenue", "territories with open pipeline over 1m", "reps over
// 50k", "won deals by rep over 5". Behind "won revenue by rep" it could be of single
// deals, and so it could behind "reps with open deals".
func (r *reader) isTotal(before, next piece, sum bool) bool {
	_, group := before.dimension()
	ofMoney := func(m mention) bool { return slices.ContainsFunc(m.names, r.isMoney) }
	switch {
	case r.q.who || r.q.bare:
		figure := len(next.metrics()) > 0 || next.is(keyDeals) && !sum
		return figure || group || len(before.metrics()) > 0 && !r.isCount(before) && r.isHad(before)
	default:
		return group && !sum && len(r.q.mentions) > 0 && !slices.ContainsFunc(r.q.mentions, ofMoney)
	}
}

// isHad reports whether a figure is said to be somebody's, as in "reps whose won
// revenue is".
func (r *reader) isHad(figure piece) bool {
	at := slices.IndexFunc(r.pieces, func(p piece) bool { return p.from == figure.from })
	for at--; at >= 0 && r.at(at).isAny(keyHarmless, keyWhose); at-- {
		said := func(t token) bool { return slices.Contains([]string{"with", "have", "has", "having", "whose"}, t.word) }
		if slices.ContainsFunc(r.tokens[r.at(at).from:r.at(at).to], said) {
			return true
		}
	}
	return false
}

// forkRows asks whether an amount is of each row, or of single deals.
func (r *reader) forkRows(lead int) {
	if r.q.fork != nil {
		return
	}
	at := r.at(lead)
	switch {
	case at.is(keyAndOver):
		at.meanings = []meaning{{key: keyOver}}
	case at.is(keyAndUnder):
		at.meanings = []meaning{{key: keyUnder}}
	}
	with := func(label string, k key) way {
		pieces := slices.Insert(r.sentence.with(lead, at), lead, piece{from: at.from, to: at.from, meanings: []meaning{{key: k}}})
		return way{label: label, pieces: pieces}
	}
	r.q.fork = &fork{ask: "Is that the amount of a single deal, or what each row comes to?", ways: []way{with("each row", keyRows), with("single deals", keyAmount)}}
}

// readRowsWord reads the "rows" of "rows over 50k".
func (r *reader) readRowsWord(piece) bool {
	if !r.isBounded(r.pos + 1) {
		return false
	}
	r.pos++
	return true
}

// readOfLast reads the "those" of "only those above 1m": the rows of the last answer,
// or its deals.
func (r *reader) readOfLast() bool {
	if r.asked.Last == nil || !r.isBounded(r.pos+1) {
		return false
	}
	r.q.follow = true
	r.pos++
	return true
}

// readRowsTime reads "over 60 days" behind a figure that is told in days, and has
// rows.
func (r *reader) readRowsTime(p piece) bool {
	inDays := func(name string) bool { return r.metric(name).Unit == metric.UnitDays }
	named := slices.ContainsFunc(r.q.mentions, func(m mention) bool {
		return !slices.ContainsFunc(m.names, func(name string) bool { return !inDays(name) })
	})
	goesOn := r.lastHasRows() && len(r.q.mentions) == 0 && inDays(r.asked.Last.Metric)
	rows := len(r.q.by) > 0 || r.breaksDown(r.pos)
	if p.length.field != "" || !(named && rows) && !goesOn || r.before(r.pos).isAny(keyDeals, keyShowDeals) {
		return false
	}
	if p.length.note != "" {
		r.note("“" + r.typed(p) + "”: " + p.length.note)
	}
	for _, l := range p.length.limits {
		days := number{value: big.NewRat(int64(l.number), 1)}
		r.q.rows.bounds = append(r.q.rows.bounds, rowBound{op: l.op, number: days, unit: metric.UnitDays, from: r.pos, to: r.pos + 1})
	}
	r.pos++
	return true
}

// readWhose reads "whose" and "having" before the figure that rows are kept by.
func (r *reader) readWhose(piece) bool {
	_, group := r.before(r.pos).dimension()
	if !group || len(r.behind(r.pos+1).metrics()) == 0 {
		return false
	}
	r.pos++
	return true
}

// isBounded reports whether something is compared with a number from a position
// on.
func (r *reader) isBounded(at int) bool {
	p := r.behind(at)
	return p.isAny(keyOver, keyUnder, keyAtLeast, keyAtMost, keyBetween) || p.number != nil
}

// readAndRows reads the second of two comparisons, as in "over 40% and under 60%",
// and one that a question begins with, as in "and above 80%?".
func (r *reader) readAndRows(op metric.Op, n piece) bool {
	if n.number == nil {
		return false
	}
	bounds := r.q.rows.bounds
	switch {
	case len(bounds) > 0 && bounds[len(bounds)-1].to == r.pos:
		r.q.rows.bounds = append(bounds, rowBound{op: op, number: *n.number, unit: r.unitOfTime(r.pos + 2), from: r.pos, to: r.pos + 2})
		if r.pos += 2; r.unitOfTime(r.pos) != "" {
			r.pos++
		}
		return true
	case r.isFirst():
		r.q.follow = true
		return r.readRows(r.pos+2, comparison{op, n})
	default:
		return false
	}
}

// isOfSomething reports whether a number that no comparison leads up to says itself
// that it bounds something, or stands behind a breakdown.
func (r *reader) isOfSomething(p piece) bool {
	return p.number.percent || p.number.times || p.number.spelled || len(r.q.by) > 0 || r.before(r.pos).isAny(keyRows, keyOnes)
}

// toldLike lends the unit of the upper end to the lower one: "between 40 and 60%".
func toldLike(low, high piece) piece {
	if low.number.percent || low.number.times || low.number.money {
		return low
	}
	told := *low.number
	told.percent, told.times = high.number.percent, high.number.times
	low.number = &told
	return low
}

// readGoal reads "under quota" and "below their target": less than all of it.
func (r *reader) readGoal(op metric.Op) bool {
	at := r.goalFrom(r.pos + 1)
	goesOn := r.lastHasRows() && r.asked.Last.Metric == attainment
	team := r.ownReps()
	if len(r.q.by) == 0 && team.to == 0 && !goesOn || !r.isGoal(r.at(at)) {
		return false
	}
	all := number{value: big.NewRat(100, 1), percent: true}
	r.q.rows.bounds = append(r.q.rows.bounds, rowBound{op: op, number: all, from: r.pos, to: at + 1})
	if r.pos = at; len(r.q.by) > 0 || team.to > 0 {
		r.takeGoal()
		return true
	}
	r.pos++
	return true
}

// goal reads "who made quota" and "reps who missed their target": of a quota as a
// whole it is not said.
func goal(op metric.Op) func(*reader, piece) bool {
	return func(r *reader, _ piece) bool {
		team := r.ownReps()
		goesOn := r.lastHasRows() && r.asked.Last.Metric == attainment
		if len(r.q.by) == 0 && !r.q.who && team.to == 0 && !goesOn || len(r.inCatalog([]string{attainment})) == 0 {
			return false
		}
		all := number{value: big.NewRat(100, 1), percent: true}
		r.q.rows.bounds = append(r.q.rows.bounds, rowBound{op: op, number: all, from: r.pos, to: r.pos + 1})
		if len(r.q.by) > 0 || r.q.who || team.to > 0 {
			r.takeGoal()
			return true
		}
		r.pos++
		return true
	}
}

// attainment is the figure that is meant where something is compared with a quota.
const attainment = "quota_attainment"

// readOfQuota reads the "of quota" of "above 80% of quota".
func (r *reader) readOfQuota() {
	if p := r.here(); !p.is(keyHarmless) || r.tokens[p.from].word != "of" {
		return
	}
	if at := r.goalFrom(r.pos); r.isGoal(r.at(at)) {
		r.pos = at
		r.takeGoal()
	}
}

// goalFrom is where the goal stands that "the" and "their" lead up to.
func (r *reader) goalFrom(at int) int {
	for r.at(at).is(keyHarmless) && len(r.at(at).metrics()) == 0 || words(r.tokens[r.at(at).from:r.at(at).to]) == "their" {
		at++
	}
	return at
}

func (r *reader) isGoal(p piece) bool {
	return p.to > p.from && (slices.Contains(p.metrics(), "quota") || slices.Contains(goals, words(r.tokens[p.from:p.to]))) && len(r.inCatalog([]string{attainment})) > 0
}

// takeGoal takes attainment for what is compared with a quota.
func (r *reader) takeGoal() {
	r.q.mentions = append(r.q.mentions, mention{at: r.pos, names: []string{attainment}, sure: true})
	r.pos++
}

// checkRows sees to it that there are rows where their values are bounded, and that
// rows are counted only by these: "how many reps are under quota".
func (r *reader) checkRows() {
	if r.q.countsRows > 0 && len(r.q.rows.bounds) == 0 {
		r.refuse(r.at(r.q.countsRows-1), noCount)
	}
	if team := r.ownReps(); len(r.q.by) == 0 && len(r.q.rows.bounds) > 0 && team.to > 0 {
		r.breakDown(team, personField)
	}
	if len(r.q.by) > 0 || r.lastHasRows() && (r.q.follow || len(r.q.mentions) == 0) {
		return
	}
	for _, b := range r.q.rows.bounds {
		for at := b.from; at < b.to; at++ {
			if p := r.at(at); !p.isAny(keyAnd, keyHarmless) && !slices.Contains(r.failed, p.from) {
				r.fail(p)
			}
		}
	}
}

// ownReps is the piece that names the people of the asker's team one by one, as in "my
// reps under quota": a row is of each.
func (r *reader) ownReps() piece {
	at := slices.IndexFunc(r.pieces, func(p piece) bool { return p.is(keyMyTeam) && !r.endsIn(p, "team", "teams") })
	if _, people := r.parser.Catalog.Dimension(personField); !people {
		return piece{}
	}
	return r.at(at)
}

// goesOnFromRows reports whether "who is over 80%" is of what the last answer told
// of the same people.
func (r *reader) goesOnFromRows() bool {
	return len(r.q.rows.bounds) > 0 && r.lastHasRows() && (len(r.q.by) == 0 || slices.Equal(r.asked.Last.By, r.q.by)) &&
		r.fits(r.asked.Last.Metric)
}

// fits reports whether the numbers that rows are kept by are of a metric's unit.
func (r *reader) fits(name string) bool {
	_, unfit := r.having(metric.Query{Metric: name}, r.q.rows.bounds)
	return unfit == nil
}

// figuresOfRows lists what is offered where rows are kept by a number of which no
// figure was named: those of its unit.
func (r *reader) figuresOfRows() []string {
	names := []string{attainment, "win_rate", "won_revenue", "open_pipeline", "won_count", "open_count", "sales_cycle"}
	sum := slices.ContainsFunc(r.q.rows.bounds, func(b rowBound) bool { return b.number.spelled })
	return slices.DeleteFunc(r.inCatalog(names), func(name string) bool {
		return !r.fits(name) || sum && r.metric(name).Unit != metric.UnitMoney
	})
}

// having turns bounds into those of a Query, exact and in the metric's unit. It
// returns the first bound that has none.
func (s *sentence) having(query metric.Query, bounds []rowBound) ([]metric.Bound, *rowBound) {
	var out []metric.Bound
	m := s.metric(query.Metric)
	currency := query.BoundCurrency(s.parser.Company)
	for i, b := range bounds {
		n, value, fits := b.number, b.number.value, false
		switch m.Unit {
		case metric.UnitRatio:
			fits = (n.percent || n.times) && b.unit == ""
			if n.percent {
				value = new(big.Rat).Quo(value, big.NewRat(100, 1))
			}
		case metric.UnitMoney, metric.UnitMoneyPerDay:
			fits = !n.percent && !n.times && b.unit == "" && (len(n.currency) == 0 || slices.Contains(n.currency, currency))
		default:
			fits = !n.percent && !n.times && len(n.currency) == 0 && (b.unit == "" || b.unit == m.Unit)
		}
		if !fits {
			return nil, &bounds[i]
		}
		out = append(out, metric.Bound{Op: b.op, Value: exactDecimal(value)})
	}
	return out, nil
}

// exactDecimal writes a value with as many places as people type of a percentage.
func exactDecimal(value *big.Rat) string {
	text := strings.TrimSuffix(strings.TrimRight(value.FloatString(10), "0"), ".")
	if text == "-0" {
		return "0"
	}
	return text
}

func (s *sentence) isMoney(name string) bool {
	unit := s.metric(name).Unit
	return unit == metric.UnitMoney || unit == metric.UnitMoneyPerDay
}

// takeRows keeps the rows that were said. Bounds of the last question stay as long
// as its rows and its figure do.
func (s *sentence) takeRows(query *metric.Query, q *question) {
	one := query.Shape == metric.ShapeFigure && query.Compare == "" && query.Share == "" && !query.Stood
	said, last := len(q.rows.bounds) > 0, query.Having
	defer func() {
		switch {
		case !q.follow || s.asked.Last == nil || slices.Equal(last, query.Having):
		case len(query.Having) == 0:
			q.notes = append(q.notes, "changed: it is of all again, and not only of the "+strings.Join(s.parser.sayRows(*s.asked.Last), " and "))
		default:
			q.notes = append(q.notes, "changed: rows")
		}
	}()
	switch {
	case !said && len(query.Having) == 0:
	case !said && (!one || !s.sameRows(*query, *q)):
		query.Having = nil
	case !said:
	case len(query.By) == 0:
		q.rows.why = "Rows are kept by their value where something is told by rows: say by what, as in “by rep”."
	case !one:
		q.rows.why = "Rows are kept by their value in one period, and neither compared, told as shares nor as they stood: ask for one of these."
	default:
		s.keepRows(query, q)
	}
}

// sameRows reports whether an edit leaves the rows of the last question and their
// figure what they were.
func (s *sentence) sameRows(query metric.Query, q question) bool {
	last := s.asked.Last
	lifted := slices.ContainsFunc(q.dropped, func(field string) bool { return slices.Contains(last.By, field) })
	return query.Metric == last.Metric && slices.Equal(query.By, last.By) && !lifted
}

func (s *sentence) keepRows(query *metric.Query, q *question) {
	bounds, unfit := s.having(*query, q.rows.bounds)
	ratio := s.metric(query.Metric).Unit == metric.UnitRatio
	var low, high *big.Rat
	several := false
	for _, b := range q.rows.bounds {
		end := &low
		if b.op == metric.Lt || b.op == metric.Lte {
			end = &high
		}
		several = several || *end != nil
		*end = b.number.value
	}
	switch {
	case unfit != nil && ratio && !unfit.number.money && unfit.unit == "":
		q.fork = s.ratioFork(*unfit)
	case unfit != nil && !unfit.number.percent && !unfit.number.times && len(unfit.number.currency) > 0 && s.isMoney(query.Metric):
		q.rows.why = "Amounts are compared in " + query.BoundCurrency(s.parser.Company) + ", and not converted for it."
	case unfit != nil:
		said := piece{from: s.pieces[unfit.from].from, to: s.pieces[unfit.to-1].to}
		q.unknown = []string{s.typed(said)}
		q.notes = []string{s.metric(query.Metric).Label + " is not told in that unit."}
	case several || low != nil && high != nil && low.Cmp(high) > 0:
		q.rows.why = "Rows are kept by one value that they are above, and a higher one that they are below."
	default:
		query.Having = s.withLast(*query, *q, bounds)
	}
}

// withLast keeps the other end that the rows of the last question had, where "only
// those above 10%" narrows them further.
func (s *sentence) withLast(query metric.Query, q question, bounds []metric.Bound) []metric.Bound {
	if !q.follow || s.asked.Last == nil || len(bounds) != 1 || !s.sameRows(query, q) {
		return bounds
	}
	for _, old := range s.asked.Last.Having {
		both := []metric.Bound{old, bounds[0]}
		if both[0].IsUpper() {
			slices.Reverse(both)
		}
		if both[0].IsUpper() == both[1].IsUpper() {
			continue
		}
		low, _ := new(big.Rat).SetString(both[0].Value)
		high, _ := new(big.Rat).SetString(both[1].Value)
		if low != nil && high != nil && low.Cmp(high) <= 0 {
			return both
		}
	}
	return bounds
}

// ratioFork asks what a bare number is of a figure that is told in per cent.
func (s *sentence) ratioFork(b rowBound) *fork {
	f := &fork{ask: "Per cent, or times?"}
	for _, percent := range []bool{true, false} {
		pieces := slices.Clone(s.pieces)
		label := "times"
		if percent {
			label = "per cent"
		}
		for at := b.from; at < b.to; at++ {
			if n := pieces[at].number; n != nil && !n.percent && !n.times {
				told := *n
				told.percent, told.times = percent, !percent
				pieces[at].number = &told
			}
		}
		f.ways = append(f.ways, way{label: label, pieces: pieces})
	}
	return f
}

// sayRows writes the values that rows are kept by.
func (p *Parser) sayRows(q metric.Query) []string {
	var out []string
	for _, b := range q.Having {
		out = append(out, "rows "+amountWords[b.Op]+" "+p.sayBound(q, b))
	}
	return out
}

// sayBound writes a bound in the unit in which people read the metric.
func (p *Parser) sayBound(q metric.Query, b metric.Bound) string {
	m, ok := p.Catalog.Metric(q.Metric)
	switch {
	case !ok:
		return b.Value
	case m.Unit == metric.UnitRatio:
		ratio, _ := new(big.Rat).SetString(b.Value)
		return exactDecimal(ratio.Mul(ratio, big.NewRat(100, 1))) + "%"
	case m.Unit == metric.UnitDays || m.Unit == metric.UnitHours:
		return b.Value + " " + string(m.Unit)
	default:
		return b.Value
	}
}

// echoRows says which rows are kept.
func (s *sentence) echoRows(q metric.Query) []string {
	var out []string
	for _, b := range q.Having {
		value := s.parser.sayBound(q, b)
		if value == b.Value {
			value = groupThousands(value)
		}
		out = append(out, "only rows "+amountWords[b.Op]+" "+value)
	}
	return out
}
