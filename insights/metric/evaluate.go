package metric

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

// None is the name of what has none: deals without an owner, owners without a
// territory. Its id is 0.
const None = "(none)"

// row is one row of the breakdown, in all its currencies.
type row struct {
	key, series string // series is the key without the step of time
	keys        []string
	names       []Cell
	folded      []string // the names in lower case, which they are in the order of
	now, before group
}

// line is one row as it is printed: that of one currency.
type line struct {
	names                 []Cell
	at                    int // its place in the natural order
	currency              string
	now, previous, change *Quantity
}

// Result makes the answer of what the store read for the Plan's statements. It
// fails when the reading is not one of them.
func (p *Plan) Result(r Reading) (Result, error) {
	if p.Query.Part != "" {
		return p.listedPart(r)
	}
	if p.list != nil {
		return p.listed(r)
	}
	if p.Query.Shape == ShapeChange {
		return p.changed(r)
	}
	if len(r.Tables) != len(p.Statements) {
		return Result{}, fmt.Errorf("metric: %d tables were read for %d statements", len(r.Tables), len(p.Statements))
	}
	if p.Query.Shape == ShapeOwner {
		return p.owners(r)
	}
	if p.whole != nil {
		return p.shared(r)
	}
	if p.ends != nil {
		return p.stood(r)
	}
	told, read, err := p.take(r.Tables)
	if err != nil {
		return Result{}, err
	}
	out := told.result(read)
	out.Revision, out.FreshAt = r.Revision, r.FreshAt
	if p.Query.Share != "" && out.Narrowed {
		return Result{}, p.notAllowed("shares that would leave some people out")
	}
	if p.Query.Shape == ShapeFactors {
		return p.factored(out)
	}
	return out, nil
}

// take reads the tables of a Plan, and returns with them the Plan that knows
// what is not loaded.
func (p *Plan) take(tables [][][]*string) (*Plan, *reading, error) {
	told := *p
	read := &reading{plan: p, found: map[string]*row{}, width: len(p.inputs())}
	if p.parts == nil {
		read.read(0, &told, tables)
	}
	told.parts = slices.Clone(p.parts)
	for i, part := range p.parts {
		of := *part
		told.parts[i] = &of
		read.read(i, &of, tables[:len(part.Statements)])
		tables = tables[len(part.Statements):]
	}
	if read.err != nil {
		return nil, nil, fmt.Errorf("metric: reading %s: %w", p.Metric.Name, read.err)
	}
	if read.unplanned {
		return nil, nil, p.notPlanned()
	}
	if read.cut != "" {
		return nil, nil, p.cutThrough(read.cut)
	}
	return &told, read, nil
}

// result puts together what was read.
func (p *Plan) result(read *reading) Result {
	read.respell()
	out := Result{
		Query: p.Query, Grain: p.Grain, Narrowed: read.narrowed, Alone: read.narrowed && len(p.viewer.People) <= 1,
		Compared: p.Compared, Running: p.ran(), WorkingDays: p.workingDays(), Converted: read.conversions, First: read.first, Last: read.last,
		Unrecorded: read.unknown.deals, BeforeImports: read.unknown.beforeImports,
		Apart: read.told,
	}
	for _, c := range p.counted(read.now) {
		out.Facts += c.Facts
		if p.parts != nil {
			out.Counted = append(out.Counted, c)
		}
	}
	out.Ahead = p.Query.comparesPeriods() && p.asked.count() > p.before.count() && out.Last > p.standing.day.Format(time.DateOnly)
	currencies := p.currencies(read.now, read.before)
	p.several = len(currencies) > 1
	for _, c := range currencies {
		out.Figures = append(out.Figures, p.figure(read.now, read.before, c))
	}
	if len(p.by) > 0 {
		p.breakdown(&out, read.order, p.ofRows(read.order, currencies))
	}
	return out
}

// ofRows lists the currencies of the rows: those of the whole, but where each
// step of a running figure counts days that the whole does not.
func (p *Plan) ofRows(rows []*row, whole []string) []string {
	if p.runs == nil || !p.Metric.ByCurrency() {
		return whole
	}
	var out []string
	for _, r := range rows {
		out = append(out, r.now.currencies()...)
	}
	if out = inOrder(out); len(out) == 0 {
		return whole
	}
	return out
}

