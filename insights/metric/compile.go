package metric

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Statement is one SELECT. All it returns is text; its arguments are bound by
// position.
type Statement struct {
	SQL  string
	Args []any
}

// Plan is a Query made ready to be read under one viewer's rights. Its
// Statements are to be read in one snapshot.
type Plan struct {
	Query      Query // as resolved: with the perspective it is answered in
	Metric     *Metric
	Grain      Grain
	Narrowed   bool   // counts only the deals of the viewer's people; the Result knows whether there could be others
	Compared   Period // the period compared with, when asked
	Statements []Statement

	catalog  *Catalog
	viewer   Viewer
	company  Company
	present  standing // the moment of asking, by what was known at the revision
	standing standing
	earlier  standing // of what it is compared with
	by       []*Dimension
	where    []condition
	told     days    // the period that was asked for
	asked    days    // the days whose facts are counted: the same, but of a running figure
	runs     []run   // of a running figure broken down by a step of time: the steps
	before   days    // what it is compared with
	teams    []Value // narrowed, and yet to be told whether those of these teams are more than the viewer's people
	lacking  bool    // what the metric needs is not loaded
	list     *list   // of a Query of shape deals
	several  bool    // there are figures in several currencies
	planned  string  // the name of the planned map that it is drawn on; empty: of one in force
	ends     []stood // of a stock by steps of time, as it stood at the end of each
	parts    []*Plan // one for each input of a metric of several
	whole    *Plan   // of a share that a filter makes: what it is a part of
	input    bool    // it is one of those
	unrolled bool    // the facts are read one by one, never the rollup
	coarser  bool    // the whole of a breakdown is read from coarser cells than its rows
}

// Compile makes a Query ready to be read with the viewer's rights. now is the
// moment of asking. What a person can mend is refused with a *Refusal; any
// other error is a fault of the caller.
func (c *Catalog) Compile(q Query, v Viewer, co Company, now time.Time) (*Plan, error) {
	return c.plan(&Plan{Query: q, viewer: v, company: co}, now)
}

// CompileAt is Compile for the facts as they were known at a revision, 0 being
// the last. What has no history, such as names, is as it is known now. It is for
// those who prove figures: it reads the facts themselves, and never what was
// rolled up of them.
func (c *Catalog) CompileAt(q Query, v Viewer, co Company, now time.Time, revision int64) (*Plan, error) {
	return c.plan(&Plan{Query: q, viewer: v, company: co, present: standing{revision: revision}, unrolled: true}, now)
}

func (c *Catalog) plan(p *Plan, now time.Time) (*Plan, error) {
	co := p.company
	if co.Zone == nil || co.FiscalStart < time.January || co.FiscalStart > time.December || !co.Calendar.Known() {
		return nil, errors.New("metric: the company has no zone or fiscal year")
	}
	if !p.viewer.Known() {
		return nil, notKnown()
	}
	if !p.Query.Reported.IsZero() {
		if p.present.revision == 0 {
			return nil, errors.New("metric: it is not said which revision had been reported")
		}
		now = p.Query.Reported
	}
	p.catalog, p.present.moment, p.present.day = c, now, co.today(now)
	if refusal := p.compile(); refusal != nil {
		return nil, refusal
	}
	return p, nil
}

// compile resolves the Query and writes its statements.
func (p *Plan) compile() *Refusal {
	if p.Query.Shape == ShapeOwner {
		return p.compileOwner()
	}
	for _, step := range []func() *Refusal{
		p.resolveMetric, p.clear, p.resolveStanding, p.resolveCurrency, p.resolveBreakdown, p.resolveHaving, p.resolveFilters, p.resolveEach, p.resolveShare, p.resolvePeriod, p.resolveComparison, p.resolveSnapshots, p.resolveWindow, p.accumulate, p.allow,
	} {
		if refusal := step(); refusal != nil {
			return refusal
		}
	}
	if p.Query.Stood {
		return p.compileStood()
	}
	if p.Metric.formula != nil {
		return p.compileParts()
	}
	p.write()
	if p.Query.Share != "" {
		return p.compileShare()
	}
	return nil
}

func invalid(format string, args ...any) *Refusal {
	return &Refusal{Code: CodeInvalid, Message: fmt.Sprintf(format, args...)}
}

