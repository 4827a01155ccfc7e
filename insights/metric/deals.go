package metric

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// A list of deals holds the very deals that the same Query of shape figure
// counts: it is compiled by the same tests, joins and rights, and what its rows
// say of each deal adds up to the figure. It comes in pages, and says with each
// what the deals that are not on it add up to.

// The number of deals of a list: where a Query names none, and at most.
const (
	DealsListed     = 20
	MostDealsListed = 100_000
)

// The names of a list's columns beside those of the dimensions, the clock and
// what the metric adds up.
const (
	ColumnDeal     = "deal"     // its name or, if it has none, its id
	ColumnID       = "id"       // as the CRM calls it
	ColumnCurrency = "currency" // where the metric's deals are in several
)

// Yes and no are the words of a column that says which deals are among those
// that a ratio counts of the others.
const (
	yes = "yes"
	no  = "no"
)

// Listing says which deals of a list a Result shows, and what the others are.
type Listing struct {
	Before int        // deals that come before the first one shown
	Whole  int64      // deals that the figure counts; more than are listed where the viewer may not see all
	Told   bool       // whether Whole is for the viewer to know; else it is nought
	Rest   []Quantity // what the deals that are listed but not shown add up to, one a currency; of a ratio, their k and n
}

// list is what a Plan of shape deals has beside that of its figure.
type list struct {
	of        *Metric     // what adds up the facts that are listed
	measures  []*column   // what the metric adds up of one, beside its amount
	gauges    []*column   // the numbers that its deals are kept by
	everybody []condition // what is asked about, before it is narrowed to the viewer's people
	told      bool        // how many facts that are is a figure the viewer may see
}

// resolveList takes the place of a breakdown in a Query of shape deals.
func (p *Plan) resolveList() *Refusal {
	q := &p.Query
	of := p.Metric.listed()
	switch {
	case of == nil && q.Part == "":
		return p.noDeals()
	case len(q.By) > 0:
		return invalid("A list of deals is not broken down.")
	case q.Part == "" && (q.Compare != "" || !q.Then.IsZero()):
		return invalid("A list of deals is not compared.")
	case q.Order != "" && q.Order != Descending && q.Order != Ascending && q.Order != Latest && q.Order != Earliest:
		return invalid("There is no order %q.", q.Order)
	case q.Limit < 0 || q.Offset < 0:
		return invalid("A limit cannot be negative.")
	case q.Limit > MostDealsListed:
		return invalid("A list has at most %d deals.", MostDealsListed)
	case q.Part == "" && of.facts.listed.byDay && (q.Order == Ascending || q.Order == Descending):
		return p.unpriced(of)
	case q.Part == "" && of.facts.listed.byDay && q.Order == "":
		q.Order = Latest
	}
	if q.Limit == 0 {
		q.Limit = DealsListed
	}
	if q.Part != "" {
		return p.resolvePart()
	}
	p.list = &list{of: of, measures: of.measures(), gauges: p.gaugesTold()}
	return nil
}

// unpriced refuses to list by amount what has none.
func (p *Plan) unpriced(of *Metric) *Refusal {
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: "There is no amount to list " + Plural(of.Fact) + " by.",
		Hint:    "They can be listed by day.",
		Instead: []string{"deals behind " + phrase(p.Metric.Name) + ", newest first"},
	}
}

// listed is the metric that adds up what a list of the metric holds: itself, or
// what adds up the facts of which its value is added up. It is nil where there
// are no single facts to list.
func (m *Metric) listed() *Metric {
	if m.formula != nil {
		return nil
	}
	adds := m.expr
	if m.ofSums() {
		adds = m.numerator.expr
	}
	switch {
	case adds != nil && adds.behind != nil:
		return &Metric{
			Name: m.Name, Label: m.Label, Type: TypeSimple, Unit: UnitMoney, Fact: adds.behind.noun, Clock: m.Clock,
			facts: adds.behind, agg: aggSum, expr: amountColumn,
		}
	case m.facts.listed != nil:
		return m
	default:
		return nil
	}
}

// lists is the Plan of the facts that are listed.
func (p *Plan) lists() *Plan {
	out := *p
	out.Metric = p.list.of
	return &out
}

// measures lists what the metric adds up of a fact beside its amount, and what is
// told of such a fact anyway.
func (m *Metric) measures() []*column {
	columns := []*column{m.expr}
	if m.ofSums() {
		columns = []*column{m.numerator.expr, m.denominator.expr}
	}
	for _, c := range m.facts.listed.measured {
		if !slices.Contains(columns, c) {
			columns = append(columns, c)
		}
	}
	return slices.DeleteFunc(columns, func(c *column) bool { return c == nil || c.name == amountColumn.name || !c.measured() })
}

