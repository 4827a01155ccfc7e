package handlers

import (
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// composeDeals says what the Result of a list of deals says.
func (d *Desk) composeDeals(m *metric.Metric, result metric.Result, reading ask.Reading) Answer {
	q := result.Query
	return Answer{
		Status:   Answered,
		Query:    &q,
		Headline: d.dealsHeadline(m, result),
		Figures:  figures(m, result),
		Table:    d.dealsTable(m, result),
		Notes:    d.notes(m, result, reading),
		Choices:  d.nextDeals(m, result),
	}
}

// dealsHeadline says how many deals there are, of how many that the viewer may
// not all see, and what they add up to.
func (d *Desk) dealsHeadline(m *metric.Metric, result metric.Result) string {
	what := m.Label + subject(result.Query) + ", " + d.whenWords(m, result)
	noun := m.ListedFact()
	parts, of := []string{plural(Count(result.Facts), noun)}, ": what "
	switch listing := result.Listing; {
	case result.Narrowed && listing.Told:
		parts, of = []string{Count(result.Facts) + " of " + plural(Count(listing.Whole), noun), "those you may see"}, ": of what "
	case result.Narrowed:
		parts, of = append(parts, "those you may see"), ": of what "
	case result.Facts == 0:
		return what + ": no " + metric.Plural(noun) + " to list."
	}
	if result.Facts > 0 && m.Unit != metric.UnitCount {
		words := make([]string, len(result.Figures))
		for i, f := range result.Figures {
			words[i] = wordsWithDetail(f.Quantity)
		}
		parts = append(parts, joinAnd(words))
	}
	return strings.Join(parts, ", ") + of + what + ", counts."
}

// dealsTable is a row a deal. Where no deal has a name, its id stands for it and
// is not said twice.
func (d *Desk) dealsTable(m *metric.Metric, result metric.Result) *Table {
	t := &Table{Title: sentenceStart(metric.Plural(m.ListedFact())) + " behind " + m.Label, Total: result.Total}
	last := len(result.Columns) - 1
	if !slices.ContainsFunc(result.Rows, func(row []metric.Cell) bool { return row[0].Text != row[last].Text }) {
		last--
	}
	for _, c := range result.Columns[:last+1] {
		t.Columns = append(t.Columns, Column{Column: c, Label: d.dealColumnLabel(m, c)})
	}
	for _, row := range result.Rows {
		cells := slices.Clone(row[:last+1])
		for i, c := range t.Columns {
			if day, err := time.Parse(time.DateOnly, cells[i].Text); err == nil && isDay(c) {
				cells[i].Label = Day(day)
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	t.bringForward(metric.FieldAmount)
	t.bringForward("currency")
	return t
}

// bringForward puts a column, if there is one of that name, behind the first:
// a narrow screen shows the columns on the left.
func (t *Table) bringForward(name string) {
	at := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if at < 0 {
		return
	}
	t.Columns = second(t.Columns, at)
	for i, row := range t.Rows {
		t.Rows[i] = second(row, at)
	}
}

// second moves the item at an index behind the first.
func second[T any](items []T, at int) []T {
	moved := items[at]
	return slices.Insert(slices.Delete(items, at, at+1), 1, moved)
}

// isDay reports whether a column holds the day a fact is listed under.
func isDay(c Column) bool { return strings.HasSuffix(c.Name, "_on") }

func (d *Desk) dealColumnLabel(m *metric.Metric, c metric.Column) string {
	switch {
	case c.Name == metric.ColumnID:
		return "ID"
	case c.Name == metric.ColumnWasClose:
		return "Close date then"
	case c.Name == string(metric.PartOpening) || c.Name == string(metric.PartClosing):
		return partLabels[metric.Part(c.Name)]
	case c.Name == "starts_on":
		return "First day"
	case c.Name == "happened_on":
		return "Date"
	case c.Name == metric.FieldSilence:
		return "Silent for"
	case c.Name == "response_hours":
		return "Answered after"
	case c.Name == "working_response_hours":
		return "Answered after, in working hours"
	case c.Name == metric.ColumnDeal && m.CountsDeals():
		return sentenceStart(m.ListedFact())
	}
	if day, ok := strings.CutSuffix(c.Name, "_on"); ok {
		return d.dimensionLabel(day) + " date"
	}
	return d.columnLabel(c)
}

// shownWords say which of the deals are shown, and what the others add up to.
func shownWords(m *metric.Metric, result metric.Result) []string {
	listing, shown := result.Listing, len(result.Rows)
	all := plural(Count(int64(result.Total)), m.ListedFact())
	switch {
	case result.Total == 0:
		return nil
	case shown == 0:
		return []string{"There are only " + all + "."}
	}
	order := map[metric.Order]string{
		metric.Ascending: "the lowest amounts first", metric.Latest: "the latest first", metric.Earliest: "the earliest first",
	}[result.Query.Order]
	switch {
	case order == "" && m.ListsAmounts():
		order = "the highest amounts first"
	case order == "" || result.Query.Order == metric.Ascending && !m.ListsAmounts():
		order = "in the order of their ids"
	}
	if result.Total == 1 {
		return nil // the headline says that there is one
	}
	if shown == result.Total {
		return []string{"All " + all + " are shown, " + order + "."}
	}
	words := "Showing " + Count(int64(listing.Before+1)) + " to " + Count(int64(listing.Before+shown)) + " of " + all + ", " + order
	others := make([]string, 0, len(listing.Rest))
	for _, rest := range listing.Rest {
		if rest.Value != nil && m.Unit != metric.UnitCount {
			others = append(others, restWords(rest))
		}
	}
	if len(others) == 0 {
		return []string{words + "."}
	}
	return []string{words + "; the other " + Count(int64(result.Total-shown)) + ": " + joinAnd(others) + "."}
}

// restWords write what some deals add up to: of a rate only the k of n, since how
// sure it is would be said of other deals than those asked about.
func restWords(q metric.Quantity) string {
	if q.K != nil {
		return Words(q) + " (" + Count(*q.K) + " of " + Count(*q.N) + ")"
	}
	return wordsWithDetail(q)
}

// nextDeals offers the next page of a list, and the figure it is behind.
func (d *Desk) nextDeals(m *metric.Metric, result metric.Result) []Choice {
	return append(d.pages(result), d.offer(m.Label, figureOf(result.Query)), definitionOf(m))
}

// pages offers the next page of a list, and the list by day.
func (d *Desk) pages(result metric.Result) []Choice {
	var choices []Choice
	q := result.Query
	if left := result.Total - result.Listing.Before - len(result.Rows); left > 0 && len(result.Rows) > 0 {
		next := q
		next.Offset += q.Limit
		choices = append(choices, d.offer("Next "+Count(int64(min(left, q.Limit))), next))
	}
	if q.Order != metric.Latest && len(result.Rows) > 1 {
		latest := q
		latest.Order, latest.Offset = metric.Latest, 0
		choices = append(choices, d.offer("Latest first", latest))
	}
	return choices
}

// figureOf is the figure that counts the deals of a list.
func figureOf(q metric.Query) metric.Query {
	q.Shape, q.Order, q.Limit, q.Offset = metric.ShapeFigure, "", 0, 0
	return q
}

// offerDeals adds to the next questions what a figure counts, one by one, for
// whom that may be listed.
func (d *Desk) offerDeals(who asker, r Request, m *metric.Metric, result metric.Result, choices []Choice) []Choice {
	q := result.Query
	if q.Shape != metric.ShapeFigure || q.Stood || result.Facts == 0 || len(choices) == 0 {
		return choices
	}
	q.Shape, q.By, q.Order, q.Limit = metric.ShapeDeals, nil, "", 0
	q.Compare, q.Then, q.Share, q.Having = "", time.Time{}, "", nil
	noun, show := "", "Show "
	if len(result.Query.Having) > 0 {
		show = "Show all " // those of the rows that are not kept as well
	}
	for _, of := range m.Listed() {
		if _, err := d.Catalog.Compile(behind(q, of), who.viewer, d.Company, r.At); err != nil {
			return choices
		}
		noun = of.ListedFact()
	}
	if noun == "" {
		return choices
	}
	return slices.Insert(slices.Clone(choices), len(choices)-1, d.offer(show+metric.Plural(noun), q))
}

// behind is a list of deals of one of the metrics that a metric is made of.
func behind(q metric.Query, of *metric.Metric) metric.Query {
	q.Metric = of.Name
	if !of.ByCurrency() {
		q.In = ""
	}
	return q
}

// dealsOfWhich asks back whose deals are meant, where a list is of a metric that
// is made of several; the figures of each add up to what it is made of.
func (d *Desk) dealsOfWhich(q metric.Query) (reply, bool) {
	m, ok := d.Catalog.Metric(q.Metric)
	if !ok || q.Shape != metric.ShapeDeals || m.CountsDeals() || len(m.Listed()) == 0 {
		return reply{}, false
	}
	if q.Perspective == "" {
		q.Perspective = m.Perspective // the map that the figure is drawn on
	}
	a := Answer{Status: AskedBack, Headline: m.Label + " is made of several figures. Which of them do you want to see behind?"}
	for _, of := range m.Listed() {
		a.Choices = append(a.Choices, d.offer(of.Label, behind(q, of)))
	}
	return reply{Answer: a}, true
}