func (p *Plan) resolveMetric() *Refusal {
	q := &p.Query
	m, ok := p.catalog.Metric(q.Metric)
	switch {
	case !ok:
		return invalid("There is no metric %q.", q.Metric)
	case q.Shape != ShapeFigure && q.Shape != ShapeDeals && q.Shape != ShapeChange && q.Shape != ShapeFactors:
		return invalid("A query of shape %q is not one to compute.", q.Shape)
	case q.Part != "" && q.Shape != ShapeDeals:
		return invalid("Only deals are listed by the part of a change that they are in.")
	}
	if q.Perspective == "" {
		q.Perspective = m.Perspective
	}
	if _, planned := q.Perspective.Planned(); q.Perspective != AsWas && q.Perspective != AsIs && !planned {
		return invalid("There is no perspective %q.", q.Perspective)
	}
	p.Metric = m
	return p.resolvePlanned()
}

func (p *Plan) resolveBreakdown() *Refusal {
	q := p.Query
	if q.Shape == ShapeDeals {
		return p.resolveList()
	}
	if q.Shape == ShapeChange {
		return p.resolveChange()
	}
	if q.Shape == ShapeFactors {
		return p.resolveFactors()
	}
	for i, name := range q.By {
		d, ok := p.catalog.Dimension(name)
		switch {
		case !ok:
			return invalid("Nothing can be broken down by %q.", name)
		case slices.Contains(q.By[:i], name):
			return invalid("The breakdown names %s twice.", name)
		case d.Time != "" && i != len(q.By)-1:
			return invalid("A breakdown has one step of time, and it comes last.")
		case !p.Metric.has(d):
			return p.notOf(d)
		}
		p.by = append(p.by, d)
	}
	switch {
	case q.Limit < 0:
		return invalid("A limit cannot be negative.")
	case q.Offset != 0:
		return invalid("Only a list of deals is read from further on.")
	case len(q.By) == 0 && (q.Limit > 0 || q.Order != ""):
		return invalid("An order or limit needs a breakdown.")
	case q.Order != "" && q.Order != Descending && q.Order != Ascending:
		return invalid("There is no order %q.", q.Order)
	case q.Order != "" && slices.ContainsFunc(q.By, p.Metric.isUnrankedBy):
		return p.unranked()
	}
	return nil
}

// notOf refuses to cut facts by what they do not have.
func (p *Plan) notOf(d *Dimension) *Refusal {
	var can, instead []string
	for _, other := range p.catalog.dimensions {
		if p.Metric.has(other) {
			can = append(can, other.Name)
		}
	}
	for _, by := range []string{"territory", "segment", "quarter"} {
		if slices.Contains(can, by) && len(instead) < 2 {
			instead = append(instead, phrase(p.Metric.Name)+" by "+by)
		}
	}
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s cannot be told by %s: a %s has none.", p.Metric.Label, strings.ToLower(d.Label), p.Metric.lacks(d)),
		Hint:    "It can be told by " + strings.Join(can, ", ") + ".",
		Instead: instead,
	}
}

// unranked refuses to rank by what says nothing of who does well.
func (p *Plan) unranked() *Refusal {
	name, by := phrase(p.Metric.Name), strings.Join(p.Query.By, " and ")
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s is not ranked by %s: how much somebody does says nothing of what comes of it.", p.Metric.Label, by),
		Hint:    "Ask for it without a ranking, in the order of the names, or rank by what came of it.",
		Instead: []string{name + " by " + by, "won revenue by " + by + ", highest first"},
	}
}

func (p *Plan) resolvePeriod() *Refusal {
	var ok bool
	if p.told, ok = p.Query.Period.days(); !ok {
		return invalid("A period begins and ends with a day, and ends after it begins.")
	}
	if p.Metric.running != nil && p.Query.Period.IsAll() {
		p.told = p.Metric.running.whole(p.company, p.standing.day)
	}
	p.asked = p.told
	g := p.step()
	if p.Metric.facts.momentary && !p.Query.Stood && (g != "" || p.told != (days{})) {
		return p.momentary()
	}
	if p.Metric.running != nil && g != "" && !p.told.bounded() {
		return invalid("%s runs on: by %s, it needs a period with a beginning and an end.", p.Metric.Label, g)
	}
	if g != "" && p.told.bounded() && len(p.company.buckets(g, p.told)) > maxBuckets {
		return invalid("By %s, that period has more than %d steps.", g, maxBuckets)
	}
	return nil
}

