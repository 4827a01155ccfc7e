package metric

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// OnOtherMap returns a Query, as a Plan resolved it, on the other of the two maps
// that were or are in force, without what it is compared with and of all rows in no order;
// and false where the map does not matter, because nothing is cut by it.
func (c *Catalog) OnOtherMap(q Query) (Query, bool) {
	other, known := map[Perspective]Perspective{AsWas: AsIs, AsIs: AsWas}[q.Perspective]
	if !known || q.Shape != ShapeFigure || q.Stood || !c.cutsByMap(q) {
		return Query{}, false
	}
	q.Perspective = other
	q.Compare, q.Then, q.Order, q.Limit, q.Having = "", time.Time{}, "", 0, nil
	return q, true
}

// cutsByMap reports whether the Query is broken down or filtered by what people
// are assigned to.
func (c *Catalog) cutsByMap(q Query) bool {
	names := slices.Clone(q.By)
	for _, f := range q.Where {
		names = append(names, f.Field)
	}
	return slices.ContainsFunc(names, func(name string) bool {
		d, ok := c.Dimension(name)
		return ok && d.mapped()
	})
}

// mapped reports whether the day on which the map is read decides the
// dimension's value.
func (d *Dimension) mapped() bool { return d.column == territoryColumn || d.column == managerColumn }

// Difference is what a figure, or a row of a breakdown, is on two maps.
type Difference struct {
	Names       []Cell // of the row; none: the figure
	This, Other Quantity
}

// Differences lists what differs by more than one in a hundred between a Result
// and that of the same Query on the other map: of the figures and of the rows
// that are shown. Rates of too few say too little to be set side by side.
func (m *Metric) Differences(this, other Result) []Difference {
	var out []Difference
	add := func(names []Cell, a, b Quantity) {
		if !m.ofFew(a) && !m.ofFew(b) && differ(a, b) {
			out = append(out, Difference{names, a, b})
		}
	}
	for _, f := range this.Figures {
		i := slices.IndexFunc(other.Figures, func(o Figure) bool { return o.Currency == f.Currency })
		if i >= 0 {
			add(nil, f.Quantity, other.Figures[i].Quantity)
		}
	}
	rows, there := keyed(this.Rows), keyed(other.Rows)
	for _, row := range this.Rows {
		names, q := cut(row)
		add(names, q, there[rowKey(names, q)])
	}
	for _, row := range other.Rows {
		names, q := cut(row)
		if _, shown := rows[rowKey(names, q)]; !shown && this.Query.Limit == 0 && len(this.Query.Having) == 0 {
			add(names, Quantity{Unit: q.Unit, Currency: q.Currency, Reason: ReasonNoRows}, q)
		}
	}
	return out
}

// differ reports whether one quantity is more than one in a hundred of another
// away from it. What is unknown differs from all that is known.
func differ(a, b Quantity) bool {
	if a.Value == nil || b.Value == nil {
		return a.Value != b.Value
	}
	away := new(big.Rat).Sub(b.Value, a.Value)
	away.Abs(away).Mul(away, big.NewRat(100, 1))
	return away.Cmp(new(big.Rat).Abs(a.Value)) > 0
}

// cut parts the names of a row from its value.
func cut(row []Cell) ([]Cell, Quantity) {
	i := slices.IndexFunc(row, func(c Cell) bool { return c.Quantity != nil })
	return row[:i], *row[i].Quantity
}

// rowKey tells a row from all others, in whatever Result of the Query it is.
func rowKey(names []Cell, q Quantity) string {
	var key strings.Builder
	for _, c := range names {
		fmt.Fprintf(&key, "%d %s\x00", c.ID, strings.ToLower(c.Text))
	}
	return key.String() + q.Currency
}

func keyed(rows [][]Cell) map[string]Quantity {
	out := map[string]Quantity{}
	for _, row := range rows {
		names, q := cut(row)
		out[rowKey(names, q)] = q
	}
	return out
}

// Movers are statements that list the people whose facts are counted elsewhere,
// or not at all, on the other map: each of them was assigned otherwise on the day
// of a fact than on the day of asking. There is one for each input of a metric
// whose facts have owners.
func (p *Plan) Movers() []Statement {
	var out []Statement
	for _, part := range p.inputs() {
		if !part.Metric.ofNobody() {
			out = append(out, part.movers())
		}
	}
	return out
}

// movers compares the two maps. All facts that somebody has on one day are
// assigned alike, so that the person, the day and where these stand tell them
// apart.
func (p *Plan) movers() Statement {
	b := p.builder(p.standing)
	one, other := p.assigned(b, AsWas), p.assigned(b, AsIs)
	return b.finish("select distinct owner_id::text from (\n(" + one + "\nexcept\n" + other + ")\nunion all\n(" + other + "\nexcept\n" + one + ")\n) moved where owner_id is not null")
}

// assigned selects where the facts stand on the map of a perspective.
func (p *Plan) assigned(b *builder, on Perspective) string {
	plan := *p
	plan.Query.Perspective = on
	in := plan.builder(b.at)
	in.args = b.args
	in.columns = []string{"o.owner_id", p.clock()}
	for _, d := range p.by {
		if d.mapped() {
			in.use(d.column.join...)
			in.columns = append(in.columns, d.column.group)
		}
	}
	sql := plan.body(in, plan.tests(in, p.asked))
	b.args = in.args
	return sql
}

// CountListed counts the people or deals that statements such as Movers listed.
func CountListed(tables [][][]*string) int {
	listed := map[string]bool{}
	for _, table := range tables {
		for _, row := range table {
			listed[*row[0]] = true
		}
	}
	return len(listed)
}
