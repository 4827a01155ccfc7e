package metric

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// isThing keeps deals whose column is one of the stored things; where things
// stand in a tree, those below count as well. A manager's are the deals of all
// who stand below, and not their own.
type isThing struct {
	column *column
	ids    []int64
}

func (c isThing) sql(b *builder) string {
	if c.heldOn(b.plan) {
		return "o.owner_id = any (array(" + c.holders(b, b.at) + "))"
	}
	list := b.ids(c.ids)
	if c.column.under != "" {
		return b.team(fmt.Sprintf(c.column.under, list)) + ".person_id is not null"
	}
	b.use(c.column.from...)
	if c.column.below != "" && !b.plan.Metric.facts.placed {
		below := fmt.Sprintf(c.column.below, list)
		return fmt.Sprintf("(o.owner_id = any (array(%s)) and %s = any (array(%s)))", fmt.Sprintf(everHeld, below), c.column.value, below)
	}
	if c.column.below != "" {
		return fmt.Sprintf("%s = any (array(%s))", c.column.value, fmt.Sprintf(c.column.below, list))
	}
	return fmt.Sprintf("%s = any (%s::bigint[])", c.column.value, list)
}

// heldOn reports whether who holds what the condition keeps is known of one day
// for all deals.
func (c isThing) heldOn(p *Plan) bool {
	return p.Query.Perspective == AsIs && (c.column == managerColumn || c.column == territoryColumn && !p.Metric.facts.placed)
}

// heldThen reports whether the condition keeps what the holders of territories
// did on days that they held them.
func (c isThing) heldThen(p *Plan) bool {
	return p.Query.Perspective == AsWas && c.column == territoryColumn
}

// holders writes who held one of the territories, or stood below one of the
// people, on the map of one of some days; or on any.
func (c isThing) holders(b *builder, on ...standing) string {
	below := fmt.Sprintf(c.column.under+c.column.below, b.ids(c.ids)) // it has one of the two
	if c.column.under == "" && len(on) == 0 {
		return fmt.Sprintf(everHeld, below)
	}
	var tests, lists []string
	for _, at := range on {
		day := b.day(at.day)
		tests = append(tests, "held.days @> "+day)
		lists = append(lists, "select held.person_id from ("+fmt.Sprintf(territoriesOnSQL, day)+"\n) held where held.id in ("+below+")")
	}
	if c.column.under == "" && len(lists) > 1 {
		return "(" + strings.Join(lists, "\n    union\n    ") + ")" // lists of other tests intersect it
	}
	if c.column.under == "" {
		return lists[0]
	}
	if len(on) == 0 {
		tests = []string{"true"}
	}
	return "select held.person_id from (" + below + ") held where " + strings.Join(tests, " or ")
}

// team joins who stood below somebody and when, and returns by which name. It
// finds one row at most, and is put together once for all deals.
func (b *builder) team(under string) string {
	name := fmt.Sprintf("team_%d", len(b.teams)+1)
	b.teams = append(b.teams, holding{
		name: name,
		sql:  "\n    select person_id, range_agg(days) as days from (" + under + ") under group by person_id\n",
		on:   "\n    select distinct person_id from (" + under + ") under where case when days @> %s then true end",
	})
	return name
}

// unless keeps exactly the deals that a condition does not, those where it
// cannot be known included: what a filter keeps and what its opposite keeps
// add up to the whole.
type unless struct{ kept condition }

func (c unless) sql(b *builder) string {
	if held, ok := c.kept.(isThing); ok && held.heldOn(b.plan) {
		return "(o.owner_id in (" + held.holders(b, b.at) + ")) is not true" // looked up among all of them, however many
	} else if ok && held.column.under != "" {
		return b.team(fmt.Sprintf(held.column.under, b.ids(held.ids))) + ".person_id is null" // the planner can tell how many those are
	}
	return "(" + c.kept.sql(b) + ") is not true"
}