// momentary refuses to tell of a period what only stands at a moment.
func (p *Plan) momentary() *Refusal {
	name := phrase(p.Metric.Name)
	return &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("%s stands at a moment, and is of no period.", p.Metric.Label),
		Hint:    "Ask for it as it is now, or as of a day.",
		Instead: []string{name, name + " as of the end of last quarter"},
	}
}

// step returns the breakdown's step of time, empty for none.
func (p *Plan) step() Granularity {
	if len(p.by) == 0 {
		return ""
	}
	return p.by[len(p.by)-1].Time
}

func (p *Plan) resolveComparison() *Refusal {
	switch q := p.Query; {
	case q.Compare == "" && q.Then.IsZero():
		return nil
	case q.Compare == CompareThen:
		return p.resolveThen()
	case q.Compare != ComparePrevious && q.Compare != ComparePeriod || !q.Then.IsZero():
		return invalid("There is no comparison %q.", q.Compare)
	case !p.told.bounded():
		return invalid("Only a period with a beginning and an end can be compared with another.")
	case p.step() != "":
		return invalid("A comparison cannot be broken down by %s.", p.step())
	case p.Metric.Stock:
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("%s stands at a moment, so it is compared with how it stood at an earlier one, not with a period.", p.Metric.Label),
			Hint:    "Ask, for example, how it stands against the end of last quarter.",
			Instead: []string{phrase(p.Metric.Name) + " vs last quarter"},
		}
	}
	before, ok := p.against()
	if !ok {
		return invalid("That period has not begun, or what it is compared with has no beginning or end, so there is nothing to compare.")
	}
	p.before, p.earlier, p.Compared = before, p.standing, before.period(p.company)
	return nil
}

// against returns the days that those asked about are set against. It reports
// false when there are none, or none has begun.
func (p *Plan) against() (days, bool) {
	if p.Query.Compare == ComparePrevious {
		return p.company.previous(p.told, p.standing.day)
	}
	other, ok := p.Query.Against.days()
	if !ok || !other.bounded() {
		return days{}, false
	}
	return other.begunLike(p.told, p.standing.day)
}

// comparesPeriods reports whether a period is set against another.
func (q Query) comparesPeriods() bool {
	return q.Compare == ComparePrevious || q.Compare == ComparePeriod
}

// resolveThen sets a stock against how it stood at an earlier instant: what was
// asked, as of then.
func (p *Plan) resolveThen() *Refusal {
	q := p.Query
	day := p.company.today(q.Then)
	switch {
	case !p.Metric.Stock && !p.input: // what coverage is of stands at the moment, whatever it is set against
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: fmt.Sprintf("%s is of a period, so it is compared with another period, not with how it stood at a moment.", p.Metric.Label),
			Hint:    "Compare a period with the one before, or ask for it as of a day.",
		}
	case p.step() != "":
		return invalid("A comparison cannot be broken down by %s.", p.step())
	case q.Then.IsZero() || !day.Before(p.standing.day):
		return invalid("What it is compared with is of an earlier day.")
	}
	p.before, p.earlier = p.asked, standing{instant: q.Then, moment: q.Then, day: day, revision: p.standing.revision}
	return nil
}

// write makes the statements: the whole, its breakdown, and both again for what
// it is compared with; where more than deals is needed, whether that is
// loaded at all; for an earlier instant, of what nobody knows how it stood; for
// amounts that are converted, what was; last, for a team that is narrowed,
// whether that can have changed anything. A list of deals comes after all these.
func (p *Plan) write() {
	if p.Query.Shape == ShapeChange {
		p.writeChange()
		return
	}
	if p.Query.Part != "" {
		p.writePart()
		return
	}
	p.coarser = p.wholeIsCoarser(p.asked, p.standing) && (p.Query.Compare == "" || p.wholeIsCoarser(p.before, p.earlier))
	p.writeFigures(p.asked, p.standing)
	if p.Query.Compare != "" {
		p.writeFigures(p.before, p.earlier)
	}
	p.writeNeeds()
	if p.tellsUnrecorded() {
		p.Statements = append(p.Statements, p.unrecorded())
	}
	p.writeAsides()
	if p.Query.In != "" {
		p.Statements = append(p.Statements, p.conversions())
	}
	if len(p.teams) > 0 {
		p.Statements = append(p.Statements, p.outsiders())
	}
	if p.planned != "" {
		p.Statements = append(p.Statements, p.isPlanned())
	}
	if p.list != nil {
		p.writeList()
	}
}