// reading turns the store's texts into tallies and keeps the first fault. It
// reads the inputs of a metric one after the other; plan is that of the one at
// nth.
type reading struct {
	plan *Plan
	nth  int

	width       int // how many inputs there are
	now, before group
	order       []*row // in the order in which they were found
	found       map[string]*row
	narrowed    bool
	conversions []Conversion
	unknown     unrecorded
	unplanned   bool // there is no such planned map
	told        []Apart
	first, last string
	cut         string // the noun of a fact that lasts, and that a period or step cuts through
	spellings   map[spelling]string
	scratch     []byte // for keys
	err         error
}

// read reads the tables of the nth input from the last statement to the first,
// and notes in its Plan whether what it needs is loaded.
func (r *reading) read(nth int, p *Plan, tables [][][]*string) {
	r.nth, r.plan = nth, p
	narrowed := p.Narrowed
	if last := len(tables) - 1; p.planned != "" {
		r.unplanned, tables = r.unplanned || !r.yes(tables[last]), tables[:last]
	}
	if last := len(tables) - 1; len(p.teams) > 0 {
		narrowed, tables = r.yes(tables[last]), tables[:last]
	}
	r.narrowed = r.narrowed || narrowed
	if last := len(tables) - 1; p.Query.In != "" {
		r.conversions, tables = withAll(r.conversions, r.converted(tables[last])), tables[:last]
	}
	if asides := p.asides(); len(asides) > 0 {
		first := len(tables) - len(asides)
		r.told = withApart(r.told, r.apart(asides, tables[first:]))
		tables = tables[:first]
	}
	if last := len(tables) - 1; p.tellsUnrecorded() {
		unknown := r.unrecorded(tables[last])
		r.unknown.deals = max(r.unknown.deals, unknown.deals) // mostly the same deals
		r.unknown.beforeImports = unknown.beforeImports
		tables = tables[:last]
	}
	if last := len(tables) - 1; p.needs() != nil {
		p.lacking, tables = !r.yes(tables[last]), tables[:last]
	}
	var before tallies
	if p.Query.Compare != "" {
		half := len(tables) / 2
		before, _, _ = r.figures(tables[half:], func(one *row) *tallies { return &one.before[nth] })
		tables = tables[:half]
	}
	now, first, last := r.figures(tables, func(one *row) *tallies { return &one.now[nth] })
	r.now = append(r.now, now)
	r.first, r.last = earliest(r.first, first), max(r.last, last)
	r.before = append(r.before, before)
}

// yes reads the answer of a statement that asks whether.
func (r *reading) yes(table [][]*string) bool {
	if len(table) != 1 || len(table[0]) != 1 || table[0][0] == nil {
		r.err = fmt.Errorf("a question of yes or no has another answer")
		return false
	}
	return *table[0][0] == "true"
}

// cutThrough refuses a period that does not hold whole facts: half a quota is
// nobody's.
func (p *Plan) cutThrough(noun string) *Refusal {
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s is known for whole %ss only, and the period or its steps cut through some.", p.Metric.Label, noun),
		Hint:    "Ask for whole months, quarters or years, as the " + noun + "s are set.",
		Instead: []string{phrase(p.Metric.Name) + " this year", phrase(p.Metric.Name) + " by year"},
	}
}

// figures reads the statements of one whole and its breakdown: what the whole
// adds up to, from its first to its last day, and what each row does, which goes
// where in says. A whole without a statement of its own is that of its rows.
func (r *reading) figures(tables [][][]*string, in func(*row) *tallies) (whole tallies, first, last string) {
	ofRows := r.plan.addsUp()
	if !ofRows {
		for _, cols := range tables[0] {
			cols = r.dated(cols, &first, &last)
			r.add(cols, &whole)
		}
		tables = tables[1:]
	}
	if len(r.plan.by) == 0 {
		return whole, first, last
	}
	for _, cols := range tables[0] {
		n := r.named(cols)
		switch {
		case n == 0:
		case ofRows:
			tallied := r.dated(cols[n:], &first, &last)
			r.add(tallied, in(r.at(cols)), &whole)
		default:
			r.add(cols[n:], in(r.at(cols)))
		}
	}
	return whole, first, last
}

