package handlers

import (
	"slices"
	"strings"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// composePart says which deals are in one part of what changed, and what they add
// to it.
func (d *Desk) composePart(m *metric.Metric, result metric.Result, reading ask.Reading) Answer {
	q := result.Query
	said := figures(m, result)
	for i := range said {
		said[i].Label = inWhatChanged(m, q)
	}
	return Answer{
		Status:   Answered,
		Query:    &q,
		Headline: d.partHeadline(m, result),
		Figures:  said,
		Table:    d.partTable(m, result),
		Notes:    d.partNotes(m, result, reading),
		Choices:  append(d.pages(result), d.offer("What changed", changeOf(q)), definitionOf(m)),
	}
}

// inWhatChanged names a part of a change.
func inWhatChanged(m *metric.Metric, q metric.Query) string {
	return partLabels[q.Part] + " in what changed in " + lowerFirst(m.Label)
}

func (d *Desk) partHeadline(m *metric.Metric, result metric.Result) string {
	q := result.Query
	what := inWhatChanged(m, q) + subject(q)
	if !q.Period.IsAll() {
		what += ", closing " + periodWords(m, result)
	}
	if len(q.Where) > 0 || !q.Period.IsAll() {
		what += ","
	}
	what += d.sinceWords(q) + ": "
	if notLoaded(result) {
		return what + wordsWithDetail(result.Figures[0].Quantity) + "."
	}
	parts := []string{plural(Count(result.Facts), m.ListedFact())}
	switch listing := result.Listing; {
	case result.Narrowed && listing.Told:
		parts = []string{Count(result.Facts) + " of " + plural(Count(listing.Whole), m.ListedFact()), "those you may see"}
	case result.Narrowed:
		parts = append(parts, "those you may see")
	case result.Facts == 0:
		return what + "no " + metric.Plural(m.ListedFact()) + "."
	}
	if result.Facts > 0 && m.Unit != metric.UnitCount {
		words := make([]string, len(result.Figures))
		for i, f := range result.Figures {
			words[i] = wordsWithDetail(f.Quantity)
		}
		parts = append(parts, joinAnd(words))
	}
	return what + strings.Join(parts, ", ") + "."
}

// partTable is a row a deal, with what it adds under the name of the part.
func (d *Desk) partTable(m *metric.Metric, result metric.Result) *Table {
	if notLoaded(result) {
		return nil
	}
	t := d.dealsTable(m, result)
	t.Title = inWhatChanged(m, result.Query)
	for i, c := range t.Columns {
		if c.Name == metric.ColumnAmount {
			t.Columns[i].Label = partLabels[result.Query.Part]
		}
	}
	return t
}

func (d *Desk) partNotes(m *metric.Metric, result metric.Result, reading ask.Reading) []string {
	notes := []string{readAs(reading)}
	for _, note := range reading.Notes {
		notes = append(notes, sentence(note))
	}
	if notLoaded(result) {
		return append(append(notes, needWords(m, result)...), d.freshness(result))
	}
	notes = append(notes, shownWords(m, result)...)
	if m.Unit == metric.UnitMoney && result.Facts > 0 {
		notes = append(notes, "Opening and closing are what a deal was worth at the two ends, in the currency of its row; what it adds to the part stands beside its name.")
	}
	if result.Narrowed {
		notes = append(notes, "Others' single deals are not yours to see: those are left out that were somebody else's at either end.")
	}
	if result.Unrecorded > 0 {
		notes = append(notes, "In no part, because at which stage they were at an end is not recorded: "+plural(Count(result.Unrecorded), "deal")+".")
	}
	if result.BeforeImports {
		notes = append(notes, "The opening is before the first import: deals are taken as they were first seen, but for what their own histories tell.")
	}
	return append(notes, d.freshness(result))
}

// changeOf is what changed, of which the deals in a part are listed.
func changeOf(q metric.Query) metric.Query {
	q.Shape, q.Part, q.Order, q.Limit, q.Offset = metric.ShapeChange, "", "", 0, 0
	return q
}

// offerParts offers the deals in each part that any are in, those of the two ends
// aside.
func (d *Desk) offerParts(result metric.Result) []Choice {
	var out []Choice
	var offered []metric.Part
	for _, row := range result.Rows {
		part := metric.Part(row[0].Text)
		if isEnd(row) || slices.Contains(offered, part) {
			continue
		}
		q := result.Query
		q.Shape, q.Part = metric.ShapeDeals, part
		out, offered = append(out, d.offer(partLabels[part], q)), append(offered, part)
	}
	return out
}
