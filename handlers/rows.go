package handlers

import (
	"math/big"
	"slices"
	"strings"

	"salesbot/insights/metric"
)

// keptWords say how many rows are kept by their value, and what the whole is: "3 of
// 6 people have quota attainment under 50 %, …".
func (d *Desk) keptWords(m *metric.Metric, result metric.Result, whole string) string {
	kept := result.Kept
	count, have := Count(int64(kept.Rows)), " have "
	if kept.Rows == 1 {
		have = " has "
	}
	if kept.Rows == 0 {
		count, have = "None", " has "
	}
	if kept.Few+kept.Unknown+kept.Foreign == kept.Of && kept.Of > 0 {
		return "None of " + d.rowsWords(result, kept.Of) + " can be judged by " + lowerFirst(m.Label) + subject(result.Query) + ", " + d.whenWords(m, result) + "."
	}
	all := titled(m, result)
	if !result.Narrowed {
		all += " of all"
	}
	what := lowerFirst(m.Label) + " " + d.boundsWords(m, result.Query)
	if m.Unit == metric.UnitCount {
		what = d.boundsWords(m, result.Query) + " " + lowerFirst(m.Label)
	}
	return count + " of " + d.rowsWords(result, kept.Of) + have + what + subject(result.Query) +
		", " + d.whenWords(m, result) + ". " + all + ": " + whole + "."
}

// rowsWords name so many rows by what they are of.
func (d *Desk) rowsWords(result metric.Result, n int) string {
	noun, nouns := "row", "rows"
	if by, ok := d.Catalog.Dimension(result.Query.By[0]); ok && len(result.Query.By) == 1 && len(result.Figures) == 1 {
		noun, nouns = strings.ToLower(by.Label), by.Plural
		if nouns == "" {
			nouns = metric.Plural(noun)
		}
	}
	if n == 1 {
		nouns = noun
	}
	return Count(int64(n)) + " " + nouns
}

// boundsWords say the values of the rows that are kept.
func (d *Desk) boundsWords(m *metric.Metric, q metric.Query) string {
	words := make([]string, len(q.Having))
	for i, b := range q.Having {
		value := Words(d.boundOf(m, q, b))
		if whole, ok := strings.CutSuffix(value, ".00 %"); ok {
			value = whole + " %"
		}
		words[i] = boundWords[b.Op] + " " + value
		if m.Unit == metric.UnitCount {
			words[i] = countWords[b.Op] + " " + value
		}
	}
	return joinAnd(words)
}

var boundWords = map[metric.Op]string{metric.Lt: "under", metric.Lte: "of at most", metric.Gt: "over", metric.Gte: "of at least"}

var countWords = map[metric.Op]string{metric.Lt: "fewer than", metric.Lte: "at most", metric.Gt: "more than", metric.Gte: "at least"}

// boundOf is a bound as a quantity of the metric.
func (d *Desk) boundOf(m *metric.Metric, q metric.Query, b metric.Bound) metric.Quantity {
	value, _ := new(big.Rat).SetString(b.Value)
	return metric.Quantity{Value: value, Unit: m.Unit, Currency: q.BoundCurrency(d.Company)}
}

// keptNotes say which rows were not judged and why, that whoever has nothing is in
// no row, and that what reads like a bound may not be it.
func (d *Desk) keptNotes(m *metric.Metric, result metric.Result) []string {
	kept := result.Kept
	if kept == nil {
		return nil
	}
	var notes []string
	unjudged := func(n int, why string) {
		if n > 0 {
			notes = append(notes, "Not judged: "+d.rowsWords(result, n)+", "+why+".")
		}
	}
	unjudged(kept.Few, "as a rate of so few "+metric.Plural(m.Fact)+" says little")
	unjudged(kept.Unknown, "as there is no value")
	unjudged(kept.Foreign, "as amounts are compared in "+result.Query.BoundCurrency(d.Company)+" and these are not in it")
	if d.keepsBelow(result.Query) {
		notes = append(notes, "Only those with such "+metric.Plural(m.Fact)+" are rows: whoever has none is not among them.")
	}
	if d.readsLikeBound(m, result) {
		notes = append(notes, "Rows are kept by their exact values: some that read like the bound are a little above or below it.")
	}
	if len(result.Rows) < kept.Rows {
		notes = append(notes, "Showing "+Count(int64(len(result.Rows)))+" of the "+d.rowsWords(result, kept.Rows)+" that are kept.")
	}
	return notes
}

// keepsBelow reports whether rows of other things than time are kept that are below
// something: the least of all has none, and is in no row.
func (d *Desk) keepsBelow(q metric.Query) bool {
	above := func(b metric.Bound) bool { return b.Op == metric.Gt || b.Op == metric.Gte }
	return !slices.ContainsFunc(q.Having, above) && !slices.ContainsFunc(q.By, d.isStep)
}

// readsLikeBound reports whether a row that is shown reads like a bound without
// being it.
func (d *Desk) readsLikeBound(m *metric.Metric, result metric.Result) bool {
	for _, b := range result.Query.Having {
		bound := d.boundOf(m, result.Query, b)
		like := func(c metric.Cell) bool {
			return c.Quantity != nil && c.Quantity.Value != nil && c.Quantity.Value.Cmp(bound.Value) != 0 && Words(*c.Quantity) == Words(bound)
		}
		if slices.ContainsFunc(result.Rows, func(row []metric.Cell) bool { return slices.ContainsFunc(row, like) }) {
			return true
		}
	}
	return false
}

// allRows offers the rows that are not kept beside those that are.
func (d *Desk) allRows(result metric.Result) []Choice {
	q := result.Query
	if q.Having == nil {
		return nil
	}
	q.Having, q.Limit = nil, 0
	return []Choice{d.offer("All "+d.rowsWords(result, result.Kept.Of), q)}
}