// writeFigures makes the statements of the whole and of its breakdown; of the
// latter alone, where its rows add up to the whole.
func (p *Plan) writeFigures(span days, at standing) {
	if !p.addsUp() {
		p.Statements = append(p.Statements, p.statement(span, at, nil))
	}
	if len(p.by) > 0 {
		p.Statements = append(p.Statements, p.statement(span, at, p.by))
	}
}

// addsUp reports whether the rows of the breakdown add up to the whole: each fact
// is in one of them, and all that they tell can be added up. Steps of time that
// are each asked by themselves are no parts of the whole. Nor is it added up where
// it is read sooner by itself.
func (p *Plan) addsUp() bool {
	return len(p.by) > 0 && p.runs == nil && !p.windowed() && p.Metric.partsAdd() && !p.coarser
}

// partsAdd reports whether the parts that a value is put together from, as
// selectValue selects them, can be added up. A middle or a percentile of all is
// not to be had from those of some; nor is how many there are of what several
// may have or hold.
func (m *Metric) partsAdd() bool {
	return m.facts.one == "" && !m.facts.nested && (m.ofSums() || m.isShare() || m.agg == aggCount || m.agg == aggSum)
}

// builder gathers the parts of one statement.
type builder struct {
	plan    *Plan
	at      standing
	span    days // the days asked about, for facts that are rebuilt
	undated bool // of them, those that may have been on those days
	stepped bool // by steps of time, each of which is asked by itself
	args    []any
	joins   [joins]bool
	teams   []holding  // that filters ask about
	narrow  *narrowing // nil: the statement may count any deal
	rollup  *rollup    // what is read in place of the facts; nil: the facts
	columns []string
	groups  []string
}

func (p *Plan) builder(at standing) *builder { return &builder{plan: p, at: at, span: p.asked} }

// arg binds a value and returns its placeholder.
func (b *builder) arg(v any) string {
	b.args = append(b.args, v)
	return fmt.Sprintf("$%d", len(b.args))
}

// ids binds a list of ids.
func (b *builder) ids(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return b.arg("{" + strings.Join(texts, ",") + "}")
}

// day binds a day.
func (b *builder) day(t time.Time) string { return b.arg(t.Format(time.DateOnly)) + "::date" }

// moment binds an instant.
func (b *builder) moment(t time.Time) string {
	return b.arg(t.Format(time.RFC3339Nano)) + "::timestamptz"
}

// dayOrNull binds a day, the zero one as none.
func (b *builder) dayOrNull(t time.Time) string {
	if t.IsZero() {
		return "null"
	}
	return b.day(t)
}

// use asks for joins; each is made once, in the order of the registry.
func (b *builder) use(js ...join) {
	for _, j := range js {
		b.joins[j] = true
	}
}

// statement selects, for each row of the breakdown and each currency: the key
// and name of every dimension and its place, where it has one (of a time step
// only its first day), the
// currency when there is one figure a currency, the number of facts, the parts
// of the value, and where it tells the whole the first and last day.
func (p *Plan) statement(span days, at standing, by []*Dimension) Statement {
	b := p.builder(at)
	if by != nil && p.runs != nil {
		b.use(joinRun)
		span = p.overRuns()
	}
	b.span, b.stepped = span, by != nil && p.windowed()
	b.rollup = p.rollup(span, at, by)
	p.selectKeys(b, by)
	p.selectValue(b)
	if p.Metric.facts.last != "" {
		cut := p.cut(b, span)
		if p.topMost(by) {
			cut += " or " + b.above("bool_or(up.days && %s)")
		}
		b.columns = append(b.columns, "count(*) filter (where "+cut+")::text")
	}
	if by == nil || p.addsUp() {
		first, last := p.clock(), p.lastDay()
		if b.rollup != nil {
			first, last = "o.first_on", "o.last_on"
		}
		b.columns = append(b.columns, "min("+first+")::text", "max("+last+")::text")
	}
	return p.assemble(b, p.together(b, p.tests(b, span), by))
}

