package metric

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What can be added up is read from the rollup of the deals where that tells
// apart all that a statement tells apart: by calendar month, owner, stage and
// currency. The figures are those of the facts, exactly. What a cell would cut
// through is read from the facts and joined to the other cells as cells of one
// deal: the months that the period cuts or, in a fiscal calendar of weeks, its
// steps; and of people who moved on the map within a month, that month. So a
// month of a cell stands for each of its days.

// rollup is what is read in place of the facts.
type rollup struct {
	span days   // asked about
	cut  []days // months that are read from the facts, as far as the period holds them; in order

	stages string   // SQL of the stages of which facts are counted; empty: all
	named  []string // lists that the statement begins with, each for what comes after it
	whose  []string // names of the lists of those people whose facts alone are counted
}

// rolledClocks are the days by which the rollup is kept.
var rolledClocks = []string{"close_on", "created_on", "engaged_on"}

// maxCut bounds how many pieces of the facts one statement reads; beyond them
// the facts are read as they are.
const maxCut = 12

// rollup decides what a statement reads in place of the facts, nil for nothing.
func (p *Plan) rollup(span days, at standing, by []*Dimension) *rollup {
	if p.unrolled || !at.isNow() || len(by) > 0 && p.runs != nil || p.Query.Shape != ShapeFigure && p.Query.Shape != ShapeFactors || p.Query.In != "" || !p.Metric.isRolled() {
		return nil
	}
	cutBy := func(d *Dimension) bool { return d.Time == Day || d.Time == Week || d.Time == "" && !d.column.rolled }
	apart := func(c condition) bool { return !isRolled(c) }
	if slices.ContainsFunc(by, cutBy) || slices.ContainsFunc(p.where, apart) {
		return nil
	}
	cut, whole := p.cutMonths(span, by)
	if !whole || len(cut) > maxCut {
		return nil
	}
	return &rollup{span: span, cut: cut}
}

// isRolled reports whether the metric counts or adds up what the rollup does.
func (m *Metric) isRolled() bool {
	if m.facts != deals || m.formula != nil || !slices.Contains(rolledClocks, m.Clock) || !isRolled(m.filter) {
		return false
	}
	switch m.Type {
	case TypeSimple, TypeCumulative:
		return m.agg == aggCount || m.agg == aggSum && m.expr.rolled
	case TypeRatio:
		return !m.ofSums() && isRolled(m.numerator.filter) && isRolled(m.denominator.filter)
	default:
		return false
	}
}

// isRolled reports whether the condition holds of all deals of a cell or of
// none.
func isRolled(c condition) bool {
	apart := func(c condition) bool { return !isRolled(c) }
	switch c := c.(type) {
	case nil:
		return true
	case allOf:
		return !slices.ContainsFunc(c, apart)
	case anyOf:
		return !slices.ContainsFunc(c, apart)
	case opposite:
		return isRolled(c.of)
	case unless:
		return isRolled(c.kept)
	case oneOf:
		return c.column.rolled
	case isNull:
		return c.column.rolled && !c.column.measured()
	case isThing:
		return c.column.rolled
	default:
		return false
	}
}

// isOfStage reports whether the condition is about what a stage means.
func isOfStage(c condition) bool {
	of, ok := c.(oneOf)
	return ok && of.column.value == stageOutcome
}

// stagesOf writes which stages a condition is true of. In each piece that is read
// it stands by itself, so that the planner can tell how many facts that leaves.
func (b *builder) stagesOf(c condition) string {
	joined := b.joins
	test := c.sql(b)
	b.joins = joined
	return "select id from stage where " + test
}

// within lists the territories of a condition and who ever held one of them, once
// for all that asks for it, and tests that the owner of a fact held one on its
// day. Nobody else's facts or holdings are looked at.
func (b *builder) within(c isThing) string {
	r := b.rollup
	b.use(c.column.from...)
	within, whose := fmt.Sprintf("within_%d", len(r.whose)+1), fmt.Sprintf("whose_%d", len(r.whose)+1)
	r.named = append(r.named,
		within+" as materialized ("+fmt.Sprintf(c.column.below, b.ids(c.ids))+")",
		whose+" as materialized ("+fmt.Sprintf(everHeld, "select id from "+within)+")")
	r.whose = append(r.whose, whose)
	return fmt.Sprintf("(o.owner_id = any (array(select person_id from %s)) and %s = any (array(select id from %s)))", whose, c.column.value, within)
}

