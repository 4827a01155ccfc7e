package metric

import (
	"fmt"
	"math/big"
	"slices"
)

// The deals that are in one part of a change are listed one by one, each with its
// amount at both ends and what it adds to the part. They are told apart by the
// statement that makes the parts, and what they add is the part, to the cent, in
// each currency.
//
// Of the deals in a part, one is listed to whoever sees only some people's deals
// where it was theirs at each end at which it was there: to which part it belongs
// tells of both. How many others there are is told where the part itself is a
// figure the viewer may see.

// ColumnWasClose is when a deal was to close at the opening. What a deal was worth
// at the two ends stands under the parts of those names, what it adds under
// ColumnAmount.
const ColumnWasClose = "was_close_on"

// unlisted are the parts whose deals cannot be listed: what goes from one row of a
// breakdown to another is in no part of the whole.
var unlisted = []Part{PartMovedIn, PartMovedOut}

// resolvePart decides whether the deals of a part can be listed.
func (p *Plan) resolvePart() *Refusal {
	if refusal := p.resolveTold(); refusal != nil {
		return refusal
	}
	switch q := p.Query; {
	case !slices.Contains(partsInOrder, q.Part):
		return invalid("A change has no part %q.", q.Part)
	case slices.Contains(unlisted, q.Part):
		return invalid("What went from one row to another is in no part of the whole.")
	case (q.Part == PartPulledIn || q.Part == PartPushedOut) && q.Period.IsAll():
		return p.noWindow()
	}
	p.list = &list{of: p.Metric}
	return nil
}

// noWindow refuses to list what came into a period of close dates, or left it,
// where none is asked about.
func (p *Plan) noWindow() *Refusal {
	name := phrase(p.Metric.Name)
	r := &Refusal{
		Code:    CodeNotAvailable,
		Message: "Deals are pulled into a period, or pushed out of one, by their close dates, and none is named.",
		Hint:    "Name the days on which they were to close.",
	}
	for _, period := range []string{"this quarter", "next quarter"} {
		r.Instead = append(r.Instead, "deals "+phrase(string(p.Query.Part))+" in what changed in "+name+" closing "+period+" since last week")
	}
	return r
}

// allowPart applies the viewer's scope to the deals of a part, of which the
// Query's own filters may name the viewer's people.
func (p *Plan) allowPart(scoped bool) {
	p.list.told = p.viewer.All || scoped || !slices.ContainsFunc(p.Query.Where, isPersonal)
	p.Narrowed = !p.viewer.All
}

// listedWhere is what a deal passes that the Plan lists, or counts.
func (p *Plan) listedWhere() []condition {
	if p.Query.Part == "" || !p.Narrowed {
		return p.where
	}
	return append(slices.Clone(p.where), isThing{ownerColumn, p.viewer.People})
}

// described is what an end says of a deal beside what tells the parts apart.
const described = `,
       o.name, o.external_id, o.account_id, o.owner_id, o.stage_id, o.close_on, o.currency as priced_in, o.amount_minor as price`

// listedSQL selects the deals of a part as they stood at the closing or, if they
// are not there any more, at the opening; the amount of the other end only where
// it is in the same currency. Of those of whom nobody knows whether they count it
// says no more than that.
const listedSQL = `, listed as (
    select told.part, told.currency, told.worth, coalesce(told.currency, is_now.priced_in, was.priced_in) as priced_in,
           was.id is not null as was_there, is_now.id is not null as is_there, was.owner_id as was_owner, is_now.owner_id as is_owner,
           was.priced_in as was_in, was.price as was_price, is_now.priced_in as is_in, is_now.price as is_price,
           was.close_on as was_close_on, is_now.close_on as is_close_on, one.*
    from told
    left join opening was on was.id = told.id
    left join closing is_now on is_now.id = told.id
    cross join lateral (
        select coalesce(is_now.name, was.name) as name, coalesce(is_now.external_id, was.external_id) as external_id,
               case when is_now.id is null then was.account_id else is_now.account_id end as account_id,
               case when is_now.id is null then was.owner_id else is_now.owner_id end as owner_id,
               case when is_now.id is null then was.stage_id else is_now.stage_id end as stage_id
    ) one
    where told.part in (%s, 'unknown')
)`