// assemble makes the statement of the parts gathered.
func (p *Plan) assemble(b *builder, tests []string) Statement { return b.finish(p.body(b, tests)) }

// body writes the parts gathered as a query.
func (p *Plan) body(b *builder, tests []string) string {
	columns := strings.Join(b.columns, ",\n       ")
	var rest strings.Builder
	p.writeJoins(b, &rest)
	if len(tests) > 0 {
		rest.WriteString("\nwhere " + strings.Join(tests, "\n  and "))
	}
	if len(b.groups) > 0 {
		rest.WriteString("\ngroup by " + strings.Join(b.groups, ", "))
	}
	with, from := "", ""
	if b.rollup != nil {
		with, from = b.rolledUp(columns + rest.String())
	} else {
		from = p.Metric.facts.source(b)
	}
	return with + b.naming(columns, "\nfrom "+from+rest.String())
}

// nameOfOwner stands for the name of the owner among the columns of a statement
// that adds up cells: it is looked up for each row that comes of them, and not for
// each cell.
const nameOfOwner = "o.owner_id as owner_id"

// naming writes the query of the columns and, where one of them is the name of the
// owner, the query that names the rows of that one.
func (b *builder) naming(columns, rest string) string {
	at := slices.Index(b.columns, nameOfOwner)
	if at < 0 {
		return "select " + columns + rest
	}
	var inner, outer []string
	for i, column := range b.columns {
		name := fmt.Sprintf("c%d", i+1)
		inner, outer = append(inner, column+" as "+name), append(outer, "o."+name)
	}
	inner[at], outer[at] = nameOfOwner, ownerColumn.print
	rows := "select " + strings.Join(inner, ",\n       ") + rest
	return "select " + strings.Join(outer, ", ") + "\nfrom (" + strings.ReplaceAll("\n"+rows, "\n", "\n    ") + "\n) o\n" + joinSQL[joinPerson]
}

func (p *Plan) clock() string { return "o." + p.Metric.Clock }

func (p *Plan) lastDay() string {
	if last := p.Metric.facts.last; last != "" {
		return last
	}
	return p.clock()
}

// cut tells which facts the period or the steps of the breakdown cut through.
func (p *Plan) cut(b *builder, span days) string {
	tests := []string{"false"}
	if !span.from.IsZero() {
		tests = append(tests, p.clock()+" < "+b.day(span.from))
	}
	if !span.to.IsZero() {
		tests = append(tests, p.lastDay()+" >= "+b.day(span.to))
	}
	if g := p.step(); g != "" {
		tests = append(tests, p.company.startSQL(b, g, p.clock())+" <> "+p.company.startSQL(b, g, p.lastDay()))
	}
	return strings.Join(tests, " or ")
}

func (p *Plan) selectKeys(b *builder, by []*Dimension) {
	for _, d := range by {
		if d.Time != "" {
			bucket := p.bucket(b, d.Time)
			b.columns = append(b.columns, bucket+"::text")
			b.groups = append(b.groups, bucket)
			continue
		}
		if b.rollup != nil && d.column == ownerColumn {
			b.columns = append(b.columns, d.column.value+"::text", nameOfOwner)
			b.groups = append(b.groups, d.column.value)
			continue
		}
		b.use(d.column.join...)
		b.columns = append(b.columns, d.column.group+"::text", d.column.print)
		if d.column.place != "" {
			b.columns = append(b.columns, d.column.place+"::text")
		}
		b.groups = append(b.groups, d.column.group)
		if b.at.revision != 0 && d.Entity && d.column.place == "" {
			b.groups = append(b.groups, d.column.print) // of rows that are put together, Postgres does not know that an id has one name
		}
	}
	if p.Metric.ByCurrency() {
		currency := b.currency()
		b.columns = append(b.columns, currency+"::text")
		b.groups = append(b.groups, currency)
	}
}