// dated reads the last two columns of a row, its first and last day, and returns
// the others.
func (r *reading) dated(cols []*string, first, last *string) []*string {
	n := len(cols) - 2
	if n < 1 {
		r.err = fmt.Errorf("a row has %d columns", len(cols))
		return nil
	}
	if from, to := cols[n], cols[n+1]; from != nil && to != nil {
		*first, *last = earliest(*first, *from), max(*last, *to)
	}
	return cols[:n]
}

// earliest is the earlier of two days, empty ones being none.
func earliest(a, b string) string {
	if a == "" || b != "" && b < a {
		return b
	}
	return a
}

// at finds the row that the columns name. There are several columns of most rows,
// one for each currency; only texts are spelt by all of them.
func (r *reading) at(cols []*string) *row {
	r.scratch = r.plan.appendKey(r.scratch[:0], cols)
	known := r.found[string(r.scratch)]
	if known != nil && !slices.ContainsFunc(r.plan.by, (*Dimension).isSpelt) {
		return known
	}
	key := r.key(cols)
	if known != nil {
		return known
	}
	key.now, key.before = make(group, r.width), make(group, r.width)
	r.found[key.key] = key
	r.order = append(r.order, key)
	return key
}

// respell gives each text of the rows the one spelling that stands for it.
func (r *reading) respell() {
	for _, row := range r.order {
		for i, key := range row.keys {
			if spelt, ok := r.spellings[spelling{i, key}]; ok {
				row.names[i].Text = spelt
			}
		}
	}
}

// spelling is a text of one of the breakdown's dimensions, whatever its case.
type spelling struct {
	dimension int
	key       string
}

// spell lets one spelling stand for a text in all rows: the first by bytes of
// those that were read. Postgres chooses one a row.
func (r *reading) spell(at spelling, text string) {
	if r.spellings == nil {
		r.spellings = map[spelling]string{}
	}
	if known, ok := r.spellings[at]; !ok || text < known {
		r.spellings[at] = text
	}
}

// named returns how many columns name a row.
func (r *reading) named(cols []*string) int {
	n := 0
	for _, d := range r.plan.by {
		n += d.columns()
	}
	if len(cols) <= n {
		r.err = fmt.Errorf("a row has %d columns", len(cols))
		return 0
	}
	return n
}

func (r *reading) key(cols []*string) *row {
	out := &row{}
	var series []string
	for i, d := range r.plan.by {
		key := cols[0]
		if d.Time != "" {
			out.names = append(out.names, named(key, nil))
			break
		}
		series = append(series, keyText(key))
		cell := named(cols[1], nil)
		if d.Entity {
			cell = named(cols[1], key)
		}
		if d.isSpelt() {
			r.spell(spelling{i, keyText(key)}, cell.Text)
		}
		cols = cols[2:]
		if d.column.place != "" {
			cell.place = r.place(cols[0])
			cols = cols[1:]
		}
		out.names = append(out.names, cell)
	}
	out.keys, out.series = series, strings.Join(series, "\x00")
	out.key = out.series
	if r.plan.step() != "" {
		out.key += "\x00" + keyText(cols[0])
	}
	return out
}

// appendKey writes what key makes the key of a row.
func (p *Plan) appendKey(key []byte, cols []*string) []byte {
	for i, d := range p.by {
		if i > 0 || d.Time != "" {
			key = append(key, 0)
		}
		if cols[0] != nil {
			key = append(append(key, '='), *cols[0]...)
		}
		cols = cols[d.columns():]
	}
	return key
}

// columns returns how many columns of a row the dimension takes: a key and a name,
// and a place where its values have one; a step of time its first day alone.
func (d *Dimension) columns() int {
	switch {
	case d.Time != "":
		return 1
	case d.column.place != "":
		return 3
	default:
		return 2
	}
}

