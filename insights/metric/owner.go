package metric

import "fmt"

// Who owns something is told in names and is no figure, so no metric of the
// catalogue says it, and nothing is counted in it.
//
//   - An account is owned by those who own its open deals: a CRM's account owner
//     is not among the facts that are loaded.
//   - A territory is held by those who are assigned to it on the map in force on
//     the day, each since the first of the days that they have held it without a
//     gap. One that nobody holds is vacant, unless it only holds others together.
//   - A deal has the owner it has, whatever became of it.
//
// Who is assigned to which territory is open to everybody, as reporting lines
// are. Deals are not: of an account and of a deal only the viewer's people are
// told, so that what is not there and what is not to be seen look the same.

// FieldDeal is the field of a Query of shape owner that asks for a deal, by its
// name or by the id that the CRM calls it by.
const FieldDeal = "deal"

// ColumnSince is when somebody came to hold a territory; empty: since ever.
const ColumnSince = "since"

// The things that have owners, as the metrics of Plans that no metric is asked of.
var (
	ownedOpen = &Metric{
		Name: "owner", Label: "Ownership", Unit: UnitCount, Fact: deals.noun, Clock: "close_on", Stock: true, Perspective: AsIs, Version: 1,
		facts: deals, agg: aggCount, filter: oneOf{column: outcomeColumn(), texts: []string{"open"}},
	}
	ownedAny = &Metric{
		Name: "owner", Label: "Ownership", Unit: UnitCount, Fact: deals.noun, Clock: "close_on", Stock: true, Perspective: AsIs, Version: 1,
		facts: deals, agg: aggCount,
	}
)

func outcomeColumn() *column {
	c, _ := deals.column("outcome")
	return c
}

// Asked is the metric that a Query is about. What is asked of none has one that
// is in no catalogue.
func (c *Catalog) Asked(q Query) (*Metric, bool) {
	if q.Shape == ShapeOwner {
		return ownedAny, true
	}
	return c.Metric(q.Metric)
}

// compileOwner takes the place of all that is asked of a metric.
func (p *Plan) compileOwner() *Refusal {
	q := p.Query
	plain := q.Metric == "" && len(q.By) == 0 && q.Period.IsAll() && q.Compare == "" && q.Then.IsZero() && q.Order == "" &&
		q.Limit == 0 && q.Offset == 0 && q.In == "" && q.Perspective == "" && !q.Stood
	if !plain || len(q.Where) != 1 || q.Where[0].Op != Eq || len(q.Where[0].Values) != 1 {
		return invalid("Who owns is asked of one thing, as it stands at a moment.")
	}
	p.unrolled = true
	if refusal := p.resolveStanding(); refusal != nil {
		return refusal
	}
	switch f := q.Where[0]; f.Field {
	case fieldAccount:
		p.Metric, p.Grain = ownedOpen, GrainDeal
		p.Statements = []Statement{p.ownersOf(isThing{accountColumn, []int64{f.Values[0].ID}}), p.territoriesOf(f.Values[0].ID)}
	case territoryColumn.makes:
		p.Metric, p.Grain = ownedAny, GrainTeam
		p.Statements = []Statement{p.holdersOf(f.Values[0].ID)}
	case FieldDeal:
		if !printable(f.Values[0].Text) {
			return invalid("%q is not a known deal.", f.Values[0].Text)
		}
		p.Metric, p.Grain = ownedAny, GrainDeal
		p.Statements = []Statement{p.ownersOf(isCalled{f.Values[0].Text})}
	default:
		return invalid("Accounts, territories and deals have owners, and a %s has none.", f.Field)
	}
	return nil
}

// isCalled keeps the deals of a name or id.
type isCalled struct{ text string }

func (c isCalled) sql(b *builder) string {
	text := b.arg(c.text) + "::text"
	return "(o.external_id = " + text + " or lower(o.name) = lower(" + text + "))"
}

// mostCalled bounds how many deals of one name are told.
const mostCalled = 50

// ownersOf selects the owners of the deals that a condition keeps, of those that
// the viewer may see: of an account each once, of deals of one name by deal.
func (p *Plan) ownersOf(kept condition) Statement {
	p.where = []condition{kept}
	if !p.viewer.All {
		p.narrow()
	}
	b := p.builder(p.standing)
	b.use(ownerColumn.join...)
	b.columns = []string{"person.id::text", "person.name"}
	b.groups = []string{"person.id", "person.name"}
	order := "\norder by person.name, person.id"
	if p.Metric == ownedAny {
		b.columns = append([]string{aDeal.name, aDeal.id}, b.columns...)
		b.groups = append(b.groups, "o.name", "o.external_id")
		order = "\norder by 2 limit " + b.arg(mostCalled+1) + "::int"
	}
	s := p.assemble(b, p.tests(b, days{}))
	s.SQL += order
	return s
}

