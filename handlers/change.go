package handlers

import (
	"math/big"
	"slices"
	"strings"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// composeChange says what made a figure change: from what to what, by which parts
// most of all, and in a table all of them.
func (d *Desk) composeChange(m *metric.Metric, result metric.Result, reading ask.Reading) Answer {
	q := result.Query
	table := d.partsTable(m, result)
	if len(q.By) > 0 {
		table = d.rowsTable(m, result)
	}
	return Answer{
		Status:   Answered,
		Query:    &q,
		Headline: d.changeHeadline(m, result),
		Figures:  figures(m, result),
		Table:    table,
		Notes:    d.changeNotes(m, result, reading),
		Choices:  d.afterChange(m, result),
	}
}

func (d *Desk) changeHeadline(m *metric.Metric, result metric.Result) string {
	q, what := result.Query, m.Label+subject(result.Query)
	if !q.Period.IsAll() {
		what += ", closing " + periodWords(m, result)
	}
	since := d.sinceWords(q)
	if what != m.Label {
		what += ","
	}
	if notLoaded(result) {
		return what + since + ": " + wordsWithDetail(result.Figures[0].Quantity) + "."
	}
	if result.Facts == 0 {
		return what + since + ": no " + m.Fact + "s to count at either end."
	}
	words := make([]string, len(result.Figures))
	for i, f := range result.Figures {
		words[i] = movedWords(f, since)
		if len(q.By) > 0 {
			words[i] += d.mainRows(result, f.Currency)
		} else {
			words[i] += mainParts(result, f.Currency)
		}
		since = ""
	}
	return what + " " + strings.Join(words, "; ") + "."
}

// sinceWords name the two ends of a change.
func (d *Desk) sinceWords(q metric.Query) string {
	if q.AsOf.IsZero() {
		return " since " + d.standingAt(q.Then)
	}
	return " from " + d.standingAt(q.Then) + ", to " + d.standingAt(q.AsOf)
}

// movedWords say from what to what a figure moved.
func movedWords(f metric.Figure, since string) string {
	ends := "from " + wordsWithDetail(*f.Previous) + " to " + wordsWithDetail(f.Quantity)
	switch {
	case f.Change == nil:
		return "went" + since + " " + ends
	case f.Change.Sign() == 0:
		return "stands" + since + " unchanged at " + wordsWithDetail(f.Quantity)
	}
	verb := "rose by "
	if f.Change.Sign() < 0 {
		verb = "fell by "
	}
	return verb + Words(metric.Quantity{Value: new(big.Rat).Abs(f.Change), Unit: f.Unit, Currency: f.Currency}) + since + ", " + ends
}

// mainParts names the two parts that moved a figure most.
func mainParts(result metric.Result, currency string) string {
	rows := slices.DeleteFunc(slices.Clone(result.Rows), func(row []metric.Cell) bool {
		last := row[len(row)-1].Quantity
		return isEnd(row) || last.Currency != currency || last.Value == nil || last.Value.Sign() == 0
	})
	size := func(row []metric.Cell) *big.Rat { return new(big.Rat).Abs(row[len(row)-1].Quantity.Value) }
	slices.SortStableFunc(rows, func(a, b []metric.Cell) int { return size(b).Cmp(size(a)) })
	var words []string
	for _, row := range rows[:min(2, len(rows))] {
		words = append(words, strings.ToLower(partLabels[metric.Part(row[0].Text)])+" "+Words(*row[len(row)-1].Quantity))
	}
	if len(words) == 0 {
		return ""
	}
	return ": above all " + joinAnd(words)
}

func isEnd(row []metric.Cell) bool {
	return row[0].Text == string(metric.PartOpening) || row[0].Text == string(metric.PartClosing)
}

// partLabels are what people read for the parts.
var partLabels = map[metric.Part]string{
	metric.PartOpening:       "Opening",
	metric.PartCreated:       "Created",
	metric.PartPulledIn:      "Pulled in",
	metric.PartIncreased:     "Increased",
	metric.PartReopened:      "Reopened",
	metric.PartMatched:       "Came to match",
	metric.PartReassignedIn:  "Reassigned in",
	metric.PartMovedIn:       "Moved in",
	metric.PartWon:           "Won",
	metric.PartLost:          "Lost",
	metric.PartDecreased:     "Decreased",
	metric.PartPushedOut:     "Pushed out",
	metric.PartUnmatched:     "No longer match",
	metric.PartReassignedOut: "Reassigned out",
	metric.PartMovedOut:      "Moved out",
	metric.PartDeleted:       "Deleted",
	metric.PartUnrecorded:    "Left, not recorded how",
	metric.PartClosing:       "Closing",
}

// partsTable lists the parts, those that no deal is in left out.
func (d *Desk) partsTable(m *metric.Metric, result metric.Result) *Table {
	if result.Facts == 0 {
		return nil
	}
	t := &Table{Title: "What changed in " + lowerFirst(m.Label), Total: result.Total}
	for _, c := range result.Columns {
		t.Columns = append(t.Columns, Column{Column: c, Label: d.dimensionLabel(c.Name)})
	}
	for _, row := range result.Rows {
		row = slices.Clone(row)
		row[0].Label = partLabels[metric.Part(row[0].Text)]
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (d *Desk) changeNotes(m *metric.Metric, result metric.Result, reading ask.Reading) []string {
	notes := []string{readAs(reading)}
	for _, note := range reading.Notes {
		notes = append(notes, sentence(note))
	}
	if notLoaded(result) {
		return append(append(notes, needWords(m, result)...), d.freshness(result))
	}
	notes = append(notes, plural(Count(result.Facts), m.Fact)+" counted at either end or both; those that came and went in between are in neither.")
	if m.Unit == metric.UnitMoney && result.Facts > 0 {
		notes = append(notes, "What came in is told by its amount at the closing; what left, and what only changed hands, by that at the opening.")
	}
	if len(result.Query.By) > 0 && result.Facts > 0 {
		notes = append(notes, d.rowsNotes(result)...)
	}
	if result.Narrowed {
		notes = append(notes, "Others' single figures are not yours to see, and are left out.")
	}
	if slices.ContainsFunc(result.Rows, func(row []metric.Cell) bool {
		return row[0].Text == string(metric.PartMatched) || row[0].Text == string(metric.PartUnmatched)
	}) {
		notes = append(notes, "Matching: became, or are no longer, what the question keeps of stages, products, amounts and the like.")
	}
	if result.Unrecorded > 0 {
		notes = append(notes, "Not counted at an end, because at which stage they were then is not recorded: "+plural(Count(result.Unrecorded), "deal")+".")
	}
	if result.BeforeImports {
		notes = append(notes, "The opening is before the first import: deals are taken as they were first seen, but for what their own histories tell.")
	}
	return append(notes, d.freshness(result))
}

// afterChange offers the deals in each part that any are in and the change by
// territory or, where it is broken down, that of the row that moved most and of the
// whole; and what the figure means.
func (d *Desk) afterChange(m *metric.Metric, result metric.Result) []Choice {
	q := result.Query
	if len(q.By) > 0 {
		return append(d.rowAlone(result), d.offer("All of it", inAll(q)), definitionOf(m))
	}
	choices := d.offerParts(result)
	q.By = []string{"territory"}
	return append(choices, d.offer("By territory", q), definitionOf(m))
}

// whyChanged offers what made a figure change that is set against how it stood.
func (d *Desk) whyChanged(m *metric.Metric, q metric.Query) []Choice {
	switch {
	case q.Share != "" || q.Stood:
		return nil
	case q.Compare == metric.CompareThen && m.TellsChange():
		q.Shape, q.In = metric.ShapeChange, ""
	case q.Compare != "" && m.HasFactors():
		q.Shape = metric.ShapeFactors
	default:
		return nil
	}
	q.By, q.Order, q.Limit = nil, "", 0
	return []Choice{d.offer("What changed", q)}
}