// isSpelt reports whether the values of the dimension are texts, which may be spelt
// in several ways.
func (d *Dimension) isSpelt() bool { return !d.Entity && d.Time == "" }

// keyText tells null from every text.
func keyText(s *string) string {
	if s == nil {
		return ""
	}
	return "=" + *s
}

func named(text, id *string) Cell {
	if text == nil {
		return Cell{Text: None}
	}
	c := Cell{Text: *text}
	if id != nil {
		c.ID, _ = strconv.ParseInt(*id, 10, 64)
	}
	return c
}

// add reads the currency, the number of deals and the parts of one group, and
// adds them to whatever it belongs to.
func (r *reading) add(cols []*string, to ...*tallies) {
	if r.err != nil {
		return
	}
	currency := ""
	if r.plan.Metric.ByCurrency() {
		if cols[0] != nil {
			currency = *cols[0]
		}
		cols = cols[1:]
	}
	numbers := make([]number, len(cols))
	for i, text := range cols {
		numbers[i] = r.number(text)
	}
	if r.plan.Metric.facts.last != "" && len(numbers) > 1 {
		last := len(numbers) - 1
		if cut, _ := numbers[last].integer(); cut > 0 {
			r.cut = r.plan.Metric.Fact
		}
		numbers = numbers[:last]
	}
	facts, ok := tally{parts: numbers}.at(0).integer()
	if !ok {
		r.err = fmt.Errorf("a row does not say how many deals it counts")
		return
	}
	// A whole without deals is still a row, when there is no currency to
	// group by.
	if facts > 0 {
		for _, group := range to {
			group.add(currency, tally{facts: facts, parts: numbers[1:]})
		}
	}
}

// place reads where a value stands among the others; what has no value stands
// nowhere.
func (r *reading) place(text *string) int64 {
	if text == nil {
		return 0
	}
	n, ok := r.number(text).integer()
	if !ok {
		r.err = fmt.Errorf("a row does not say where it stands")
	}
	return n
}

// number reads a number, unknown when there is none.
func (r *reading) number(text *string) number {
	if text == nil {
		return number{}
	}
	n, ok := parseNumber(*text)
	if !ok {
		r.err = fmt.Errorf("%q is not a number", *text)
	}
	return n
}

// currencies lists those of the answer: one figure each. Without any, money is
// named in the company's; what is not money has the empty one.
func (p *Plan) currencies(now, before group) []string {
	if !p.Metric.ByCurrency() {
		return []string{""}
	}
	out := currenciesOf(now, before)
	if len(out) == 0 {
		return []string{cmp.Or(p.Query.In, p.company.Currency)}
	}
	return out
}

func (p *Plan) figure(now, before group, currency string) Figure {
	f := Figure{Quantity: p.quantity(now, currency)}
	for i, part := range p.inputs() {
		of := currency
		if !part.Metric.ByCurrency() {
			of = ""
		}
		f.Facts += now[i].deals(of)
	}
	if p.Query.Compare == "" {
		return f
	}
	compared := Since(f.Quantity, p.quantity(before, currency))
	compared.Facts = f.Facts
	return compared
}

func (p *Plan) change(now, previous Quantity) Quantity {
	out := Quantity{Unit: now.Unit, Currency: now.Currency, Reason: cmp.Or(now.Reason, previous.Reason)}
	if now.Value != nil && previous.Value != nil {
		out.Value = new(big.Rat).Sub(now.Value, previous.Value)
	}
	return out
}