// isAmount keeps deals whose amount stands in a relation to a number of major
// units of the deal's own currency.
type isAmount struct {
	relation string
	major    string // a decimal
}

func (c isAmount) sql(b *builder) string {
	return fmt.Sprintf("o.amount_minor %s %s::numeric * coalesce((%s::jsonb ->> o.currency)::int, %d)",
		c.relation, b.arg(c.major), b.arg(unusualMinorJSON), usualMinor)
}

func (p *Plan) resolveFilters() *Refusal {
	for _, f := range p.Query.Where {
		if d, ok := p.catalog.Dimension(f.Field); ok && !p.Metric.has(d) {
			return p.notOf(d)
		}
		if IsNumber(f.Field) && !p.Metric.CanCompare(f.Field) {
			return p.incomparable(f)
		}
		if p.Metric.facts.nested && (f.Op == Ne || f.Op == NotIn) {
			return p.refuseRest()
		}
		test, refusal := p.catalog.test(f)
		if refusal != nil {
			return refusal
		}
		p.where = append(p.where, test)
	}
	return nil
}

// operands says how many values an operator takes.
func operands(op Op) (least, most int, ok bool) {
	switch op {
	case Eq, Ne, Lt, Lte, Gt, Gte:
		return 1, 1, true
	case In, NotIn:
		return 1, 1 << 10, true
	case IsNull:
		return 0, 0, true
	default:
		return 0, 0, false
	}
}

func (c *Catalog) test(f Filter) (condition, *Refusal) {
	least, most, ok := operands(f.Op)
	switch {
	case !ok:
		return nil, invalid("There is no comparison %q.", f.Op)
	case len(f.Values) < least || len(f.Values) > most:
		return nil, invalid("The filter on %s has %d values.", f.Field, len(f.Values))
	case f.Field == FieldAmount:
		return amountTest(f)
	}
	if g, ok := gaugeOf(f.Field); ok {
		return gaugeTest(g, f)
	}
	d, ok := c.Dimension(f.Field)
	switch {
	case !ok:
		return nil, invalid("Nothing can be filtered by %q.", f.Field)
	case d.Time != "":
		return nil, invalid("To keep one %s, ask for it as the period.", d.Name)
	case f.Op == IsNull:
		return isNull{column: d.column}, nil
	case slices.Contains([]Op{Lt, Lte, Gt, Gte}, f.Op):
		return nil, invalid("A %s is not more or less than another.", d.Name)
	}
	is, refusal := valueTest(d, f.Values)
	if refusal == nil && (f.Op == Ne || f.Op == NotIn) {
		is = unless{is}
	}
	return is, refusal
}

func valueTest(d *Dimension, values []Value) (condition, *Refusal) {
	thing, text := isThing{column: d.column}, oneOf{column: d.column}
	for _, v := range values {
		known := v.ID > 0
		if !d.Entity {
			known = printable(v.Text) && d.column.canBe(v.Text)
		}
		if !known {
			return nil, invalid("%q is not a known %s.", v.Text, d.Name)
		}
		thing.ids = append(thing.ids, v.ID)
		text.texts = append(text.texts, d.column.spelt(v.Text))
	}
	if d.Entity {
		return thing, nil
	}
	return text, nil
}

// printable reports whether Postgres can hold the text.
func printable(text string) bool {
	return text != "" && utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

var decimal = regexp.MustCompile(`^-?\d{1,15}(\.\d{1,6})?$`)

func amountTest(f Filter) (condition, *Refusal) {
	if f.Op == IsNull {
		return isNull{column: amountColumn}, nil
	}
	relation := relations[f.Op]
	if relation == "" {
		return nil, invalid("An amount is compared with one number.")
	}
	if !decimal.MatchString(f.Values[0].Text) {
		return nil, invalid("%q is not an amount.", f.Values[0].Text)
	}
	is := isAmount{relation, f.Values[0].Text}
	if f.Op == Ne {
		return unless{is}, nil
	}
	return is, nil
}