// finestTold is by what the metric can be told that tells its facts most apart,
// where these cannot be listed.
func (m *Metric) finestTold() string {
	switch {
	case m.facts.nested:
		return territoryColumn.makes
	case m.ofNobody():
		return fieldAccount
	default:
		return fieldPerson
	}
}

// noDeals refuses to list what is no deal. The deals behind each of the figures
// that a metric is made of can be listed.
func (p *Plan) noDeals() *Refusal {
	m := p.Metric
	if m.formula == nil {
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("%s counts %s and not deals, so there are none behind it to list.", m.Label, Plural(m.Fact)),
			Hint:    "It can be told by " + m.finestTold() + " and by time.",
			Instead: []string{phrase(m.Name) + " by " + m.finestTold()},
		}
	}
	out := &Refusal{
		Code:    CodeNotAvailable,
		Message: m.Label + " is made of several figures, so there is no one list of deals behind it.",
	}
	for _, in := range m.Listed() {
		out.Hint = "Ask for the deals behind one of them."
		out.Instead = append(out.Instead, "deals behind "+phrase(in.Name))
	}
	return out
}

// allowList applies the viewer's scope to a list. Who holds what is open to all. A
// person who is named must be in it, as for a figure. All else is narrowed to the deals of the viewer's
// people; how many that leaves out is told where the figure itself is one the
// viewer may see.
func (p *Plan) allowList() *Refusal {
	p.Grain = GrainDeal
	refusal, scoped := p.ownPeople()
	if p.Query.Part != "" && refusal == nil {
		p.allowPart(scoped)
		return nil
	}
	if p.viewer.All || scoped || refusal != nil || p.Metric.isOpen() {
		return refusal
	}
	p.list.everybody, p.list.told = slices.Clone(p.where), !slices.ContainsFunc(p.Query.Where, isPersonal)
	p.where = append(p.where, isThing{ownerColumn, p.viewer.People})
	p.Narrowed = true
	return nil
}

// isPersonal reports whether a figure with the filter is not everybody's to
// see.
func isPersonal(f Filter) bool { return f.Field == fieldPerson || f.Field == fieldAccount }

// writeList adds the statement of the facts to show; where the list does not hold
// what the figure counts one by one, that of how many it holds; and where it is
// narrowed, that of how many there are in all.
func (p *Plan) writeList() {
	shown := p.lists()
	p.Statements = append(p.Statements, shown.shown())
	if p.list.of != p.Metric {
		p.Statements = append(p.Statements, shown.howMany())
	}
	if p.Narrowed {
		all := *shown
		all.where = p.list.everybody
		p.Statements = append(p.Statements, all.howMany())
	}
}

// howMany counts the facts.
func (p *Plan) howMany() Statement {
	b := p.builder(p.standing)
	b.columns = []string{p.Metric.facts.number() + "::text"}
	return p.assemble(b, p.tests(b, p.asked))
}

// The columns of a list: its name and id, an id and a name for each thing that
// describes it, its day, currency and amount, what the metric adds up of it, the
// numbers that deals are kept by and, for a rate, whether it is among those counted
// of the others.
const (
	atName = iota
	atID
	atThings
)

func (p *Plan) atDay() int { return atThings + 2*len(p.Metric.facts.listed.describes) }

// day is the column of the day a fact is listed under.
func (p *Plan) listedDay() string { return cmp.Or(p.Metric.facts.listed.day, p.Metric.Clock) }