// quantity puts the parts of one currency's tally together.
func (p *Plan) quantity(g group, currency string) Quantity {
	if p.parts != nil {
		return p.derived(g, currency)
	}
	m, t := p.Metric, g[0]
	q := Quantity{Unit: m.Unit, Currency: currency, Noun: m.facts.counted(), Sides: m.Sides}
	one := t.in(currency)
	switch {
	case m.agg == aggCount:
		q.Value = big.NewRat(one.facts, 1)
	case m.agg == aggCountDistinct:
		q.Value = one.part(0)
	case m.ofSums():
		p.sums(&q, t, currency)
	case m.isShare():
		k := one.count(0)
		q.K, q.N = &k, &one.facts
		if one.facts > 0 {
			q.Value = big.NewRat(k, one.facts)
		}
	default:
		known, of := one.count(0), t.deals(currency)
		q.Known, q.Of = &known, &of
		switch {
		case m.expr.longer != "" && one.facts > 0:
			q.Value, q.Longer = m.censored(one)
			q.What = m.facts.needs.known
		case known > 0:
			q.Value = m.value(one, currency)
		}
		if known > 0 && m.agg == aggAverage {
			q.Median = m.inUnits(middle(one.part(2), one.part(3)), currency)
		}
		if m.covers() {
			q.What, q.Covered = m.expr.needs.known, share(one.part(2), one.part(3))
		}
	}
	switch {
	case p.lacking:
		q.Value, q.Median, q.Longer, q.Reason = nil, nil, nil, ReasonNotLoaded
	case q.Longer != nil:
		q.Reason = ReasonLonger
	case q.Value == nil:
		q.Reason = cmp.Or(q.Reason, m.unknown(t.deals(currency)))
	}
	return q
}

// sums puts a ratio of sums together.
func (p *Plan) sums(q *Quantity, t tallies, currency string) {
	one := t.in(currency)
	known, of := one.count(0), t.deals(currency)
	if p.Metric.facts.of != "" {
		of = one.count(3)
	}
	q.Known, q.Of = &known, &of
	if need := p.Metric.need(); need != nil {
		q.What = need.known
	}
	switch q.Value = share(one.part(1), one.part(2)); {
	case q.Value != nil:
		q.Part, q.Whole = major(one.part(1), currency), major(one.part(2), currency)
	case one.at(2).known:
		q.Reason = ReasonNothingToDivideBy
	}
}

// share is one sum over another, nil when that is nothing.
func share(part, whole *big.Rat) *big.Rat {
	if whole.Sign() == 0 {
		return nil
	}
	return new(big.Rat).Quo(part, whole)
}

// major turns minor units into those that people name.
func major(minor *big.Rat, currency string) *big.Rat {
	return new(big.Rat).Quo(minor, big.NewRat(minorPerMajor(currency), 1))
}

// value makes the value of known amounts or days.
func (m *Metric) value(t tally, currency string) *big.Rat {
	switch m.agg {
	case aggAverage:
		return m.inUnits(share(t.part(1), t.part(0)), currency)
	case aggMedian:
		return m.inUnits(middle(t.part(1), t.part(2)), currency)
	}
	if sum := t.at(1); sum.other == nil && m.Unit == UnitMoney && sum.whole%minorPerMajor(currency) == 0 {
		return new(big.Rat).SetInt64(sum.whole / minorPerMajor(currency)) // as nearly all are, and much quicker
	}
	return m.inUnits(t.part(1), currency)
}

// censored makes the value of times of which some are not over or, where it falls
// among those, what it is at least.
func (m *Metric) censored(t tally) (value, longer *big.Rat) {
	half := len(t.parts[1:]) / 2
	over, atLeast := t.parts[1:1+half], t.parts[1+half:]
	if slices.ContainsFunc(over, func(n number) bool { return !n.known }) {
		return nil, m.inUnits(middle(atLeast[0].rat(), atLeast[half-1].rat()), "")
	}
	return m.inUnits(middle(over[0].rat(), over[half-1].rat()), ""), nil
}

// middle is the middle of two values.
func middle(a, b *big.Rat) *big.Rat {
	sum := new(big.Rat).Add(a, b)
	return sum.Quo(sum, big.NewRat(2, 1))
}

// inUnits turns minor units of money into major ones.
func (m *Metric) inUnits(v *big.Rat, currency string) *big.Rat {
	switch m.Unit {
	case UnitMoney:
		return major(v, currency)
	case UnitHours:
		return new(big.Rat).Quo(v, secondsPerHour)
	default:
		return v
	}
}

var secondsPerHour = big.NewRat(60*60, 1)

// unknown says why there is no value though so many deals matched.
func (m *Metric) unknown(deals int64) string {
	switch {
	case deals == 0:
		return ReasonNoRows
	case m.ByCurrency():
		return ReasonNoAmount
	default:
		return ReasonNotLoaded
	}
}

