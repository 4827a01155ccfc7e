package metric

import (
	"fmt"
	"slices"
	"strings"
)

// Rows of two answers to one question are set against each other by what they are
// of: a row of a breakdown by what its dimensions name, a deal by its id, a part
// of a change by its name; and each by its currency.

// SaidRow is one row as a receipt keeps it: what it is of, and what it says,
// without the names of people and customers.
type SaidRow struct {
	Key   string     `json:"key"`
	Cells []SaidCell `json:"cells"`
}

// SaidCell is what a row says in one column: a quantity, the id of a stored
// thing, or a text.
type SaidCell struct {
	Column   string        `json:"column"`
	Quantity *SaidQuantity `json:"quantity,omitempty"`
	ID       int64         `json:"id,omitempty"`
	Text     string        `json:"text,omitempty"`
}

// said is what a receipt keeps of rows.
func (r Result) said(rows [][]Cell) []SaidRow {
	out, keys := make([]SaidRow, len(rows)), r.keys(rows)
	for i, row := range rows {
		out[i].Key = keys[i]
		for j, cell := range row {
			if c := r.Columns[j]; !r.names(c) && c.Name != ColumnDeal {
				out[i].Cells = append(out[i].Cells, saidCell(c, cell))
			}
		}
	}
	return out
}

func saidCell(c Column, cell Cell) SaidCell {
	out := SaidCell{Column: c.Name, ID: cell.ID}
	switch {
	case cell.Quantity != nil:
		q := saidQuantity(*cell.Quantity)
		out.Quantity = &q
	case cell.ID == 0:
		out.Text = strings.ToLower(cell.Text)
	}
	return out
}

// names reports whether a column says what a row is of, not what is so of it.
func (r Result) names(c Column) bool {
	if r.Query.Shape == ShapeDeals {
		return c.Name == ColumnID || c.Name == ColumnCurrency
	}
	return c.Unit == ""
}

// NameColumns are the columns that name a row; its currency stands beside its
// amounts.
func (r Result) NameColumns() []Column {
	return slices.DeleteFunc(slices.Clone(r.Columns), func(c Column) bool { return !r.heads(c) })
}

func (r Result) heads(c Column) bool {
	return c.Name != ColumnCurrency && (r.names(c) || c.Name == ColumnDeal && r.Query.Shape == ShapeDeals)
}

// namesIn is all that a key tells of the names of its row.
func (r Result) namesIn(key string) []Cell {
	var out []Cell
	if r.Query.Shape == ShapeDeals {
		out = append(out, Cell{})
	}
	parts := strings.Split(key, keyPart)
	for range r.NameColumns()[len(out):] {
		out, parts = append(out, Cell{Text: parts[0]}), parts[1:]
	}
	return out
}

// keyPart stands between the parts of a key.
const keyPart = "\x1f"

// keys tell rows from each other. Where several are of one thing, as visits are
// of a deal, they are told apart by their order.
func (r Result) keys(rows [][]Cell) []string {
	out, seen := make([]string, len(rows)), map[string]int{}
	for i, row := range rows {
		key := r.keyOf(row)
		if out[i] = key; seen[key] > 0 {
			out[i] += fmt.Sprint(keyPart, seen[key])
		}
		seen[key]++
	}
	return out
}

// keyOf tells what a row is of, whatever it says of it.
func (r Result) keyOf(row []Cell) string {
	var parts []string
	currency := ""
	for i, cell := range row {
		switch c := r.Columns[i]; {
		case cell.Quantity != nil:
			if currency == "" && r.Query.Shape != ShapeDeals { // a deal is one, whatever its currency
				currency = cell.Quantity.Currency
			}
		case r.names(c) && c.Name != ColumnCurrency:
			parts = append(parts, strings.TrimSuffix(rowText([]Cell{cell}), "\x00"))
		}
	}
	return strings.Join(append(parts, currency), keyPart)
}

// RowChange is a cell of which two answers say different things. Of a row that
// only one of them has, it is the cell by which it counts.
type RowChange struct {
	Key     string
	Row     []Cell // what names the row, a cell for each of the Result's NameColumns
	Column  Column // of the cell; empty: the row itself
	Was, Is *Cell  // nil: there is no such row
}

