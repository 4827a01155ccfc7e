package metric

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// What made a stock change between two instants is told part by part, so that
// the opening and all parts add up to the closing, exactly, in each currency and
// at any cut. Both ends are the very figures that the same question gives as of
// then.
//
// Each deal that is counted at one end or at both goes by the first of these
// that holds:
//
//   - Counted at both, it stayed. What its amount differs by is an increase or a
//     decrease.
//   - It came in: created, if it was not there at the opening; reopened, if it
//     was there and closed; pulled in, if its close date lay outside the period;
//     matched, if another filter than one on people left it out; else reassigned
//     in.
//   - It left: deleted, if it is not there at the closing; won; lost; pushed out,
//     if its close date lies outside the period; unmatched; else reassigned out.
//
// A deal comes in with the amount it has at the closing and leaves with the one
// it had at the opening. One that matched or was reassigned was there all along,
// only elsewhere: it comes in with what it was worth at the opening, and the
// difference since is an increase or a decrease. So the parts of territories that
// share all deals between them add up, part by part, to those of the whole, in
// which nothing is reassigned.
//
// Who holds what is read at each end from the map of its own day, unless the
// Query asks for that of the close dates. A deal that came and went in between is
// in neither figure, and in no part. A change of currency takes the deal out of
// one figure and into another: a decrease in the first, an increase in the
// second. Deals without an amount count as deals and add nothing.
//
// By a dimension, each of its values has a row of which the same holds: the parts
// of a row make its closing of its opening. A deal that is counted at both ends
// under two values leaves the one and comes to the other with what it was worth at
// the opening: reassigned where the values are those of people and territories,
// moved where they are of anything else. All other parts of the rows add up to
// those of the whole, and what goes between rows cancels out.

// Part is one reason for which a stock changed, or one of its two ends.
type Part string

// The parts in the order in which they are told. Those from Won on are taken
// away.
const (
	PartOpening       Part = "opening"
	PartCreated       Part = "created"
	PartPulledIn      Part = "pulled_in"
	PartIncreased     Part = "increased"
	PartReopened      Part = "reopened"
	PartMatched       Part = "matched" // came to be what the filters ask for
	PartReassignedIn  Part = "reassigned_in"
	PartMovedIn       Part = "moved_in" // came from another row of the breakdown
	PartWon           Part = "won"
	PartLost          Part = "lost"
	PartDecreased     Part = "decreased"
	PartPushedOut     Part = "pushed_out"
	PartUnmatched     Part = "unmatched"
	PartReassignedOut Part = "reassigned_out"
	PartMovedOut      Part = "moved_out" // went to another row
	PartDeleted       Part = "deleted"
	PartUnrecorded    Part = "unrecorded" // left, nobody knows how
	PartClosing       Part = "closing"
)

var partsInOrder = []Part{
	PartOpening, PartCreated, PartPulledIn, PartIncreased, PartReopened, PartMatched, PartReassignedIn, PartMovedIn,
	PartWon, PartLost, PartDecreased, PartPushedOut, PartUnmatched, PartReassignedOut, PartMovedOut, PartDeleted, PartUnrecorded, PartClosing,
}

// partUnknown counts the deals of which it is not known at one of the ends
// whether they count. It is no part.
const partUnknown Part = "unknown"

// The columns of a change beside the currency.
const (
	ColumnPart   = "part"
	ColumnDeals  = "deals"  // how many: of those that left as well, a number to take away
	ColumnAmount = "amount" // what they add to the opening: below nought where they left
)

// TellsChange reports whether what made the metric change can be told part by
// part: it is a number or a sum of amounts of deals that stands at a moment.
func (m *Metric) TellsChange() bool {
	return m.Stock && m.facts == deals && m.Type == TypeSimple && (m.agg == aggCount || m.agg == aggSum && m.expr == amountColumn)
}