// bucket is the first day of the step of time that counts a fact.
func (p *Plan) bucket(b *builder, g Granularity) string {
	if p.runs != nil {
		return "run.starts_on"
	}
	return p.company.startSQL(b, g, p.clock())
}

// selectValue selects the number of facts and the parts that value puts
// together.
func (p *Plan) selectValue(b *builder) {
	b.columns = append(b.columns, b.count()+"::text")
	m := p.Metric
	if m.ofSums() {
		p.selectSums(b)
		return
	}
	if m.isShare() {
		among := "true"
		if m.numerator.filter != nil {
			among = m.numerator.filter.sql(b)
		}
		b.columns = append(b.columns, b.countIf(among)+"::text")
		return
	}
	if m.expr == nil {
		return
	}
	x := b.money(m.expr.value)
	b.use(m.expr.from...)
	if m.agg == aggCountDistinct {
		b.columns = append(b.columns, "count(distinct "+x+")::text")
		return
	}
	b.columns = append(b.columns, b.known(x)+"::text")
	if m.expr.longer != "" {
		p.selectLonger(b)
		return
	}
	middle := []string{ // the two middle values, so that the middle is exact
		"percentile_disc(0.5) within group (order by " + x + ")::text",
		"percentile_disc(0.5) within group (order by " + x + " desc)::text",
	}
	switch m.agg {
	case aggSum:
		b.columns = append(b.columns, "sum("+x+")::text")
	case aggAverage: // never without the median
		b.columns = append(append(b.columns, "sum("+x+")::text"), middle...)
	case aggMax, aggMin:
		b.columns = append(b.columns, string(m.agg)+"("+x+")::text")
	case aggMedian:
		b.columns = append(b.columns, middle...)
	case aggPercentile:
		b.columns = append(b.columns, "percentile_disc("+b.arg(m.percentile)+"::float8) within group (order by "+x+")::text")
	}
	p.selectCovered(b, x)
}

// selectLonger selects the middle or percentile of a time that is not over for
// all facts, and what it is at least: each time that is not over comes after all
// that are, where it would be infinite, and is at least what it is so far. What
// falls among those that are not over is null.
func (p *Plan) selectLonger(b *builder) {
	m := p.Metric
	percentile, orders := "0.5", []string{"", " desc"} // the two middle values
	if m.agg == aggPercentile {
		percentile, orders = m.percentile, []string{""}
	}
	share := b.arg(percentile)
	at := func(value, order string) string {
		return "percentile_disc(" + share + "::float8) within group (order by " + value + order + ")"
	}
	for _, order := range orders {
		b.columns = append(b.columns, "nullif("+at("coalesce("+m.expr.value+", 'Infinity'::numeric)", order)+", 'Infinity'::numeric)::text")
	}
	for _, order := range orders {
		b.columns = append(b.columns, at("coalesce("+m.expr.value+", "+m.expr.longer+")", order)+"::text")
	}
}

// selectSums selects of a ratio of sums how many are known, both sums, and of
// how many that is, where those are not the facts themselves.
func (p *Plan) selectSums(b *builder) {
	m := p.Metric
	x, y := m.numerator.expr, m.denominator.expr
	b.use(x.from...)
	b.use(y.from...)
	part, whole := b.money(x.value), b.money(y.value)
	known := "count(" + x.value + ")"
	if m.facts.of != "" {
		known = "sum(" + m.facts.known + ")"
	}
	b.columns = append(b.columns, known+"::text", "sum("+part+")::text", "sum("+whole+")::text")
	if m.facts.of != "" {
		b.columns = append(b.columns, "sum("+m.facts.of+")::text")
	}
}

// covers reports whether more must be known of a deal than its amount.
func (m *Metric) covers() bool {
	return m.expr.needs != nil && m.expr.kind == kindMoney && m.facts == deals
}

// selectCovered selects, where more must be known of a deal than its amount,
// how much of the amounts is that of the deals of which it is.
func (p *Plan) selectCovered(b *builder, x string) {
	if !p.Metric.covers() {
		return
	}
	amount := b.money(amountColumn.value)
	b.columns = append(b.columns, "sum("+amount+") filter (where "+x+" is not null)::text", "sum("+amount+")::text")
}

