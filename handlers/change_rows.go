package handlers

import (
	"cmp"
	"math/big"
	"slices"

	"salesbot/insights/metric"
)

// A change by a dimension has as many columns as there are parts. People read how
// much came in, went out and went from one row to another; files have every part.

// rowsTable lists the rows of a change with the parts that any deal is in, and in
// short by what they have in common.
func (d *Desk) rowsTable(m *metric.Metric, result metric.Result) *Table {
	if result.Facts == 0 {
		return nil
	}
	title := "What changed in " + lowerFirst(m.Label) + " by " + d.byWords(m, result.Query)
	t := &Table{Title: title, Total: result.Total, Short: d.shortRows(title, result)}
	var kept []int
	for i, c := range result.Columns {
		label, part := partLabels[metric.Part(c.Name)]
		if part && !isEndColumn(c) && !anyIn(result.Rows, i) {
			continue
		}
		kept = append(kept, i)
		t.Columns = append(t.Columns, Column{Column: c, Label: cmp.Or(label, d.columnLabel(c))})
	}
	for _, row := range result.Rows {
		cells := make([]metric.Cell, len(kept))
		for i, at := range kept {
			cells[i] = row[at]
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// anyIn reports whether any deal is in the part of a column.
func anyIn(rows [][]metric.Cell, column int) bool {
	return slices.ContainsFunc(rows, func(row []metric.Cell) bool {
		q := row[column].Quantity
		return q.Value == nil || q.Value.Sign() != 0 || q.Of != nil && *q.Of > 0
	})
}

func isEndColumn(c metric.Column) bool {
	return c.Name == string(metric.PartOpening) || c.Name == string(metric.PartClosing)
}

// The columns of a change in short, beside its two ends.
const (
	columnIn      = "in"
	columnOut     = "out"
	columnBetween = "between"
)

// inShort is the column that tells of a part in short.
func inShort(q metric.Query, part metric.Part) string {
	between := []metric.Part{metric.PartMovedIn, metric.PartMovedOut}
	if betweenOwners(q) {
		between = []metric.Part{metric.PartReassignedIn, metric.PartReassignedOut}
	}
	switch {
	case part == metric.PartOpening || part == metric.PartClosing:
		return string(part)
	case slices.Contains(between, part):
		return columnBetween
	case part.Leaves():
		return columnOut
	default:
		return columnIn
	}
}

// betweenOwners reports whether what goes from one row to another has changed
// hands.
func betweenOwners(q metric.Query) bool {
	return slices.Contains([]string{"person", "manager", "territory"}, q.By[0])
}

// shortRows adds up the parts of each row to what came in, went out and went from
// one row to another.
func (d *Desk) shortRows(title string, result metric.Result) *Table {
	t := &Table{Title: title, Total: result.Total}
	between := "Moved"
	if betweenOwners(result.Query) {
		between = "Reassigned"
	}
	first := slices.IndexFunc(result.Columns, func(c metric.Column) bool { return c.Unit != "" })
	for _, c := range result.Columns[:first] {
		t.Columns = append(t.Columns, Column{Column: c, Label: d.columnLabel(c)})
	}
	shown := []struct{ name, label string }{
		{string(metric.PartOpening), partLabels[metric.PartOpening]}, {columnIn, "In"}, {columnOut, "Out"}, {columnBetween, between},
		{string(metric.PartClosing), partLabels[metric.PartClosing]},
	}
	for _, s := range shown {
		c := result.Columns[first]
		c.Name = s.name
		t.Columns = append(t.Columns, Column{Column: c, Label: s.label})
	}
	for _, row := range result.Rows {
		cells := slices.Clone(row[:first])
		for _, s := range shown {
			var of []metric.Quantity
			for i, c := range result.Columns[first:] {
				if inShort(result.Query, metric.Part(c.Name)) == s.name {
					of = append(of, *row[first+i].Quantity)
				}
			}
			cells = append(cells, metric.Cell{Quantity: addedUp(of)})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// addedUp adds up what is known of parts; of parts of which nothing is, it is
// unknown.
func addedUp(parts []metric.Quantity) *metric.Quantity {
	if len(parts) == 1 {
		return &parts[0]
	}
	sum, known := parts[0], false
	sum.Value, sum.Known, sum.Of = new(big.Rat), nil, nil
	deals, unknown := int64(0), ""
	for _, q := range parts {
		if q.Value == nil {
			unknown = q.Reason
			continue
		}
		known = known || q.Of == nil || *q.Of > 0
		sum.Value.Add(sum.Value, q.Value)
		if q.Known != nil {
			deals += *q.Known
		}
	}
	sum.Reason = ""
	if !known && unknown != "" && deals == 0 {
		sum.Value, sum.Reason = nil, unknown
	}
	return &sum
}

// mainRows names the two rows that moved most.
func (d *Desk) mainRows(result metric.Result, currency string) string {
	moved := movedRows(result, currency)
	var words []string
	for _, row := range moved[:min(2, len(moved))] {
		words = append(words, row.name.Text+" "+Signed(row.by))
	}
	if len(words) == 0 {
		return ""
	}
	return ": above all " + joinAnd(words)
}

// movedRow is how far a row moved.
type movedRow struct {
	name metric.Cell
	by   metric.Quantity
}

// movedRows lists the rows of a currency that moved, those that moved most first.
func movedRows(result metric.Result, currency string) []movedRow {
	end := func(name metric.Part) int {
		return slices.IndexFunc(result.Columns, func(c metric.Column) bool { return c.Name == string(name) })
	}
	opening, closing := end(metric.PartOpening), end(metric.PartClosing)
	var out []movedRow
	for _, row := range result.Rows {
		is, was := row[closing].Quantity, row[opening].Quantity
		if is.Currency != currency || is.Value == nil || was.Value == nil || is.Value.Cmp(was.Value) == 0 {
			continue
		}
		by := metric.Quantity{Unit: is.Unit, Currency: currency, Value: new(big.Rat).Sub(is.Value, was.Value)}
		out = append(out, movedRow{row[0], by})
	}
	size := func(row movedRow) *big.Rat { return new(big.Rat).Abs(row.by.Value) }
	slices.SortStableFunc(out, func(a, b movedRow) int { return size(b).Cmp(size(a)) })
	return out
}

// rowsNotes say what the columns of a change by a dimension hold.
func (d *Desk) rowsNotes(result metric.Result) []string {
	between := "moved from one row to another"
	if betweenOwners(result.Query) {
		between = "reassigned from one row to another"
	}
	return []string{
		"In: created, pulled in, increased and the like; out: won, lost, decreased, pushed out and the like; what was " + between +
			" cancels out in the whole. Ask for one row alone, or for this as CSV, to see each part.",
	}
}

// rowAlone offers what changed in the row that moved most.
func (d *Desk) rowAlone(result metric.Result) []Choice {
	for _, f := range result.Figures {
		for _, row := range movedRows(result, f.Currency) {
			q := result.Query
			name := q.By[0]
			if row.name.Text == metric.None || slices.ContainsFunc(q.Where, func(f metric.Filter) bool { return f.Field == name }) {
				continue
			}
			q = inAll(q)
			q.Where = append(slices.Clone(q.Where), metric.Filter{Field: name, Op: metric.Eq, Values: []metric.Value{{ID: row.name.ID, Text: row.name.Text}}})
			return []Choice{d.offer(row.name.Text, q)}
		}
	}
	return nil
}

// inAll is what changed in the whole.
func inAll(q metric.Query) metric.Query {
	q.By = nil
	return q
}