// shown selects the facts of one page.
func (p *Plan) shown() Statement {
	b := p.builder(p.standing)
	listed := p.Metric.facts.listed
	b.use(listed.from...)
	b.columns = []string{listed.name, listed.id}
	for _, c := range listed.describes {
		if c.kind == kindText {
			b.use(c.from...)
			b.columns = append(b.columns, "null", c.value)
			continue
		}
		b.use(c.join...)
		b.columns = append(b.columns, c.group+"::text", strings.TrimSuffix(c.group, "id")+"name")
	}
	currency, amount := "null", "null"
	if p.Metric.facts.priced() {
		currency, amount = "o.currency", b.money(amountColumn.value)
	}
	if p.Metric.ByCurrency() {
		currency = b.currency()
	}
	b.columns = append(b.columns, "o."+p.listedDay()+"::text", currency+"::text", amount+"::text")
	for _, c := range p.list.measures {
		b.use(c.from...)
		b.columns = append(b.columns, "("+b.money(c.value)+")::text")
		if c.longer != "" {
			b.columns = append(b.columns, "("+c.longer+")::text")
		}
	}
	for _, c := range p.list.gauges {
		b.use(c.from...)
		b.columns = append(b.columns, "("+c.value+")::text")
	}
	if m := p.Metric; m.isRate() {
		among := "true"
		if m.numerator.filter != nil {
			among = m.numerator.filter.sql(b)
		}
		b.columns = append(b.columns, "coalesce("+among+", false)::text")
	}
	if p.Metric.facts.one != "" {
		b.groups = append(b.ordinals(), "o."+p.listedDay())
	}
	s := p.assemble(b, p.tests(b, p.asked))
	s.SQL += "\norder by " + p.listOrder(b, currency, amount) +
		"\nlimit " + b.arg(p.Query.Limit) + "::int offset " + b.arg(p.Query.Offset) + "::int"
	s.Args = b.args
	return s
}

// ordinals are the places of all columns: what is grouped by them is each row once.
func (b *builder) ordinals() []string {
	out := make([]string, len(b.columns))
	for i := range out {
		out[i] = strconv.Itoa(i + 1)
	}
	return out
}

// priced reports whether the facts have an amount.
func (f *facts) priced() bool {
	_, ok := f.column(amountColumn.name)
	return ok
}

// isRate reports whether the metric counts some deals of others.
func (m *Metric) isRate() bool { return m.isShare() && !m.ofSums() }

// listOrder orders a list by amount, those of the company's currency first,
// since those of one currency are not before those of another, or by day. What
// has none comes last, and what is equal otherwise stands the same in every
// database.
func (p *Plan) listOrder(b *builder, currency, amount string) string {
	byID := p.Metric.facts.listed.id + ` collate "C"`
	if order := p.Metric.facts.listed.order; order != "" {
		byID += ", " + order
	}
	day := "o." + p.listedDay()
	switch {
	case p.Query.Order == Latest:
		return day + " desc nulls last, " + byID
	case p.Query.Order == Earliest:
		return day + " nulls last, " + byID
	case !p.Metric.facts.priced():
		return byID
	}
	order := currency + " is distinct from " + b.arg(p.company.Currency) + ", " + currency + ", " + amount
	if p.Query.Order != Ascending {
		order += " desc"
	}
	return order + " nulls last, " + byID
}

// listed makes the answer of a list: that of its figure, and the facts.
func (p *Plan) listed(r Reading) (Result, error) {
	if len(r.Tables) != len(p.Statements) {
		return Result{}, fmt.Errorf("metric: %d tables were read for %d statements", len(r.Tables), len(p.Statements))
	}
	listing := &Listing{Before: p.Query.Offset}
	read := &reading{plan: p}
	last := func() [][]*string {
		end := len(r.Tables) - 1
		table := r.Tables[end]
		r.Tables = r.Tables[:end]
		return table
	}
	if p.Narrowed {
		listing.Whole = read.count(last())
	}
	total := int64(-1)
	if p.list.of != p.Metric {
		total = read.count(last())
	}
	rows := last()
	figures := *p
	figures.list, figures.Query.Shape = nil, ShapeFigure
	figures.Statements = p.Statements[:len(r.Tables)]
	out, err := figures.Result(r)
	if err != nil {
		return Result{}, err
	}
	if total >= 0 {
		out.Facts = total
	}
	out.Query, out.Total, out.Listing = p.Query, int(out.Facts), listing
	p.lists().fillList(&out, rows, read)
	if read.err != nil {
		return Result{}, fmt.Errorf("metric: listing %s: %w", p.Metric.Name, read.err)
	}
	switch {
	case !p.Narrowed:
		listing.Whole, listing.Told = out.Facts, true
	case p.list.told:
		listing.Told, out.Narrowed = true, out.Facts < listing.Whole
		out.Alone = out.Alone && out.Narrowed
	default:
		listing.Whole = 0
	}
	return out, nil
}

// count reads the answer of a statement that asks how many.
func (r *reading) count(table [][]*string) int64 {
	if len(table) != 1 || len(table[0]) != 1 {
		r.err = fmt.Errorf("a question of how many has another answer")
		return 0
	}
	return r.place(table[0][0])
}