// cutMonths lists the calendar's months, as far as the days hold them, that
// the beginning or end of the days cuts through, or a step of the breakdown. It reports
// false if no month is whole, or if the steps cut through months for ever.
func (p *Plan) cutMonths(span days, by []*Dimension) (cut []days, whole bool) {
	at := []time.Time{span.from, span.to}
	if len(by) > 0 && by[len(by)-1].Time != "" && p.company.Calendar.InWeeks() {
		if !span.bounded() {
			return nil, false
		}
		at = append(at, p.company.buckets(by[len(by)-1].Time, span)[1:]...)
	}
	slices.SortFunc(at, time.Time.Compare)
	for _, day := range at {
		if day.IsZero() || day.Day() == 1 {
			continue
		}
		month := day.AddDate(0, 0, 1-day.Day())
		piece := days{month, month.AddDate(0, 1, 0)}
		if n := len(cut); n > 0 && !cut[n-1].to.Before(piece.from) {
			cut[n-1].to = piece.to
			continue
		}
		cut = append(cut, piece)
	}
	return cut, len(cut) != 1 || !span.bounded() || span.from.Before(cut[0].from) || cut[0].to.Before(span.to)
}

// count counts the facts.
func (b *builder) count() string {
	if b.rollup == nil {
		return b.plan.Metric.facts.number()
	}
	return "coalesce(sum(o.deals), 0)"
}

// countIf counts the facts of which a test holds.
func (b *builder) countIf(test string) string {
	if b.rollup == nil {
		return b.plan.Metric.facts.number() + " filter (where " + test + ")"
	}
	return "coalesce(sum(o.deals) filter (where " + test + "), 0)"
}

// known counts the facts of which a value is known that is made of an amount.
func (b *builder) known(value string) string {
	switch {
	case b.rollup == nil:
		return "count(" + value + ")"
	case value == amountColumn.value:
		return "coalesce(sum(o.priced), 0)"
	}
	return "coalesce(sum(o.priced) filter (where " + value + " is not null), 0)"
}

// rolledUp writes the cells that stand for the facts, under the names of those,
// and what is to be known before. It comes after all that the statement joins
// was asked for: whoever moved, for one of those joins, within a month, is read
// from the facts. asked is all that is read of a cell.
func (b *builder) rolledUp(asked string) (with, from string) {
	clock := b.plan.Metric.Clock
	cells := b.cells(asked)
	single := fmt.Sprintf(singleSQL, clock, clock, clock)
	counted := ""
	if b.rollup.stages != "" {
		cells += "\n      and r.stage_id in (" + b.rollup.stages + ")"
		counted = "\n      and o.stage_id in (" + b.rollup.stages + ")"
	}
	var pieces []string
	for _, cut := range b.rollup.cut {
		first, next := b.day(cut.from), b.day(cut.to)
		cells += "\n      and not (r.month >= " + first + " and r.month < " + next + ")"
		pieces = append(pieces, single+"\n    from opportunity o\n    where not o.deleted and o."+clock+" >= "+first+" and o."+clock+" < "+next+counted)
	}
	if maps := b.maps(); len(maps) > 0 {
		with = b.moved(maps)
		cells += "\n      and not exists (select from moved where moved.person_id = r.owner_id and moved.month = r.month)"
		pieces = append(pieces, single+fmt.Sprintf(movedDealsSQL, clock, clock)+counted)
	}
	return with, "(" + strings.Join(append([]string{cells}, pieces...), "\n    union all") + "\n) o"
}

// cells reads the coarsest rollup that tells apart what is asked of a cell and
// what is left out of them: that without owners, that without months, or the one
// with both.
func (b *builder) cells(asked string) string {
	clock := b.plan.Metric.Clock
	table, owner, month := ownerCells, "r.owner_id", "r.month"
	switch {
	case !strings.Contains(asked, "owner_id"):
		table, owner = companyCells, "null::bigint as owner_id"
	case !strings.Contains(asked, "o."+clock) && len(b.rollup.cut) == 0 && len(b.maps()) == 0:
		table, month = personCells, "null::date"
	}
	return fmt.Sprintf(cellsSQL, owner, month, clock, table, clock)
}

