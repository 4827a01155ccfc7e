package handlers

import (
	"math/big"
	"slices"
	"strings"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// composeFactors says from what to what a figure went, and what each of its
// factors added.
func (d *Desk) composeFactors(m *metric.Metric, result metric.Result, reading ask.Reading) Answer {
	q := result.Query
	a := Answer{
		Status:   Answered,
		Query:    &q,
		Headline: strings.TrimSuffix(d.headline(m, withoutInputs(result)), ".") + mainFactors(result) + ".",
		Figures:  figures(m, result),
		Table:    factorsTable(m, result),
		Notes:    d.notes(m, result, reading),
	}
	if a.Table != nil {
		a.Notes = slices.Insert(a.Notes, 1, factorNotes(result)...)
	}
	rows := q
	rows.Shape, rows.By = metric.ShapeFigure, []string{d.usualCut(m)}
	if rows.By[0] != "" {
		a.Choices = append(a.Choices, d.offer("Compared by "+rows.By[0], rows))
	}
	a.Choices = append(a.Choices, definitionOf(m))
	return a
}

// withoutInputs leaves out of the figures what stands in the table of their factors.
func withoutInputs(result metric.Result) metric.Result {
	result.Figures = slices.Clone(result.Figures)
	for i := range result.Figures {
		f, previous := &result.Figures[i], *result.Figures[i].Previous
		f.Inputs, previous.Inputs = nil, nil
		f.Previous = &previous
	}
	return result
}

// mainFactors names the factors that moved the one figure most.
func mainFactors(result metric.Result) string {
	if len(result.Figures) != 1 || result.Figures[0].Change == nil || result.Figures[0].Change.Sign() == 0 {
		return ""
	}
	f := result.Figures[0]
	told := slices.DeleteFunc(slices.Clone(f.Factors), func(of metric.Factor) bool { return of.Adds == nil || of.Adds.Sign() == 0 })
	slices.SortStableFunc(told, func(a, b metric.Factor) int {
		return new(big.Rat).Abs(b.Adds).Cmp(new(big.Rat).Abs(a.Adds))
	})
	var words []string
	for _, of := range told[:min(2, len(told))] {
		words = append(words, lowerFirst(of.Label)+" "+addsWords(f, of))
	}
	if len(words) == 0 {
		return ""
	}
	return "; above all " + joinAnd(words)
}

// addsWords write what a factor adds, of a rate in percentage points.
func addsWords(f metric.Figure, of metric.Factor) string {
	switch {
	case of.Adds == nil:
		return "—"
	case of.Adds.Sign() == 0:
		return "nothing"
	}
	words := Signed(metric.Quantity{Value: of.Adds, Unit: f.Unit, Currency: f.Currency})
	if f.Unit == metric.UnitRatio {
		return inPoints(words)
	}
	return words
}

// factorsTable lists the factors of each figure: before, now, and what they add.
func factorsTable(m *metric.Metric, result metric.Result) *Table {
	t := &Table{Title: "What made " + lowerFirst(m.Label) + " change"}
	own := func(label string) Column { // each factor has its own unit
		return Column{Column: metric.Column{Name: strings.ToLower(label)}, Label: label}
	}
	for _, c := range result.Columns {
		t.Columns = append(t.Columns, Column{Column: c, Label: sentenceStart(c.Name)})
	}
	last := len(t.Columns) - 1
	t.Columns = slices.Insert(t.Columns, last, own("Before"), own("Now"))
	for _, f := range result.Figures {
		for _, of := range f.Factors {
			row := []metric.Cell{{Text: of.Name, Label: of.Label}}
			if last > 1 {
				row = append(row, metric.Cell{Text: f.Currency})
			}
			added := metric.Quantity{Value: of.Adds, Unit: f.Unit, Currency: f.Currency}
			t.Rows = append(t.Rows, append(row, metric.Cell{Quantity: &of.Previous}, metric.Cell{Quantity: &of.Now}, metric.Cell{Quantity: &added, Label: addsWords(f, of)}))
		}
	}
	if t.Total = len(t.Rows); t.Total == 0 {
		return nil
	}
	return t
}

// factorNotes say how what is added was shared out, or why it was not.
func factorNotes(result metric.Result) []string {
	untold := slices.ContainsFunc(result.Figures, func(f metric.Figure) bool {
		return slices.ContainsFunc(f.Factors, func(of metric.Factor) bool { return of.Adds == nil })
	})
	if untold {
		return []string{"What each factor adds cannot be told where one of them is unknown, nought or less."}
	}
	if !result.Figures[0].Multiplied() {
		return nil
	}
	return []string{"The change is shared out by how much each factor grew or shrank (in logarithms), so that no order of them is preferred; together they are the change."}
}