// writePart makes the statement of the deals to show; that of what all of them add
// up to and how many there are, by currency; the one that tells whether the opening
// lies before the first import; and, where more than deals is needed, whether that
// is loaded at all.
func (p *Plan) writePart() {
	b, told := p.toldParts()
	listed := told + fmt.Sprintf(listedSQL, b.arg(string(p.Query.Part)))
	shown := listed + `
select coalesce(nullif(o.name, ''), o.external_id), o.external_id, account.id::text, account.name, person.id::text, person.name, stage.id::text, stage.name,
       o.was_close_on::text, o.is_close_on::text, o.priced_in::text,
       case when o.was_in = o.priced_in then o.was_price end::text, case when o.is_in = o.priced_in then o.is_price end::text, o.worth::text, o.was_there::text, o.is_there::text
from listed o
left join account on account.id = o.account_id
left join person on person.id = o.owner_id
left join stage on stage.id = o.stage_id
where o.part <> 'unknown' and ` + p.theirs(b) + `
order by ` + p.partOrder(b) + `
limit ` + b.arg(p.Query.Limit) + "::int offset " + b.arg(p.Query.Offset) + "::int"
	p.Statements = append(p.Statements, b.believed(shown))

	b, told = p.toldParts()
	listed = told + fmt.Sprintf(listedSQL, b.arg(string(p.Query.Part)))
	theirs := " filter (where " + p.theirs(b) + ")"
	p.Statements = append(p.Statements, b.believed(listed+`
select part, currency::text, count(*)`+theirs+`::text, count(worth)`+theirs+`::text, (sum(worth)`+theirs+`)::text, count(*)::text
from listed o
group by part, currency`), p.beforeImports())
	p.writeNeeds()
}

// theirs tests whether a deal of a part is for the viewer to see: at each end at
// which it was there it was one of the viewer's people's.
func (p *Plan) theirs(b *builder) string {
	if !p.Narrowed {
		return "true"
	}
	people := b.ids(p.viewer.People)
	return fmt.Sprintf("(not was_there or was_owner = any (%[1]s::bigint[])) and (not is_there or is_owner = any (%[1]s::bigint[]))", people)
}

// partOrder orders the deals of a part as those of any list, by the size of what
// they add; where they are only counted, by their amounts.
func (p *Plan) partOrder(b *builder) string {
	const byID, day = `o.external_id collate "C", o.priced_in`, "coalesce(o.is_close_on, o.was_close_on)"
	size := "coalesce(o.is_price, o.was_price)"
	if p.Metric.ByCurrency() {
		size = "abs(o.worth)"
	}
	switch p.Query.Order {
	case Latest:
		return day + " desc nulls last, " + byID
	case Earliest:
		return day + " nulls last, " + byID
	case Ascending:
	default:
		size += " desc"
	}
	return "o.priced_in is distinct from " + b.arg(p.company.Currency) + ", o.priced_in, " + size + " nulls last, " + byID
}

// listedPart makes the answer of a list of the deals of a part: what it adds up
// to, and the deals.
func (p *Plan) listedPart(r Reading) (Result, error) {
	if len(r.Tables) != len(p.Statements) {
		return Result{}, fmt.Errorf("metric: %d tables were read for the %d statements of a part", len(r.Tables), len(p.Statements))
	}
	read := &reading{plan: p}
	if p.unloaded(read, r.Tables) {
		out := p.untold(r)
		out.Listing = &Listing{Before: p.Query.Offset, Told: p.list.told}
		return out, read.err
	}
	sum, whole, unknown := read.partSum(r.Tables[1])
	out := Result{
		Query: p.Query, Grain: p.Grain, Revision: r.Revision, FreshAt: r.FreshAt, Narrowed: p.Narrowed,
		Unrecorded: unknown, BeforeImports: read.yes(r.Tables[2]),
		Listing: &Listing{Before: p.Query.Offset},
	}
	for _, t := range sum {
		out.Facts += t.facts
	}
	out.Total = int(out.Facts)
	for _, c := range p.currencies(nil, group{sum}) {
		out.Figures = append(out.Figures, Figure{Quantity: p.worth(sum, c), Facts: sum.deals(c)})
	}
	if p.list.told {
		out.Listing.Whole, out.Listing.Told = whole, true
		out.Narrowed = out.Narrowed && out.Facts < whole
	}
	out.Alone = out.Narrowed && len(p.viewer.People) <= 1
	p.fillPart(&out, r.Tables[0], read)
	if read.err != nil {
		return Result{}, fmt.Errorf("metric: listing what is %s in %s: %w", p.Query.Part, p.Metric.Name, read.err)
	}
	return out, nil
}