// resolveTold refuses what a change cannot be told of, whole or one of its parts.
func (p *Plan) resolveTold() *Refusal {
	switch q := p.Query; {
	case !p.Metric.TellsChange():
		return p.noChange()
	case !q.Reported.IsZero():
		return invalid("What changed is told by what is known now.")
	case q.In != "":
		return &Refusal{
			Code:    CodeNotAvailable,
			Message: "What changed is told in each currency: converted, rates that moved would look like deals that did.",
			Hint:    "Leave the conversion out.",
			Instead: []string{"what changed in " + phrase(q.Metric) + " since last week"},
		}
	case q.Compare != CompareThen:
		return invalid("A change begins at an earlier instant.")
	default:
		return nil
	}
}

// resolveChange takes the place of a breakdown in a Query of shape change.
func (p *Plan) resolveChange() *Refusal {
	if refusal := p.resolveTold(); refusal != nil {
		return refusal
	}
	switch q := p.Query; {
	case len(q.By) > 1:
		return p.notSoFine("What changed is broken down by one thing at a time.")
	case len(q.By) == 1 && (q.Order != "" || q.Limit != 0):
		return p.notSoFine("The rows of a change stand in the order of their names.")
	case q.Order != "" || q.Limit != 0 || q.Offset != 0:
		return invalid("The parts of a change stand in their own order.")
	case len(q.By) == 1:
		return p.resolveRows(q.By[0])
	default:
		return nil
	}
}

// resolveRows decides what the rows of a change are of.
func (p *Plan) resolveRows(name string) *Refusal {
	switch d, ok := p.catalog.Dimension(name); {
	case !ok:
		return invalid("Nothing can be broken down by %q.", name)
	case d.Time != "":
		return p.notSoFine("What changed is told between two moments, and not by " + strings.ToLower(d.Label) + ".")
	case !p.Metric.has(d):
		return p.notOf(d)
	default:
		p.by = []*Dimension{d}
		return nil
	}
}

func (p *Plan) notSoFine(message string) *Refusal {
	name := phrase(p.Metric.Name)
	return &Refusal{
		Code: CodeNotAvailable, Message: message,
		Hint:    "Ask for it by territory, person or stage.",
		Instead: []string{"what changed in " + name + " by territory since last week", "what changed in " + name + " since last week"},
	}
}

// noChange refuses to take apart what does not stand at a moment, is not of single
// deals and has no factors.
func (p *Plan) noChange() *Refusal {
	r := &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("What made %s change cannot be told part by part.", lowerFirst(p.Metric.Label)),
	}
	for _, m := range p.catalog.metrics {
		if m.TellsChange() && len(r.Instead) < 2 {
			r.Instead = append(r.Instead, "what changed in "+phrase(m.Name)+" since last week")
		}
	}
	if len(r.Instead) > 0 {
		r.Hint = "It can be told of what is open, of sums and of ratios."
	}
	return r
}

func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }

// writeChange makes the statement of the parts; the one that tells whether the
// opening lies before the first import; for a team that is narrowed, whether that
// can have changed anything; and, where more than deals is needed, whether that is
// loaded at all.
func (p *Plan) writeChange() {
	b, told := p.toldParts()
	p.Statements = append(p.Statements, b.believed(told+partsSQL), p.beforeImports())
	if len(p.teams) > 0 {
		p.Statements = append(p.Statements, p.outsiders())
	}
	p.writeNeeds()
}

// toldParts writes the tables of what is told of each deal: how it stood at each
// end, the way it went in between, and to which parts it adds what.
func (p *Plan) toldParts() (b *builder, with string) {
	b = p.builder(p.standing)
	b.narrow = &narrowing{where: p.where, span: p.asked, counted: p.Metric.filter, unknown: true}
	closing := p.end(b)
	b.at = p.earlier
	opening := p.end(b)
	r := b.rebuild(opening+closing, p.earlier, p.standing)
	tables := append(append(b.knownThen(standing{revision: p.standing.revision}), r.candidates()...),
		"opening as (\nwith "+strings.Join(r.tables(p.earlier), ",\n")+"\n"+opening+"\n)",
		"closing as (\nwith "+strings.Join(r.tables(p.standing), ",\n")+"\n"+closing+"\n)")
	return b, "with " + strings.Join(tables, ",\n") + toldSQL
}