// RowChanges lists the cells in which another answer to the same question
// differs: in the order of the rows of this one, then of those that only the
// other has.
func (r Result) RowChanges(is Result) []RowChange {
	return rowChanges(r.lined(), is.lined())
}

// Differ lists the cells in which a Result differs from what was said, of the
// rows that are kept.
func (s Said) Differ(is Result) []RowChange {
	names := map[SaidCell]string{}
	for _, row := range is.Rows {
		for i, cell := range row {
			names[SaidCell{Column: is.Columns[i].Name, ID: cell.ID}] = cell.Text
		}
	}
	was := make([]lined, len(s.Kept))
	for i, row := range s.Kept {
		was[i].key, was[i].names = row.Key, is.namesIn(row.Key)
		for _, said := range row.Cells {
			cell := Cell{ID: said.ID, Text: said.Text}
			if said.Quantity != nil {
				q := said.Quantity.Quantity()
				cell.Quantity = &q
			} else if said.ID != 0 {
				cell.Text = names[SaidCell{Column: said.Column, ID: said.ID}]
			}
			column := Column{Name: said.Column}
			if at := slices.IndexFunc(is.Columns, func(c Column) bool { return c.Name == said.Column }); at >= 0 {
				column = is.Columns[at]
			}
			was[i].cells = append(was[i].cells, told{column, cell, said})
		}
	}
	now := is.lined()
	if len(was) == RowsKept { // what came after them is not known
		now = slices.DeleteFunc(now, func(l lined) bool {
			return !slices.ContainsFunc(was, func(w lined) bool { return w.key == l.key })
		})
	}
	return rowChanges(was, now)
}

// lined is a row with what it is of apart from what it says.
type lined struct {
	key   string
	names []Cell
	cells []told
}

// told is what a row says in one column, as people read it and as it is kept.
type told struct {
	column Column
	cell   Cell
	said   SaidCell
}

func (r Result) lined() []lined {
	out, keys := make([]lined, len(r.Rows)), r.keys(r.Rows)
	for i, row := range r.Rows {
		out[i].key = keys[i]
		for j, cell := range row {
			c := r.Columns[j]
			if r.heads(c) {
				out[i].names = append(out[i].names, cell)
			}
			if !r.names(c) {
				out[i].cells = append(out[i].cells, told{c, cell, saidCell(c, cell)})
			}
		}
	}
	return out
}

func rowChanges(was, is []lined) []RowChange {
	now := make(map[string]lined, len(is))
	for _, l := range is {
		now[l.key] = l
	}
	var out []RowChange
	for _, before := range was {
		after, there := now[before.key]
		delete(now, before.key)
		if !there {
			column, cell := before.counts()
			out = append(out, RowChange{Key: before.key, Row: before.names, Column: column, Was: cell})
			continue
		}
		for _, b := range before.cells {
			i := slices.IndexFunc(after.cells, func(a told) bool { return a.column.Name == b.column.Name })
			if i >= 0 && !b.said.equal(after.cells[i].said) {
				out = append(out, RowChange{Key: before.key, Row: after.names, Column: after.cells[i].column, Was: &b.cell, Is: &after.cells[i].cell})
			}
		}
	}
	for _, after := range is {
		if _, only := now[after.key]; only {
			column, cell := after.counts()
			out = append(out, RowChange{Key: after.key, Row: after.names, Column: column, Is: cell})
		}
	}
	return out
}

// counts is the cell by which a row counts: the last quantity of a part, the
// first of any other row.
func (l lined) counts() (Column, *Cell) {
	i := slices.IndexFunc(l.cells, func(t told) bool { return t.cell.Quantity != nil })
	if last := len(l.cells) - 1; i >= 0 && l.cells[i].column.Name == ColumnDeals {
		i = last
	}
	if i < 0 {
		return Column{}, &Cell{Text: yes}
	}
	return l.cells[i].column, &l.cells[i].cell
}

func (c SaidCell) equal(other SaidCell) bool {
	if c.Quantity == nil || other.Quantity == nil {
		return c == other
	}
	return *c.Quantity == *other.Quantity
}
