package handlers

import (
	"encoding/csv"
	"io"
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// CSV writes the table of an Answer or, if it has none, its figures, under the
// names of the JSON contract: values as exact decimals, days as ISO dates,
// nothing where nothing is known. Amounts have their currency in a column. A
// text that a spreadsheet would take for a formula has an apostrophe before it.
func CSV(to io.Writer, a Answer) error {
	w := csv.NewWriter(to)
	rows := figureRows(a.Figures)
	if a.Table != nil {
		rows = tableRows(*a.Table)
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return w.Error()
}

func figureRows(all []Figure) [][]string {
	rows := [][]string{{"figure", "value", "unit", "currency"}}
	for _, f := range all {
		rows = append(rows, []string{harmless(f.Label), decimalOrNone(f.Quantity), string(f.Unit), f.Currency})
	}
	return rows
}

func tableRows(t Table) [][]string {
	currencyAt, currency := currencyColumn(t)
	head := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = c.Name
	}
	rows := [][]string{head}
	for _, row := range t.Rows {
		cells := make([]string, len(row))
		for i, c := range row {
			switch {
			case c.Quantity != nil:
				cells[i] = decimalOrNone(*c.Quantity)
			case c.Text != metric.None || c.ID != 0:
				cells[i] = harmless(c.Text)
			}
		}
		rows = append(rows, cells)
	}
	if currencyAt < 0 {
		return rows
	}
	for i := range rows {
		value := currency
		if i == 0 {
			value = metric.ColumnCurrency
		}
		rows[i] = slices.Insert(rows[i], currencyAt, value)
	}
	return rows
}

// currencyColumn is where a table whose amounts are all in one currency is to
// say it, or -1.
func currencyColumn(t Table) (at int, currency string) {
	if slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Name == metric.ColumnCurrency }) {
		return -1, ""
	}
	at = slices.IndexFunc(t.Columns, func(c Column) bool { return c.Currency != "" })
	if at < 0 {
		return -1, ""
	}
	return at, t.Columns[at].Currency
}

func decimalOrNone(q metric.Quantity) string {
	if text := Decimal(q.Value); text != nil {
		return *text
	}
	return ""
}

// harmless writes a text so that no spreadsheet computes it.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r\n", rune(text[0])) {
		return "'" + text
	}
	return text
}