// beforeImports tells whether the opening lies before the first import.
func (p *Plan) beforeImports() Statement {
	b := p.builder(standing{})
	return b.believed("select coalesce((select min(taken_at) > " + b.arg(p.Query.Then.Format(time.RFC3339Nano)) + "::timestamptz from import), false)::text")
}

// end selects of each deal how it stood at one end: its amount, what its stage
// meant, whether the metric counts it, whether it is due in the period, whether
// the filters on it and on who holds it keep it, and the row it is in. That it is
// narrowed to the viewer's people is one on who holds it.
func (p *Plan) end(b *builder) string {
	b.joins, b.teams = [joins]bool{}, nil
	b.use(joinStage)
	var counted, due, matches, held []string
	if p.Metric.filter != nil {
		counted = append(counted, p.Metric.filter.sql(b))
	}
	if !p.asked.from.IsZero() {
		due = append(due, p.lastDay()+" >= "+b.day(p.asked.from))
	}
	if !p.asked.to.IsZero() {
		due = append(due, p.clock()+" < "+b.day(p.asked.to))
	}
	for i, f := range p.Query.Where {
		test := &matches
		if isHolder(f.Field) {
			test = &held
		}
		*test = append(*test, p.where[i].sql(b))
	}
	for _, narrowed := range p.where[len(p.Query.Where):] {
		held = append(held, narrowed.sql(b))
	}
	currency, amount := "null::char(3)", "null::bigint"
	if p.Metric.ByCurrency() {
		currency, amount = "o.currency", amountColumn.value
	}
	of := p.rowOf(b)
	if p.list != nil {
		of += described
	}
	var sql strings.Builder
	fmt.Fprintf(&sql, "select o.id, %s as currency, %s as amount, stage.outcome,\n"+
		"       (%s) is true as counted, (%s) is true as due,\n       (%s) is true as matches, (%s) is true as held,\n       %s\nfrom %s",
		currency, amount, all(counted), all(due), all(matches), all(held), of, p.Metric.facts.source(b))
	p.writeJoins(b, &sql)
	sql.WriteString("\nwhere " + p.Metric.facts.only)
	return sql.String()
}

// rowOf selects the row that a deal is in: its key, name and place.
func (p *Plan) rowOf(b *builder) string {
	key, name, place := "null", "null", "null"
	if len(p.by) > 0 {
		c := p.by[0].column
		b.use(c.join...)
		key, name = c.group, ofOne(c.print)
		if c.place != "" {
			place = ofOne(c.place)
		}
	}
	return "(" + key + ")::text as key, (" + name + ")::text as called, (" + place + ")::bigint as place"
}

// ofOne is what a breakdown prints of a group, of one fact: without the choice
// among several.
func ofOne(printed string) string {
	if one, ok := strings.CutPrefix(printed, "min("); ok {
		return strings.TrimSuffix(one, ")")
	}
	return printed
}

// all joins tests; none at all hold of everything.
func all(tests []string) string {
	if len(tests) == 0 {
		return "true"
	}
	return strings.Join(tests, " and ")
}

// isHolder reports whether the field is one of those by which deals are
// somebody's.
func isHolder(field string) bool {
	return field == fieldPerson || field == fieldManager || field == territoryColumn.makes
}