// breakdown fills the Result's columns and rows.
func (p *Plan) breakdown(out *Result, rows []*row, currencies []string) {
	several := len(currencies) > 1
	lines, kept := p.keep(p.lines(p.filled(rows), currencies))
	out.Kept = kept
	out.Unranked = p.sort(lines)
	out.Total = len(lines)
	lines, out.Tied = p.first(lines)
	out.Columns = p.columns(currencies)
	var shares []Quantity
	if p.Query.Share != "" {
		shares = p.shares(out, lines)
	}
	for i, l := range lines {
		cells := append(make([]Cell, 0, len(out.Columns)), l.names...)
		if several {
			cells = append(cells, Cell{Text: l.currency})
		}
		cells = append(cells, Cell{Quantity: l.now})
		if shares != nil {
			cells = append(cells, Cell{Quantity: &shares[i]})
		}
		if l.previous != nil {
			cells = append(cells, Cell{Quantity: l.previous}, Cell{Quantity: l.change})
		}
		out.Rows = append(out.Rows, cells)
	}
}

func (p *Plan) columns(currencies []string) []Column {
	var out []Column
	for _, d := range p.by {
		out = append(out, Column{Name: d.Name})
	}
	currency := currencies[0]
	if len(currencies) > 1 {
		out, currency = append(out, Column{Name: "currency"}), ""
	}
	out = append(out, Column{Name: p.Metric.Name, Unit: p.Metric.Unit, Currency: currency})
	if p.Query.Share != "" {
		out = append(out, Column{Name: ColumnShare, Unit: UnitRatio})
	}
	if p.Query.Compare != "" {
		out = append(out,
			Column{Name: "previous", Unit: p.Metric.Unit, Currency: currency},
			Column{Name: "change", Unit: p.Metric.Unit, Currency: currency})
	}
	return out
}

// filled adds the steps of time in which nothing happened: a series that
// leaves them out looks steadier than it was. Steps that have not begun are
// added to stocks alone, which are about the future.
func (p *Plan) filled(rows []*row) []*row {
	g := p.step()
	if g == "" || !p.told.bounded() {
		return rows
	}
	span := p.told
	if tomorrow := p.standing.day.AddDate(0, 0, 1); !p.Metric.Stock && tomorrow.Before(span.to) {
		span.to = tomorrow
	}
	if !span.from.Before(span.to) {
		return rows
	}
	found, series := map[string]bool{}, map[string][]Cell{}
	if len(p.by) == 1 {
		series[""] = nil
	}
	for _, r := range rows {
		found[r.key] = true
		series[r.series] = r.names[:len(r.names)-1]
	}
	for name, cells := range series {
		for _, start := range p.company.buckets(g, span) {
			day := start.Format(time.DateOnly)
			if key := name + "\x00=" + day; !found[key] {
				rows = append(rows, p.empty(&row{key: key, series: name, names: append(slices.Clone(cells), Cell{Text: day})}))
			}
		}
	}
	return rows
}

// empty is the row with nothing in it.
func (p *Plan) empty(r *row) *row {
	r.now = make(group, len(p.inputs()))
	r.before = make(group, len(p.inputs()))
	return r
}

// lines splits the rows by currency, in their natural order. All rows of a series
// have the series' currencies, so that none has gaps.
func (p *Plan) lines(rows []*row, currencies []string) []line {
	series := map[string][]string{}
	if p.step() != "" {
		for _, r := range rows {
			series[r.series] = inOrder(slices.Concat(series[r.series], r.currencies()))
		}
	}
	naturally(rows, func(r *row) *row { return r })
	out := make([]line, 0, len(rows)*len(currencies))
	for _, r := range rows {
		of := series[r.series]
		if p.step() == "" {
			of = r.currencies()
		}
		switch {
		case len(of) == 0 && len(currencies) == 1:
			of = currencies
		case len(of) == 0:
			of = []string{""} // amounts are unknown, and so is their currency
		}
		for _, c := range of {
			out = append(out, p.line(r, c, len(out)))
		}
	}
	return out
}