// tests lists what a fact must pass to be counted: it has the metric's clock,
// unless that is a stock's, which counts what is expected on no day too.
func (p *Plan) tests(b *builder, span days) []string {
	var tests []string
	if only := p.Metric.facts.only; only != "" && b.rollup == nil {
		tests = append(tests, only)
	}
	if !p.Metric.Stock && span.from.IsZero() && span.to.IsZero() {
		tests = append(tests, p.clock()+" is not null")
	}
	counted := p.Metric.counting()
	switch {
	case counted.filter == nil:
	case b.rollup != nil && isOfStage(counted.filter):
		b.rollup.stages = b.stagesOf(counted.filter)
	default:
		tests = append(tests, counted.filter.sql(b))
	}
	tests = append(tests, p.kept(b, span)...)
	b.narrow.counted = counted.filter
	return tests
}

// kept lists what a fact must pass to be one of those asked about, whatever the
// metric counts of them.
func (p *Plan) kept(b *builder, span days) []string {
	b.narrow = &narrowing{where: p.where, span: span}
	var tests []string
	if !span.from.IsZero() {
		tests = append(tests, p.lastDay()+" >= "+b.day(span.from))
	}
	if !span.to.IsZero() {
		tests = append(tests, p.clock()+" < "+b.day(span.to))
	}
	for _, c := range p.where {
		if held, ok := c.(isThing); ok && b.rollup != nil && held.heldThen(p) {
			tests = append(tests, b.within(held))
			continue
		}
		tests = append(tests, c.sql(b))
	}
	return tests
}

// writeJoins joins what was asked for, with the map of the Query's
// perspective.
func (p *Plan) writeJoins(b *builder, sql *strings.Builder) {
	for j, text := range joinSQL {
		if !b.joins[j] {
			continue
		}
		switch {
		case join(j) == joinLine:
			text = b.assigned(lineHeld)
		case join(j) == joinMember && p.Metric.facts.placed:
			text = "cross join lateral (select o.territory_id as id) member"
		case join(j) == joinMember && p.planned != "":
			text = fmt.Sprintf(plannedSQL, b.arg(p.planned))
		case join(j) == joinTerritory && p.planned != "":
			text = plannedTerritorySQL
		case join(j) == joinMember:
			text = b.assigned(territoryHeld)
		case join(j) == joinExchange:
			text = b.exchange()
		case join(j) == joinRun:
			text = b.runsSQL()
		case join(j) == joinBase:
			text = b.baseSQL()
		case join(j) == joinVisit:
			text = b.currentVisit()
		case join(j) == joinPushes:
			text = b.pushes()
		case join(j) == joinUsual:
			text = b.usualVisits()
		case join(j) == joinWorked:
			text = b.workedSQL()
		case join(j) == joinAsked:
			text = fmt.Sprintf(text, b.day(b.at.day), b.arg(p.company.Zone.String()))
		case join(j) == joinMoment:
			text = b.asking(text)
		}
		sql.WriteString("\n" + text)
	}
	for _, team := range b.teams {
		sql.WriteString("\n" + b.assigned(team))
	}
}

// asking says when is asked, and on which days the company works.
func (b *builder) asking(text string) string {
	co := b.plan.company
	var works, rests []string
	for weekday := time.Sunday; weekday <= time.Saturday; weekday++ {
		if co.worksOn(weekday) {
			works = append(works, strconv.Itoa(int(weekday)))
		}
	}
	for _, h := range co.Holidays {
		rests = append(rests, h.Day.Format(time.DateOnly))
	}
	return fmt.Sprintf(text, b.arg(b.at.moment.Format(time.RFC3339Nano)), b.arg(co.Zone.String()), b.arg(arrayOf(works)), b.arg(arrayOf(rests)))
}

// assigned joins what the owner was assigned to on the day of the map: where that
// is one day for all, of what was held on it alone.
func (b *builder) assigned(h holding) string {
	if b.plan.Query.Perspective != AsWas {
		return "left join (" + fmt.Sprintf(h.on, b.day(b.at.day)) + "\n) " + h.name + " on " + h.name + ".person_id = o.owner_id"
	}
	return "left join " + b.listed(h) + " on " + h.name + ".person_id = o.owner_id and " + h.name + ".days @> " + b.plan.clock()
}