// toldSQL writes, of how the candidates stood at each end, what each deal adds to
// which part: its amount, taken away where it left. It is the one place that tells
// the parts apart.
const toldSQL = `, ended as (
    select id, was.id is not null as was_there, was.currency as was_in, was.amount as was_worth, was.outcome as was_at,
           was.counted as was_counted, was.due as was_due, was.matches as was_matching,
           was.key as was_key, was.called as was_called, was.place as was_place,
           (was.counted and was.due and was.matches and was.held) is true as opens,
           now.id is not null as is_there, now.currency as is_in, now.amount as is_worth, now.outcome as is_at,
           now.counted as is_counted, now.due as is_due, now.matches as is_matching,
           now.key as is_key, now.called as is_called, now.place as is_place,
           (now.counted and now.due and now.matches and now.held) is true as closes,
           (was.outcome is null and was.due and was.matches and was.held) is true
               or (now.outcome is null and now.due and now.matches and now.held) is true as unknown
    from opening was
    full join closing now using (id)
), moved as (
    select *, case
               when opens and closes then 'stayed'
               when closes and not was_there then 'created'
               when closes and not was_counted and was_at is distinct from 'open' then 'reopened'
               when closes and not was_due then 'pulled_in'
               when closes and not (was_counted and was_matching) then 'matched'
               when closes then 'reassigned_in'
               when not is_there then 'deleted'
               when not is_counted and is_at is null then 'unrecorded'
               when not is_counted and is_at <> 'open' then is_at
               when not is_due then 'pushed_out'
               when not (is_counted and is_matching) then 'unmatched'
               else 'reassigned_out'
           end as way
    from ended
    where opens or closes or unknown
), told as (
    select moved.id, told.*
    from moved
    cross join lateral (
        select 'opening' as part, was_key as key, was_called as called, was_place as place, was_in as currency, was_worth as worth where opens
        union all
        select 'closing', is_key, is_called, is_place, is_in, is_worth where closes
        union all
        select 'unknown', null, null, null, null, null where unknown
        union all
        select way, is_key, is_called, is_place, is_in, is_worth where closes and way in ('created', 'reopened', 'pulled_in')
        union all
        select way, is_key, is_called, is_place, was_in, was_worth where closes and way in ('matched', 'reassigned_in')
        union all
        select way, was_key, was_called, was_place, was_in, -was_worth where opens and not closes
        union all
        select 'moved_out', was_key, was_called, was_place, was_in, -was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select 'moved_in', is_key, is_called, is_place, was_in, was_worth where way = 'stayed' and was_key is distinct from is_key
        union all
        select case when more > 0 then 'increased' else 'decreased' end, is_key, is_called, is_place, currency, more
        from (values (is_in, is_worth - case when was_in = is_in then was_worth else 0 end),
                     (case when was_in is distinct from is_in then was_in end, -was_worth)) differs (currency, more)
        where way in ('stayed', 'matched', 'reassigned_in') and closes and currency is not null and more <> 0
    ) told
)`

// partsSQL selects of each row, part and currency the number of deals, how many of
// their amounts are known, and their sum.
const partsSQL = `
select key, min(called collate "C"), min(place)::text, part, currency::text, count(*)::text, count(worth)::text, sum(worth)::text
from told
group by key, part, currency`

// changed makes the answer of a change.
func (p *Plan) changed(r Reading) (Result, error) {
	if len(r.Tables) != len(p.Statements) {
		return Result{}, fmt.Errorf("metric: %d tables were read for the %d statements of a change", len(r.Tables), len(p.Statements))
	}
	read := &reading{plan: p}
	if p.unloaded(read, r.Tables) {
		return p.untold(r), read.err
	}
	rows, unknown := read.changedRows(r.Tables[0])
	narrowed := p.Narrowed
	if len(p.teams) > 0 {
		narrowed = read.yes(r.Tables[2])
	}
	out := Result{
		Query: p.Query, Grain: p.Grain, Revision: r.Revision, FreshAt: r.FreshAt,
		Narrowed: narrowed, Alone: narrowed && len(p.viewer.People) <= 1,
		Unrecorded: unknown, BeforeImports: read.yes(r.Tables[1]),
	}
	if read.err != nil {
		return Result{}, fmt.Errorf("metric: reading what changed in %s: %w", p.Metric.Name, read.err)
	}
	read.respell()
	told := together(rows)
	for _, part := range []Part{PartOpening, PartCreated, PartPulledIn, PartReopened, PartMatched, PartReassignedIn} {
		for _, t := range told[part] {
			out.Facts += t.facts
		}
	}
	currencies := p.currencies(nil, told.group())
	for _, c := range currencies {
		for _, of := range append(rows, changedRow{told: told}) {
			if !of.told.addsUp(c) {
				return Result{}, fmt.Errorf("metric: what changed in %s does not add up in %q", p.Metric.Name, c)
			}
		}
		f := Since(p.worth(told[PartClosing], c), p.worth(told[PartOpening], c))
		f.Facts = told[PartClosing].deals(c)
		out.Figures = append(out.Figures, f)
	}
	if len(p.by) > 0 {
		p.brokenDown(&out, rows, currencies)
	} else {
		for _, c := range currencies {
			out.Rows = append(out.Rows, p.partRows(told, c, len(currencies) > 1)...)
		}
		out.Columns = p.partColumns(currencies)
	}
	out.Total = len(out.Rows)
	return out, nil
}

