package blocks

import (
	"math"

	"github.com/slack-go/slack"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

// paged is the number of rows above which a table is shown in pages.
const (
	paged    = 15
	pageSize = 10
)

// rectangle returns the table with as many cells in each row as it has
// columns, or nil when there is nothing in it.
func rectangle(t *handlers.Table) *handlers.Table {
	if t == nil || len(t.Columns) == 0 || len(t.Rows) == 0 {
		return nil
	}
	out := *t
	out.Columns = make([]handlers.Column, len(t.Columns))
	for i, c := range t.Columns {
		c.Label = cut(orElse(c.Label, "—"), maxCell)
		out.Columns[i] = c
	}
	out.Rows = make([][]metric.Cell, len(t.Rows))
	for i, row := range t.Rows {
		cells := make([]metric.Cell, len(t.Columns))
		copy(cells, row)
		for j := range cells {
			cells[j].Text = cut(clean(cells[j].Text), maxCell)
		}
		out.Rows[i] = cells
	}
	return &out
}

// breakdown shows a table, and says what of it was left out.
func breakdown(t handlers.Table) (slack.Block, []string) {
	var left []string
	if more := len(t.Columns) - maxColumns; more > 0 {
		left = append(left, andMore(more, "column"))
		t = narrow(t, maxColumns)
	}
	rows, limit := maxTableRows, maxTableText
	inPages := len(t.Rows) > paged
	if inPages {
		rows, limit = maxDataRows, maxDataText
	}
	fit := fitting(t, rows-1, limit)
	if more := len(t.Rows) - fit; more > 0 {
		left = append(left, andMore(more, "row"))
		t.Rows = t.Rows[:fit]
	}
	if inPages {
		return dataTable(t), left
	}
	return simpleTable(t), left
}

func narrow(t handlers.Table, columns int) handlers.Table {
	t.Columns = t.Columns[:columns]
	rows := make([][]metric.Cell, len(t.Rows))
	for i, row := range t.Rows {
		rows[i] = row[:columns]
	}
	t.Rows = rows
	return t
}

// fitting counts the rows whose text fits under the head.
func fitting(t handlers.Table, rows, limit int) int {
	used := 0
	for _, c := range t.Columns {
		used += length(c.Label)
	}
	for n, row := range t.Rows {
		for _, c := range row {
			used += length(words(c))
		}
		if n == rows || used > limit {
			return n
		}
	}
	return len(t.Rows)
}

func simpleTable(t handlers.Table) slack.Block {
	table := slack.NewTableBlock("table")
	settings := make([]slack.ColumnSetting, len(t.Columns))
	head := make([]slack.TableCell, len(t.Columns))
	for i, c := range t.Columns {
		settings[i] = slack.ColumnSetting{Align: slack.ColumnAlignmentLeft, IsWrapped: true}
		if c.Unit != "" {
			settings[i] = slack.ColumnSetting{Align: slack.ColumnAlignmentRight}
		}
		head[i] = slack.NewTableRawTextCell(c.Label)
	}
	table.WithColumnSettings(settings...).AddRow(head...)
	for _, row := range t.Rows {
		cells := make([]slack.TableCell, len(row))
		for i, c := range row {
			cells[i] = slack.NewTableRawTextCell(words(c))
		}
		table.AddRow(cells...)
	}
	return table
}

// dataTable shows many rows in pages that people can sort. A column sorts as
// numbers only if all of it is numbers.
func dataTable(t handlers.Table) slack.Block {
	table := slack.NewDataTableBlock(cut(orElse(t.Title, "Breakdown"), maxCaption), slack.DataTableBlockOptionBlockID("table")).
		WithPageSize(pageSize)
	head := make([]slack.DataTableCell, len(t.Columns))
	sortable := make([]bool, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = slack.NewDataTableRawTextCell(c.Label)
		sortable[i] = numeric(t.Rows, i)
	}
	table.AddRow(head...)
	for _, row := range t.Rows {
		cells := make([]slack.DataTableCell, len(row))
		for i, c := range row {
			cells[i] = slack.NewDataTableRawTextCell(words(c))
			if value, ok := number(c.Quantity); ok && sortable[i] {
				cells[i] = slack.NewDataTableRawNumberCell(value).WithText(words(c))
			}
		}
		table.AddRow(cells...)
	}
	return table
}

func numeric(rows [][]metric.Cell, column int) bool {
	for _, row := range rows {
		if _, ok := number(row[column].Quantity); !ok {
			return false
		}
	}
	return true
}

// words writes a cell; it is never blank, which Slack would refuse.
func words(c metric.Cell) string { return cut(orElse(handlers.CellWords(c), "—"), maxCell) }

func isInfinite(f float64) bool { return math.IsInf(f, 0) || math.IsNaN(f) }