// partSum reads what the deals of a part that are the viewer's add up to, and how
// many there are whoever's they are; and of how many of the viewer's nobody knows
// whether they count.
func (r *reading) partSum(table [][]*string) (sum tallies, whole, unknown int64) {
	for _, cols := range table {
		if len(cols) != 6 || cols[0] == nil {
			r.err = fmt.Errorf("a row is of no part of a change")
			return nil, 0, 0
		}
		if Part(*cols[0]) == partUnknown {
			unknown = r.place(cols[2])
			continue
		}
		currency := ""
		if cols[1] != nil {
			currency = *cols[1]
		}
		whole += r.place(cols[5])
		if n := r.place(cols[2]); n > 0 {
			sum.add(currency, tally{facts: n, parts: []number{r.number(cols[3]), r.number(cols[4])}})
		}
	}
	return sum, whole, unknown
}

// fillPart puts the deals into the Result's columns and rows, and says what the
// others add up to.
func (p *Plan) fillPart(out *Result, table [][]*string, read *reading) {
	const (
		thing  = 2 // of account, owner and stage, an id and a name each
		days   = 8 // when it was to close at the opening, and at the closing
		money  = 10
		there  = 14
		across = 16
	)
	var found []string
	for _, cols := range table {
		if len(cols) != across || cols[atName] == nil || cols[atID] == nil {
			read.err = fmt.Errorf("a deal of a part is read of %d columns", len(cols))
			return
		}
		currency := ""
		if cols[money] != nil {
			currency = *cols[money]
		}
		row := []Cell{{Text: *cols[atName]}}
		for i := thing; i < days; i += 2 {
			row = append(row, named(cols[i+1], cols[i]))
		}
		row = append(row, named(cols[days], nil), named(cols[days+1], nil), Cell{Text: currency})
		for _, amount := range cols[money+1 : money+1+p.amountsOfPart()] {
			row = append(row, Cell{Quantity: read.measured(amountColumn, currency, amount)})
		}
		for end, is := range cols[there:] {
			if amount := row[atAmounts+end].Quantity; amount.Value == nil && *is == "false" {
				amount.Reason = ReasonNoRows
			}
		}
		found = append(found, currency)
		out.Rows = append(out.Rows, append(row, Cell{Text: *cols[atID]}))
	}
	p.restOfPart(out)
	p.partDealColumns(out, found)
}

// atAmounts is where the amounts stand in a row of a part, behind the currency.
const atAmounts = 7

// amountsOfPart is how many amounts are told of a deal of a part: those at both
// ends and, where amounts are added up, what it adds.
func (p *Plan) amountsOfPart() int {
	if p.Metric.ByCurrency() {
		return 3
	}
	return 2
}

// partDealColumns heads the columns, and takes that of the currencies out where
// there is but one.
func (p *Plan) partDealColumns(out *Result, found []string) {
	for _, name := range []string{ColumnDeal, accountColumn.makes, ownerColumn.makes, stageColumn.makes, ColumnWasClose, p.Metric.Clock, ColumnCurrency} {
		out.Columns = append(out.Columns, Column{Name: name})
	}
	at := len(out.Columns) - 1
	for _, name := range []string{string(PartOpening), string(PartClosing), ColumnAmount}[:p.amountsOfPart()] {
		out.Columns = append(out.Columns, Column{Name: name, Unit: UnitMoney})
	}
	out.Columns = append(out.Columns, Column{Name: ColumnID})
	currencies := slices.DeleteFunc(found, func(c string) bool { return c == "" })
	for _, f := range out.Figures {
		if f.Currency != "" {
			currencies = append(currencies, f.Currency)
		}
	}
	slices.Sort(currencies)
	if currencies = slices.Compact(currencies); len(currencies) > 1 {
		return
	}
	currency := p.company.Currency
	if len(currencies) == 1 {
		currency = currencies[0]
	}
	out.Columns = slices.Delete(out.Columns, at, at+1)
	for i := range out.Columns {
		if out.Columns[i].Unit == UnitMoney {
			out.Columns[i].Currency = currency
		}
	}
	for i, row := range out.Rows {
		out.Rows[i] = slices.Delete(row, at, at+1)
	}
}

// restOfPart takes what is shown from the part: it is what the deals that are not
// shown add. The rows still have a column of currencies.
func (p *Plan) restOfPart(out *Result) {
	if len(out.Rows) == out.Total {
		return
	}
	for _, f := range out.Figures {
		q := Quantity{Unit: f.Unit, Currency: f.Currency}
		switch {
		case !p.Metric.ByCurrency():
			q.Value = new(big.Rat).Sub(f.Value, big.NewRat(int64(len(out.Rows)), 1))
		case f.Value != nil:
			q.Value = new(big.Rat).Sub(f.Value, added(out.Rows, atAmounts+2, f.Currency))
		}
		out.Listing.Rest = append(out.Listing.Rest, q)
	}
}