// untold is the answer of what nothing is loaded for: neither end is known.
func (p *Plan) untold(r Reading) Result {
	out := Result{Query: p.Query, Grain: p.Grain, Revision: r.Revision, FreshAt: r.FreshAt}
	unknown := Quantity{Unit: p.Metric.Unit, Currency: p.currencies(nil, nil)[0], Reason: ReasonNotLoaded}
	out.Figures = []Figure{Since(unknown, unknown)}
	return out
}

// partTallies holds what each part adds up to.
type partTallies map[Part]tallies

// changedRow is what changed under one value of the breakdown; without one, in
// all.
type changedRow struct {
	*row
	told partTallies
}

// changedRows reads what changed row by row, and how many deals nobody knows the
// stage of at one of the ends. Deals without an amount stand under the empty
// currency; of what is no money all do.
func (r *reading) changedRows(table [][]*string) (rows []changedRow, unknown int64) {
	found := map[string]partTallies{}
	for _, cols := range table {
		if len(cols) != 8 || cols[3] == nil || Part(*cols[3]) != partUnknown && !slices.Contains(partsInOrder, Part(*cols[3])) {
			r.err = fmt.Errorf("a row is of no part of a change")
			return nil, 0
		}
		part := Part(*cols[3])
		if part == partUnknown {
			unknown = r.place(cols[5])
			continue
		}
		names := cols[:3]
		if len(r.plan.by) > 0 && r.plan.by[0].column.place == "" {
			names = cols[:2]
		}
		key := r.key(names)
		told, known := found[key.key]
		if !known {
			told = partTallies{}
			found[key.key] = told
			rows, r.order = append(rows, changedRow{key, told}), append(r.order, key)
		}
		currency := ""
		if cols[4] != nil {
			currency = *cols[4]
		}
		of := told[part]
		of.add(currency, tally{facts: r.place(cols[5]), parts: []number{r.number(cols[6]), r.number(cols[7])}})
		told[part] = of
	}
	return rows, unknown
}

// together adds up the rows to the whole, in which nothing goes between rows.
func together(rows []changedRow) partTallies {
	out := partTallies{}
	for _, row := range rows {
		for part, t := range row.told {
			if part != PartMovedIn && part != PartMovedOut {
				out[part] = out[part].and(t)
			}
		}
	}
	return out
}

// byHolder reports whether the rows are those of whom deals belong to.
func (p *Plan) byHolder() bool { return len(p.by) > 0 && isHolder(p.by[0].Name) }

// group is all parts as one group, for their currencies.
func (told partTallies) group() group { return slices.Collect(maps.Values(told)) }

// addsUp reports whether the opening and all that came and went make the
// closing, in minor units of one currency.
func (told partTallies) addsUp(currency string) bool {
	sum := new(big.Rat)
	for part, t := range told {
		if part != PartClosing {
			sum.Add(sum, t.in(currency).part(1))
		}
	}
	return sum.Cmp(told[PartClosing].in(currency).part(1)) == 0
}

// worth is what a part adds up to in one currency; of no deals that is nothing,
// which is known.
func (p *Plan) worth(t tallies, currency string) Quantity {
	q := p.quantity(group{t}, currency)
	if q.Reason == ReasonNoRows {
		q.Value, q.Reason = new(big.Rat), ""
	}
	return q
}