// fillList puts the facts into the Result's columns and rows, and says what the
// others add up to.
func (p *Plan) fillList(out *Result, table [][]*string, read *reading) {
	width := p.atDay() + 3 + len(p.list.gauges)
	for _, c := range p.list.measures {
		width += c.told()
	}
	if p.Metric.isRate() {
		width++
	}
	var found []string
	for _, cols := range table {
		if len(cols) != width || cols[atName] == nil || cols[atID] == nil {
			read.err = fmt.Errorf("a %s is read of %d columns, not of %d", p.Metric.Fact, len(cols), width)
			return
		}
		row, currency := p.dealRow(cols, read)
		if read.err != nil {
			return
		}
		found = append(found, currency)
		out.Rows = append(out.Rows, row)
	}
	currencies := slices.DeleteFunc(slices.Clone(found), func(c string) bool { return c == "" })
	if p.Metric.ByCurrency() {
		currencies = nil
		for _, f := range out.Figures {
			currencies = append(currencies, f.Currency)
		}
	}
	slices.Sort(currencies)
	currencies = slices.Compact(currencies)
	out.Columns = p.listColumns(currencies)
	p.rest(out)
	if len(currencies) < 2 {
		return
	}
	for i, row := range out.Rows {
		out.Rows[i] = slices.Insert(row, p.columnAmount(), Cell{Text: found[i]})
	}
}

// columnAmount is where the amount stands in a row, before there is a column of
// currencies.
func (p *Plan) columnAmount() int { return 2 + len(p.Metric.facts.listed.describes) }

// columnMeasure is where what the metric adds up beside the amount begins.
func (p *Plan) columnMeasure() int {
	if p.Metric.facts.priced() {
		return p.columnAmount() + 1
	}
	return p.columnAmount()
}

// dealRow makes the row of a deal, and says in which currency it is.
func (p *Plan) dealRow(cols []*string, read *reading) (row []Cell, currency string) {
	day := p.atDay()
	if cols[day+1] != nil {
		currency = *cols[day+1]
	}
	row = []Cell{{Text: *cols[atName]}}
	for i := atThings; i < day; i += 2 {
		row = append(row, named(cols[i+1], cols[i]))
	}
	row = append(row, named(cols[day], nil))
	if p.Metric.facts.priced() {
		row = append(row, Cell{Quantity: read.measured(amountColumn, currency, cols[day+2])})
	}
	at := day + 3
	for _, c := range p.list.measures {
		q := read.measured(c, currency, cols[at])
		if c.longer != "" && q.Value == nil {
			q.Longer, q.Reason = inUnit(read.number(cols[at+1]).rat(), c), ReasonLonger
		}
		row, at = append(row, Cell{Quantity: q}), at+c.told()
	}
	for _, c := range p.list.gauges {
		row, at = append(row, Cell{Quantity: read.measured(c, currency, cols[at])}), at+1
	}
	if p.Metric.isRate() {
		among := Cell{Text: no}
		if last := cols[len(cols)-1]; last != nil && *last == "true" {
			among.Text = yes
		}
		row = append(row, among)
	}
	return append(row, Cell{Text: *cols[atID]}), currency
}

// told is how many columns a list reads of it: of a time that may not be over, what
// it is so far as well.
func (c *column) told() int {
	if c.longer != "" {
		return 2
	}
	return 1
}

// inUnit is what was read of a column in the unit that it is told in.
func inUnit(read *big.Rat, c *column) *big.Rat {
	if read == nil || c.kind != kindHours {
		return read
	}
	return new(big.Rat).Quo(read, secondsPerHour)
}

// measured is what a column holds of one deal.
func (r *reading) measured(c *column, currency string, text *string) *Quantity {
	q := &Quantity{Unit: c.unit(), Value: inUnit(r.number(text).rat(), c)}
	if c.kind == kindMoney {
		q.Currency = currency
	}
	switch {
	case q.Value == nil:
		q.Reason = ReasonNotLoaded
		if c == amountColumn {
			q.Reason = ReasonNoAmount
		}
	case q.Unit == UnitMoney:
		q.Value = major(q.Value, currency)
	}
	return q
}

func (p *Plan) listColumns(currencies []string) []Column {
	out := []Column{{Name: ColumnDeal}}
	for _, c := range p.Metric.facts.listed.describes {
		out = append(out, Column{Name: c.makes})
	}
	out = append(out, Column{Name: p.listedDay()})
	currency := ""
	switch len(currencies) {
	case 0:
		currency = p.company.Currency
	case 1:
		currency = currencies[0]
	default:
		out = append(out, Column{Name: ColumnCurrency})
	}
	measures := slices.Concat(p.list.measures, p.list.gauges)
	if p.Metric.facts.priced() {
		measures = slices.Insert(measures, 0, amountColumn)
	}
	for _, c := range measures {
		column := Column{Name: c.name, Unit: c.unit()}
		if c.kind == kindMoney {
			column.Currency = currency
		}
		out = append(out, column)
	}
	if p.Metric.isRate() {
		out = append(out, Column{Name: p.Metric.numerator.Name})
	}
	return append(out, Column{Name: ColumnID})
}

