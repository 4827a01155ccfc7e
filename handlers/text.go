package handlers

import (
	"strings"
	"unicode/utf8"
)

// Text writes an Answer as plain text that stands alone: for the terminal, for
// notifications and for screen readers.
func Text(a Answer) string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(a.Headline)
	if a.Retracted != "" {
		add("No longer: “" + a.Retracted + "”")
	}
	if a.Table != nil && len(a.Table.Rows) > 0 {
		add(TableText(*a.Table.Readable()))
	}
	for _, l := range a.Links {
		add(l.Label + ": " + l.URL)
	}
	add(strings.Join(a.Notes, "\n"))
	add(choicesText(a.Choices))
	return strings.Join(parts, "\n\n")
}

// TableText writes a table in aligned columns, quantities to the right.
func TableText(t Table) string {
	lines := make([][]string, 0, len(t.Rows)+1)
	header := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = c.Label
	}
	lines = append(lines, header)
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			cells[i] = CellWords(c)
		}
		lines = append(lines, cells)
	}
	widths := make([]int, len(t.Columns))
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for n, line := range lines {
		if n > 0 {
			b.WriteByte('\n')
		}
		padded := make([]string, len(line))
		for i, cell := range line {
			padded[i] = pad(cell, widths[i], t.Columns[i].Unit != "")
		}
		b.WriteString(strings.TrimRight(strings.Join(padded, "  "), " "))
	}
	return b.String()
}

func choicesText(choices []Choice) string {
	if len(choices) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("Try:")
	for _, c := range choices {
		b.WriteString("\n  " + c.Command)
	}
	return b.String()
}