// partRows lists the parts that deals are in, between the two ends.
func (p *Plan) partRows(told partTallies, currency string, several bool) [][]Cell {
	var rows [][]Cell
	for _, part := range partsInOrder {
		t := told[part]
		n := t.deals(currency)
		if n == 0 && part != PartOpening && part != PartClosing {
			continue
		}
		row := []Cell{{Text: string(part)}}
		if several {
			row = append(row, Cell{Text: currency})
		}
		row = append(row, Cell{Quantity: &Quantity{Unit: UnitCount, Value: big.NewRat(n, 1)}})
		if p.Metric.ByCurrency() {
			amount := p.worth(t, currency)
			row = append(row, Cell{Quantity: &amount})
		}
		rows = append(rows, row)
	}
	return rows
}

// brokenDown lists the rows of a breakdown, each with all of its parts: what went
// from one to another has changed hands where they are those of whom deals belong
// to. All parts have a column, whether or not deals are in them, so that a row says
// the same wherever it is kept. What is taken away is below nought.
func (p *Plan) brokenDown(out *Result, rows []changedRow, currencies []string) {
	parts := slices.Clone(partsInOrder)
	if p.byHolder() {
		parts = slices.DeleteFunc(parts, func(part Part) bool { return part == PartMovedIn || part == PartMovedOut })
	}
	naturally(rows, func(r changedRow) *row { return r.row })
	for _, r := range rows {
		of, told := r.told.group().currencies(), p.inOneHand(r.told)
		switch {
		case len(of) == 0 && len(currencies) == 1:
			of = currencies
		case len(of) == 0:
			of = []string{""} // amounts are unknown, and so is their currency
		}
		for _, c := range of {
			row := slices.Clone(r.names)
			if len(currencies) > 1 {
				row = append(row, Cell{Text: c})
			}
			for _, part := range parts {
				row = append(row, Cell{Quantity: p.added(part, told[part], c)})
			}
			out.Rows = append(out.Rows, row)
		}
	}
	out.Columns = []Column{{Name: p.by[0].Name}}
	currency := currencies[0]
	if len(currencies) > 1 {
		out.Columns, currency = append(out.Columns, Column{Name: ColumnCurrency}), ""
	}
	for _, part := range parts {
		out.Columns = append(out.Columns, Column{Name: string(part), Unit: p.Metric.Unit, Currency: currency})
	}
}

// inOneHand takes what went from one row to another for reassigned, where the rows
// are those of whom deals belong to.
func (p *Plan) inOneHand(told partTallies) partTallies {
	if !p.byHolder() {
		return told
	}
	out := maps.Clone(told)
	out[PartReassignedIn] = told[PartReassignedIn].and(told[PartMovedIn])
	out[PartReassignedOut] = told[PartReassignedOut].and(told[PartMovedOut])
	return out
}

// added is what a part adds to the opening of its row.
func (p *Plan) added(part Part, t tallies, currency string) *Quantity {
	q := p.worth(t, currency)
	if !p.Metric.ByCurrency() && part.Leaves() {
		q.Value = new(big.Rat).Neg(q.Value)
	}
	return &q
}

// Leaves reports whether a part is one of what is taken away.
func (part Part) Leaves() bool {
	at := slices.Index(partsInOrder, part)
	return at >= slices.Index(partsInOrder, PartWon) && part != PartClosing
}

func (p *Plan) partColumns(currencies []string) []Column {
	out, currency := []Column{{Name: ColumnPart}}, currencies[0]
	if len(currencies) > 1 {
		out, currency = append(out, Column{Name: ColumnCurrency}), ""
	}
	out = append(out, Column{Name: ColumnDeals, Unit: UnitCount})
	if p.Metric.ByCurrency() {
		out = append(out, Column{Name: ColumnAmount, Unit: UnitMoney, Currency: currency})
	}
	return out
}