// rest takes what is shown from the figures, where they are sums or counts: it is
// what the deals that are not shown add up to.
func (p *Plan) rest(out *Result) {
	m := p.Metric
	if len(out.Rows) == out.Total || !m.isShare() && m.agg != aggSum && m.agg != aggCount {
		return
	}
	measure := p.columnAmount() // the column of what is added up; of a ratio of sums, of its numerator
	if len(p.list.measures) > 0 {
		measure = p.columnMeasure()
	}
	for _, f := range out.Figures {
		q := Quantity{Unit: m.Unit, Currency: f.Currency, Reason: f.Reason}
		switch {
		case f.Part != nil && !m.ofSums(): // what is listed is behind the numerator alone
			q.Value = new(big.Rat).Sub(f.Part, added(out.Rows, measure, f.Currency))
		case m.isRate():
			k, n := *f.K-counted(out.Rows, p.columnMeasure()+len(p.list.measures)+len(p.list.gauges)), *f.N-int64(len(out.Rows))
			q.K, q.N = &k, &n
			if n > 0 {
				q.Value = big.NewRat(k, n)
			}
		case m.agg == aggCount && f.Value != nil:
			q.Value = new(big.Rat).Sub(f.Value, big.NewRat(int64(len(out.Rows)), 1))
		case m.ofSums() && f.Value != nil:
			q.Part = new(big.Rat).Sub(f.Part, added(out.Rows, measure, f.Currency))
			q.Whole = new(big.Rat).Sub(f.Whole, added(out.Rows, measure+1, f.Currency))
			q.Value = share(q.Part, q.Whole)
		case f.Value != nil:
			q.Value = new(big.Rat).Sub(f.Value, added(out.Rows, measure, f.Currency))
		}
		out.Listing.Rest = append(out.Listing.Rest, q)
	}
}

// counted counts the rows that say yes in a column.
func counted(rows [][]Cell, column int) int64 {
	n := int64(0)
	for _, row := range rows {
		if row[column].Text == yes {
			n++
		}
	}
	return n
}

// added adds up what a column knows in one currency.
func added(rows [][]Cell, column int, currency string) *big.Rat {
	sum := new(big.Rat)
	for _, row := range rows {
		if q := row[column].Quantity; q.Value != nil && q.Currency == currency {
			sum.Add(sum, q.Value)
		}
	}
	return sum
}

// SumOf is the metric that adds up the amounts of the very facts that another
// counts, or that metric itself where there is none that everybody may see.
func (c *Catalog) SumOf(name string) string {
	counts, ok := c.Metric(name)
	if !ok || counts.Type != TypeSimple || counts.agg != aggCount {
		return name
	}
	same := func(m *Metric) bool {
		return m.Type == TypeSimple && m.agg == aggSum && m.expr == amountColumn && m.facts == counts.facts && len(m.Clearance) == 0 &&
			m.Clock == counts.Clock && m.Stock == counts.Stock && strings.TrimSpace(m.filterText) == strings.TrimSpace(counts.filterText)
	}
	if i := slices.IndexFunc(c.metrics, same); i >= 0 {
		return c.metrics[i].Name
	}
	return name
}

// CountsDeals reports whether what the metric counts can be listed one by one.
func (m *Metric) CountsDeals() bool { return m.listed() != nil }

// ListsAmounts reports whether what a list of the metric holds has amounts, by
// which it is ordered unless it is asked for by day.
func (m *Metric) ListsAmounts() bool { return m.listed().facts.priced() }

// ListedFact is the noun of what a list of the metric holds.
func (m *Metric) ListedFact() string { return m.listed().Fact }

// Listed lists the metrics whose deals can be listed and make up the metric: that
// itself, or those of which it is made.
func (m *Metric) Listed() []*Metric {
	if m.CountsDeals() {
		return []*Metric{m}
	}
	var out []*Metric
	for _, in := range m.inputs {
		for _, of := range in.Listed() {
			if !slices.Contains(out, of) {
				out = append(out, of)
			}
		}
	}
	return out
}