// wholeIsCoarser reports whether the whole of a breakdown is in a few cells of the
// company, while its rows are added up of those of each owner: then the rows need
// not say what it takes to tell the whole by them.
func (p *Plan) wholeIsCoarser(span days, at standing) bool {
	cells := p.rollup(span, at, p.by)
	if !p.addsUp() || cells == nil || len(cells.cut) > 0 { // it would read what is cut from the facts twice
		return false
	}
	rows, whole := p.statement(span, at, p.by).SQL, p.statement(span, at, nil).SQL
	return strings.Contains(whole, companyCells) && !strings.Contains(rows, companyCells)
}

// The rollups by what they tell apart, beside a stage and a currency: the owner and
// the month, the month alone, the owner alone.
const (
	ownerCells   = "opportunity_rollup"
	companyCells = "opportunity_rollup_company"
	personCells  = "opportunity_rollup_person"
)

// maps are the lists in which it is looked up what people held on the day of a
// fact. None, if they are read on one day.
func (b *builder) maps() []holding {
	if b.plan.Query.Perspective != AsWas {
		return nil
	}
	var maps []holding
	if b.joins[joinLine] {
		maps = append(maps, lineHeld)
	}
	if b.joins[joinMember] {
		maps = append(maps, territoryHeld)
	}
	return append(maps, b.teams...)
}

// listed writes what people held where it is looked up: its name, where the
// statement begins with it.
func (b *builder) listed(h holding) string {
	if b.rollup != nil && len(b.maps()) > 0 {
		return h.name
	}
	return "(" + h.sql + ") " + h.name
}

// moved writes the beginning of a statement: what people held, and the months
// within which that began or ended.
func (b *builder) moved(maps []holding) string {
	var with, held strings.Builder
	for _, list := range b.rollup.named {
		with.WriteString(list + ", ")
	}
	for i, h := range maps {
		if i > 0 {
			held.WriteString("\n        union all\n        ")
		}
		held.WriteString("select person_id, days from " + h.name)
		with.WriteString(h.name + " as materialized (" + b.ofWhom(h) + "), ")
	}
	within := ""
	if from := b.rollup.span.from; !from.IsZero() {
		within += "\n      and edge.day >= " + b.day(from)
	}
	if to := b.rollup.span.to; !to.IsZero() {
		within += "\n      and edge.day < " + b.day(to)
	}
	for _, cut := range b.rollup.cut {
		within += "\n      and not (edge.day >= " + b.day(cut.from) + " and edge.day < " + b.day(cut.to) + ")"
	}
	return "with " + with.String() + "moved as (" + fmt.Sprintf(movedSQL, held.String()) + within + "\n)\n"
}

// ofWhom writes what people held, of those whose facts alone are counted.
func (b *builder) ofWhom(h holding) string {
	if len(b.rollup.whose) == 0 {
		return h.sql
	}
	var tests []string
	for _, whose := range b.rollup.whose {
		tests = append(tests, "person_id = any (array(select person_id from "+whose+"))")
	}
	return "select * from (" + h.sql + ") everybody where " + strings.Join(tests, " and ")
}

const (
	// cellsSQL selects cells of a clock from a rollup.
	cellsSQL = `
    select %s, r.stage_id, r.currency, %s as %s, r.deals, r.priced, r.amount_minor, r.first_on, r.last_on
    from %s r
    where r.clock = '%s'`

	// singleSQL selects deals as cells of one: %s is the clock.
	singleSQL = `
    select o.owner_id, o.stage_id, o.currency, o.%s, 1, (o.amount_minor is not null)::int, o.amount_minor, o.%s, o.%s`

	// movedDealsSQL are the deals, by a clock (%s), of people in months in which
	// they moved.
	movedDealsSQL = `
    from moved
    join opportunity o on o.owner_id = moved.person_id and o.%s >= moved.month and o.%s < moved.month + interval '1 month'
    where not o.deleted`

	// movedSQL lists the months within which begins or ends what people held.
	movedSQL = `
    select distinct held.person_id, date_trunc('month', edge.day::timestamp)::date as month
    from (
        %s
    ) held
    cross join lateral unnest(held.days) span
    cross join lateral (values (lower(span)), (upper(span))) edge (day)
    where edge.day <> date_trunc('month', edge.day::timestamp)::date`
)