// territoriesOf selects the territories that an account is assigned to.
func (p *Plan) territoriesOf(account int64) Statement {
	b := p.builder(p.standing)
	day := b.day(b.at.day)
	return b.finish(`select distinct named.id::text, named.name
from account_territory held
join territory_in_force drawn on drawn.territory_id = held.territory_id and drawn.days @> ` + day + `
join territory named on named.id = drawn.known_as and not named.taken_back
where held.account_id = ` + b.arg(account) + `::bigint and upper_inf(held.known) and held.valid @> ` + day + `
order by named.name, 1`)
}

// holdersOf selects who holds a territory and those below it, and since when.
func (p *Plan) holdersOf(territory int64) Statement {
	b := p.builder(p.standing)
	day := b.day(b.at.day)
	return b.finish(`select named.id::text, named.name, person.id::text, person.name,
       (select lower(run) from unnest(held.days) run where run @> ` + day + `)::text
from territory_in_force drawn
join territory named on named.id = drawn.known_as and not named.taken_back
left join (
    select territory_id, person_id, range_agg(valid) as days
    from territory_member
    where upper_inf(known)
    group by territory_id, person_id
) held on held.territory_id = drawn.territory_id and held.days @> ` + day + `
left join person on person.id = held.person_id
where drawn.days @> ` + day + ` and drawn.territory_id in (` + fmt.Sprintf(territoriesBelow, b.ids([]int64{territory})) + `)
  and (held.person_id is not null or not exists (
    select from territory part
    join territory_in_force of_it on of_it.territory_id = part.id and of_it.days @> ` + day + `
    where part.parent_id = drawn.territory_id
  ))
order by named.name, named.id, person.name, person.id`)
}

// owners makes the answer to who owns something.
func (p *Plan) owners(r Reading) (Result, error) {
	out := Result{
		Query: p.Query, Grain: p.Grain, Narrowed: p.Narrowed, Alone: p.Narrowed && len(p.viewer.People) <= 1,
		Revision: r.Revision, FreshAt: r.FreshAt,
	}
	of := p.Query.Where[0]
	widths := map[string]int{fieldAccount: 2, territoryColumn.makes: 5, FieldDeal: 4}
	for i, columns := range r.Tables {
		for _, cols := range columns {
			if want := widths[of.Field]; i == 0 && len(cols) != want || i > 0 && len(cols) != 2 {
				return Result{}, fmt.Errorf("metric: who owns a %s is read of %d columns", of.Field, len(cols))
			}
		}
	}
	for _, cols := range r.Tables[0] {
		var row []Cell
		switch of.Field {
		case fieldAccount:
			row = []Cell{named(cols[1], cols[0])}
		case FieldDeal:
			row = []Cell{{Text: *cols[0]}, {Text: *cols[1]}, named(cols[3], cols[2])}
		default:
			row = []Cell{named(cols[1], cols[0]), named(cols[3], cols[2]), {Text: textOrEmpty(cols[4])}}
		}
		out.Rows = append(out.Rows, row)
	}
	if n := len(out.Rows); of.Field == FieldDeal && (n == 0 || n > mostCalled) {
		return Result{}, notOneDeal(of.Values[0].Text, n)
	}
	if len(r.Tables) > 1 {
		for _, cols := range r.Tables[1] {
			out.AssignedTo = append(out.AssignedTo, named(cols[1], cols[0]))
		}
	}
	out.Columns = map[string][]Column{
		fieldAccount:          {{Name: fieldPerson}},
		FieldDeal:             {{Name: ColumnDeal}, {Name: ColumnID}, {Name: fieldPerson}},
		territoryColumn.makes: {{Name: territoryColumn.makes}, {Name: fieldPerson}, {Name: ColumnSince}},
	}[of.Field]
	out.Total, out.Facts = len(out.Rows), int64(len(out.Rows))
	return out, nil
}

// notOneDeal refuses a deal that is not there or that the viewer may not see, both
// in the same words, and a name that too many deals have.
func notOneDeal(called string, found int) *Refusal {
	out := &Refusal{
		Code:    CodeNotAvailable,
		Message: fmt.Sprintf("No deal that you may see is called “%s”.", called),
		Hint:    "Deals are found by their whole name or by the id that the CRM calls them by.",
	}
	if found > 0 {
		out.Message = fmt.Sprintf("More than %d deals are called “%s”.", mostCalled, called)
		out.Hint = "Ask by the id that the CRM calls it by."
	}
	return out
}

func textOrEmpty(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
