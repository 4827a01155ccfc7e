package handlers

import (
	"encoding/json"
	"math/big"
	"strings"

	"salesbot/insights/metric"
)

// decimals is how many places a value that does not end is cut to, rounded
// half away from zero. Money, counts and shares of a few deals end before.
const decimals = 10

type answerJSON struct {
	Status   Status        `json:"status"`
	Code     string        `json:"code"`
	Query    *metric.Query `json:"query"`
	Headline string        `json:"headline"`
	Figures  []figureJSON  `json:"figures"`
	Table    *tableJSON    `json:"table"`
	Notes    []string      `json:"notes"`
	Choices  []choiceJSON  `json:"choices"`
	Receipt  string        `json:"receipt"`
}

type figureJSON struct {
	Label    string      `json:"label"`
	Value    *string     `json:"value"`
	Unit     metric.Unit `json:"unit"`
	Currency *string     `json:"currency"`
	K        *int64      `json:"k"`
	N        *int64      `json:"n"`
	Known    *int64      `json:"known"`
	Of       *int64      `json:"of"`
	Previous *string     `json:"previous"`
	Change   *string     `json:"change"`
	Reason   *string     `json:"reason"`
	Longer   *string     `json:"longer_than,omitempty"`
}

type tableJSON struct {
	Columns   []columnJSON `json:"columns"`
	Rows      [][]any      `json:"rows"`
	TotalRows int          `json:"total_rows"`
}

type columnJSON struct {
	Name     string       `json:"name"`
	Unit     *metric.Unit `json:"unit"`
	Currency *string      `json:"currency"`
}

type choiceJSON struct {
	Label   string `json:"label"`
	Command string `json:"command"`
}

// MarshalJSON writes the stable contract of `salesbot ask --json`: values are
// exact decimal strings in major units, ratios from 0 to 1, null for unknown.
func (a Answer) MarshalJSON() ([]byte, error) {
	out := answerJSON{
		Status: a.Status, Code: a.Code, Query: a.Query, Headline: a.Headline, Receipt: a.Receipt,
		Figures: make([]figureJSON, len(a.Figures)), Notes: a.Notes, Choices: make([]choiceJSON, len(a.Choices)),
		Table: a.Table.json(),
	}
	if out.Notes == nil {
		out.Notes = []string{}
	}
	for i, f := range a.Figures {
		out.Figures[i] = f.json()
	}
	for i, c := range a.Choices {
		out.Choices[i] = choiceJSON(c)
	}
	return json.Marshal(out)
}

func (f Figure) json() figureJSON {
	out := figureJSON{
		Label: f.Label, Value: Decimal(f.Value), Unit: f.Unit, Currency: unlessEmpty(f.Currency), Reason: unlessEmpty(f.Reason),
		K: f.K, N: f.N, Known: f.Known, Of: f.Of, Change: Decimal(f.Change), Longer: Decimal(f.Longer),
	}
	if f.Previous != nil {
		out.Previous = Decimal(f.Previous.Value)
	}
	return out
}

func (t *Table) json() *tableJSON {
	if t == nil {
		return nil
	}
	out := &tableJSON{Columns: make([]columnJSON, len(t.Columns)), Rows: make([][]any, len(t.Rows)), TotalRows: t.Total}
	for i, c := range t.Columns {
		out.Columns[i] = columnJSON{Name: c.Name, Unit: unlessEmpty(c.Unit), Currency: unlessEmpty(c.Currency)}
	}
	for i, row := range t.Rows {
		out.Rows[i] = make([]any, len(row))
		for j, cell := range row {
			out.Rows[i][j] = cell.Text
			if cell.Quantity != nil {
				out.Rows[i][j] = Decimal(cell.Quantity.Value)
			}
		}
	}
	return out
}

// Decimal writes a value as the shortest decimal string; nil stays nil.
func Decimal(value *big.Rat) *string {
	if value == nil {
		return nil
	}
	text := value.FloatString(decimals)
	text = strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
	if text == "-0" {
		text = "0"
	}
	return &text
}

func unlessEmpty[T ~string](text T) *T {
	if text == "" {
		return nil
	}
	return &text
}