// currencies lists the currencies of all amounts of a row, in order.
func (r *row) currencies() []string { return currenciesOf(r.now, r.before) }

func (p *Plan) line(r *row, currency string, at int) line {
	now := p.quantity(r.now, currency)
	l := line{names: r.names, at: at, currency: currency, now: &now}
	if p.Query.Compare != "" {
		previous := p.quantity(r.before, currency)
		change := p.change(now, previous)
		l.previous, l.change = &previous, &change
	}
	return l
}

// sort puts the lines, which are in their natural order, in the one asked for, and
// returns how many are not ranked, their rate being of too few deals. Currencies
// are never ranked against each other.
func (p *Plan) sort(lines []line) (unranked int) {
	order := p.Query.Order
	if order == "" {
		return 0
	}
	slices.SortFunc(lines, func(a, b line) int {
		if a.currency != b.currency {
			return cmp.Compare(a.currency, b.currency)
		}
		if few := p.few(a); few != p.few(b) {
			return compareBool(few, !few)
		}
		return cmp.Or(byValue(a.now.Value, b.now.Value, order), cmp.Compare(a.at, b.at))
	})
	for _, l := range lines {
		if p.few(l) {
			unranked++
		}
	}
	return unranked
}

// few reports whether a line is not to be ranked.
func (p *Plan) few(l line) bool {
	return p.Query.Order != "" && p.Metric.ofFew(*l.now)
}

// ofFew reports whether a rate, or one that a value is made of, is of too few.
func (m *Metric) ofFew(q Quantity) bool {
	return q.N != nil && *q.N < int64(m.MinN) ||
		slices.ContainsFunc(q.Inputs, func(in Input) bool { return in.Metric.ofFew(in.Quantity) })
}

// first keeps as many lines as were asked for; ranked ones of each currency,
// since those of one are not before those of another, and none of too few: the
// best of few says who had few. It returns how many of the others have the value
// of the last one that is kept.
func (p *Plan) first(lines []line) (kept []line, tied int) {
	limit, order := p.Query.Limit, p.Query.Order
	if limit == 0 {
		return lines, 0
	}
	if order == "" {
		return lines[:min(limit, len(lines))], 0
	}
	shown, last := map[string]int{}, map[string]*big.Rat{}
	for _, l := range lines {
		switch value := l.now.Value; {
		case p.few(l):
		case shown[l.currency] < limit:
			kept = append(kept, l)
			shown[l.currency]++
			last[l.currency] = value
		case value != nil && last[l.currency] != nil && value.Cmp(last[l.currency]) == 0:
			tied++
		}
	}
	return kept, tied
}

// byValue compares two values, unknown ones last.
func byValue(a, b *big.Rat, order Order) int {
	switch {
	case a == nil || b == nil:
		return compareBool(a == nil, b == nil)
	case order == Descending:
		a, b = b, a
	}
	if a.IsInt() && b.IsInt() {
		return a.Num().Cmp(b.Num()) // much quicker
	}
	return a.Cmp(b)
}

// naturally sorts rows by places, names and days, what has none last: stages come
// in the order of the process. of is the row of each.
func naturally[R any](rows []R, of func(R) *row) {
	for _, r := range rows {
		of(r).fold()
	}
	slices.SortFunc(rows, func(a, b R) int { return of(a).compare(of(b)) })
}

func (r *row) fold() {
	r.folded = make([]string, len(r.names))
	for i, name := range r.names {
		r.folded[i] = strings.ToLower(name.Text)
	}
}

func (r *row) compare(other *row) int {
	for i := range r.names {
		a, b := &r.names[i], &other.names[i]
		if none := a.isNone(); none != b.isNone() {
			return compareBool(none, !none)
		}
		if a.place != b.place {
			return cmp.Compare(a.place, b.place)
		}
		if c := strings.Compare(r.folded[i], other.folded[i]); c != 0 {
			return c
		}
		if a.ID != b.ID {
			return cmp.Compare(a.ID, b.ID)
		}
	}
	return 0
}

// isNone reports whether the cell names what has no name.
func (c *Cell) isNone() bool { return c.ID == 0 && c.Text == None }

// compareBool puts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}
