package handlers

import (
	"cmp"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// compose says what a Result says. It formats; it computes nothing.
func (d *Desk) compose(m *metric.Metric, result metric.Result, reading ask.Reading) Answer {
	if result.Query.Part != "" {
		return d.composePart(m, result, reading)
	}
	if result.Listing != nil {
		return d.composeDeals(m, result, reading)
	}
	q := result.Query
	switch q.Shape {
	case metric.ShapeChange:
		return d.composeChange(m, result, reading)
	case metric.ShapeFactors:
		return d.composeFactors(m, result, reading)
	case metric.ShapeOwner:
		return d.composeOwner(result, reading)
	}
	return Answer{
		Status:   Answered,
		Query:    &q,
		Headline: d.headline(m, result),
		Figures:  figures(m, result),
		Table:    d.table(m, result),
		Notes:    d.notes(m, result, reading),
		Choices:  d.next(m, result),
	}
}

func (d *Desk) headline(m *metric.Metric, result metric.Result) string {
	what := titled(m, result) + subject(result.Query)
	when := d.whenWords(m, result)
	if result.Facts == 0 && !notLoaded(result) {
		seen := ""
		if result.Narrowed {
			seen = " that you may see"
		}
		return what + ", " + when + ": no " + metric.Plural(m.Fact) + " to count" + seen + eachByItself(result) + "."
	}
	words := make([]string, len(result.Figures))
	for i, f := range result.Figures {
		words[i] = figureWords(f, d.comparedWords(result))
	}
	if result.Kept != nil {
		return d.keptWords(m, result, joinAnd(words))
	}
	return what + ", " + when + ": " + joinAnd(words) + "."
}

// eachByItself says why there are rows below a whole that has nothing to count, of
// what became of how things stood as a period began: each step is one.
func eachByItself(result metric.Result) string {
	step := len(result.Query.By) - 1
	if step < 0 || !slices.ContainsFunc(result.Rows, hasValue) {
		return ""
	}
	return " as it began; each " + result.Query.By[step] + " is of those of its own beginning"
}

// hasValue reports whether a row tells a figure.
func hasValue(row []metric.Cell) bool {
	return slices.ContainsFunc(row, func(c metric.Cell) bool { return c.Quantity != nil && c.Quantity.Value != nil })
}

// whenWords state the period, and the day as of which things stood.
func (d *Desk) whenWords(m *metric.Metric, result metric.Result) string {
	when := periodWords(m, result)
	if result.Query.Stood {
		return d.stoodWords(result)
	}
	if asOf := result.Query.AsOf; !asOf.IsZero() {
		when += ", as of " + d.standingAt(asOf)
		if m.Stock {
			when = strings.TrimPrefix(when, "now, ")
		}
	}
	return when
}

// titled names the metric, and whose it is where only some people's deals were
// counted: another figure has the name alone.
func titled(m *metric.Metric, result metric.Result) string {
	whose, what := "your team's", " "+metric.Plural(m.Fact)
	if result.Alone {
		whose = "your"
	}
	if m.Unit == metric.UnitCount || strings.EqualFold(m.Label, m.Fact) { // it is they that are named
		what = ""
		if result.Alone {
			whose = "yours"
		}
	}
	if result.Whole != nil {
		return "Share of " + lowerFirst(m.Label)
	}
	if !result.Narrowed {
		return m.Label
	}
	return m.Label + " of " + whose + what
}

// subject names what the question was narrowed to: ", territory Central".
func subject(q metric.Query) string {
	var b strings.Builder
	for i := 0; i < len(q.Where); i++ {
		f := q.Where[i]
		if i+1 < len(q.Where) && isBetween(f, q.Where[i+1]) {
			i++
			b.WriteString(", " + f.Field + " between " + valueWords(f) + " and " + valueWords(q.Where[i]))
			continue
		}
		b.WriteString(", " + filterWords(f))
	}
	return b.String()
}

// isBetween reports whether two filters are the ends of one range of amounts.
func isBetween(from, to metric.Filter) bool {
	return from.Field == metric.FieldAmount && from.Op == metric.Gte && to.Field == from.Field && to.Op == metric.Lte
}

func valueWords(f metric.Filter) string {
	texts := make([]string, len(f.Values))
	for i, v := range f.Values {
		texts[i] = v.Text
		if f.Field == metric.FieldAmount {
			texts[i] = group(v.Text)
		}
	}
	return strings.Join(texts, " or ")
}

func filterWords(f metric.Filter) string {
	if words := ask.SayLength(f); words != "" {
		return words
	}
	field, values := strings.ReplaceAll(f.Field, "_", " "), valueWords(f)
	switch f.Op {
	case metric.Ne, metric.NotIn:
		return field + " other than " + values
	case metric.Lt:
		return field + " under " + values
	case metric.Lte:
		return field + " up to " + values
	case metric.Gt:
		return field + " over " + values
	case metric.Gte:
		return field + " at least " + values
	case metric.IsNull:
		return "no " + field
	default:
		return field + " " + values
	}
}

// periodWords states the period as absolute dates, whatever it was called. A
// stock without a period is what there is now.
func periodWords(m *metric.Metric, result metric.Result) string {
	p := result.Query.Period
	if p.IsAll() && (m.Stock || m.StandsAtEnd()) {
		return "now"
	}
	if m.Cumulative() {
		return runningWords(p, result.Running)
	}
	if p.IsAll() {
		if result.First == "" {
			return "all time"
		}
		return "all time (" + isoDay(result.First) + " – " + isoDay(result.Last) + ")"
	}
	words := Days(p)
	if p.Label != "" && p.Label != words {
		words = p.Label + " (" + words + ")"
	}
	if m.StandsAtEnd() && result.Last != "" {
		words += ", as it stood on " + isoDay(result.Last)
	}
	return words
}

// runningWords state the days that a running figure adds up, behind the period
// that it was asked for.
func runningWords(p, running metric.Period) string {
	if p.IsAll() {
		return Days(running)
	}
	return cmp.Or(p.Label, Days(p)) + ", run up over " + Days(running)
}

// comparedWords say what a figure is set against: " in 1 Jul 2026 – 30 Sep 2026".
func (d *Desk) comparedWords(result metric.Result) string {
	if then := result.Query.Then; !then.IsZero() {
		return " as of " + d.standingAt(then)
	}
	return " in " + Days(result.Compared)
}

// standingAt names the day of an instant at which things stood, or the moment if it
// is not the last of its day.
func (d *Desk) standingAt(at time.Time) string {
	at = at.In(d.Company.Zone)
	if next := at.Add(time.Microsecond); next.Day() != at.Day() {
		return at.Format("Mon 2 Jan 2006") + ", end of day"
	}
	return at.Format("Mon 2 Jan 2006 15:04")
}

func figureWords(f metric.Figure, compared string) string {
	words := wordsWithDetail(f.Quantity)
	if f.Previous == nil {
		return words
	}
	return words + ", " + changeWords(f) + " from " + strings.Replace(wordsWithDetail(*f.Previous), confidence, "", 1) + compared
}

func wordsWithDetail(q metric.Quantity) string {
	detail := Detail(q)
	switch {
	case detail == "" || q.Reason == metric.ReasonNotLoaded:
		return Words(q)
	case q.Longer != nil:
		return Words(q) + " (" + detail + ")"
	case q.Value == nil:
		return "unknown (" + detail + ")"
	default:
		if sure := Interval(q); sure != "" {
			detail += "; " + sure
		}
		return Words(q) + " (" + detail + ")"
	}
}

func changeWords(f metric.Figure) string {
	if f.Change == nil {
		return "no comparison possible"
	}
	if f.Change.Sign() == 0 {
		return "unchanged"
	}
	direction := "up "
	size := metric.Quantity{Value: new(big.Rat).Abs(f.Change), Unit: f.Unit, Currency: f.Currency}
	if f.Change.Sign() < 0 {
		direction = "down "
	}
	if f.Unit == metric.UnitRatio {
		return direction + inPoints(Words(size))
	}
	if f.Growth == nil {
		return direction + Words(size)
	}
	return direction + Words(size) + " (" + Signed(metric.Quantity{Value: f.Growth, Unit: metric.UnitRatio}) + ")"
}

func figures(m *metric.Metric, result metric.Result) []Figure {
	out := make([]Figure, len(result.Figures))
	for i, f := range result.Figures {
		out[i] = Figure{Label: titled(m, result), Figure: f}
	}
	return out
}

func (d *Desk) table(m *metric.Metric, result metric.Result) *Table {
	if len(result.Query.By) == 0 || len(result.Rows) == 0 {
		return nil
	}
	columns := make([]Column, len(result.Columns))
	for i, c := range result.Columns {
		columns[i] = Column{Column: c, Label: d.columnLabel(c)}
	}
	title := titled(m, result) + " by " + d.byWords(m, result.Query)
	if result.Kept != nil {
		title += ", " + d.boundsWords(m, result.Query)
	}
	return &Table{Title: title, Columns: columns, Rows: d.labelled(result), Total: result.Total, Kept: result.Kept != nil}
}

// labelled names the buckets of time as people do: a quarter is "Q3 2017"
// rather than the day it starts on.
func (d *Desk) labelled(result metric.Result) [][]metric.Cell {
	rows := make([][]metric.Cell, len(result.Rows))
	for i, row := range result.Rows {
		rows[i] = slices.Clone(row)
		for j, cell := range row {
			if start, err := time.Parse(time.DateOnly, cell.Text); err == nil && cell.Quantity == nil {
				rows[i][j].Label = d.bucketWords(result.Columns[j].Name, start)
				if cell.Text == result.Unended {
					rows[i][j].Label += ", so far"
				}
			}
		}
	}
	return rows
}

func (d *Desk) bucketWords(grain string, start time.Time) string {
	weeks := d.Company.Calendar.InWeeks()
	fiscal := weeks || d.Company.FiscalStart != time.January
	switch grain {
	case "year":
		year := d.Company.YearOf(start)
		if fiscal {
			return fmt.Sprintf("FY%d", year)
		}
		return fmt.Sprint(year)
	case "quarter":
		quarter, year := d.Company.Place(metric.Quarter, start)
		if fiscal {
			return fmt.Sprintf("FQ%d FY%d", quarter, year)
		}
		return fmt.Sprintf("Q%d %d", quarter, year)
	case "month":
		if month, year := d.Company.Place(metric.Month, start); weeks {
			return fmt.Sprintf("P%d FY%d, from %s", month, year, Day(start))
		}
		return start.Format("Jan 2006")
	case "week":
		return "week of " + Day(start)
	default:
		return Day(start)
	}
}

// byWords name a breakdown. Of a stock, they say which steps of time are meant.
func (d *Desk) byWords(m *metric.Metric, q metric.Query) string {
	labels := make([]string, len(q.By))
	for i, name := range q.By {
		labels[i] = strings.ToLower(d.dimensionLabel(name))
		if dimension, ok := d.Catalog.Dimension(name); ok && dimension.Time != "" && m.ByCloseDate(q) {
			labels[i] = "close " + labels[i]
		}
	}
	if q.Stood {
		return joinAnd(labels) + ", as it stood at the end of each"
	}
	return joinAnd(labels)
}

func (d *Desk) columnLabel(c metric.Column) string {
	if m, ok := d.Catalog.Metric(c.Name); ok {
		return m.Label
	}
	return d.dimensionLabel(c.Name)
}

func (d *Desk) dimensionLabel(name string) string {
	if name == string(metric.Month) && d.Company.Calendar.InWeeks() {
		return "Fiscal month"
	}
	if dimension, ok := d.Catalog.Dimension(name); ok {
		return dimension.Label
	}
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}

// notes say how the question was read, what was counted, what is missing and
// how fresh the data is.
func (d *Desk) notes(m *metric.Metric, result metric.Result, reading ask.Reading) []string {
	notes := []string{readAs(reading)}
	for _, note := range reading.Notes {
		notes = append(notes, sentence(note))
	}
	if result.Listing != nil {
		notes = append(notes, shownWords(m, result)...)
	} else {
		notes = append(notes, countedWords(m, result))
	}
	notes = append(notes, needWords(m, result)...)
	if result.Narrowed && result.Listing != nil {
		notes = append(notes, "Others' single "+metric.Plural(m.ListedFact())+" are not yours to see, and are left out.")
	} else if result.Narrowed {
		notes = append(notes, "Others' single figures are not yours to see, and are left out.")
	}
	for _, apart := range result.Apart {
		lead := "Not counted: "
		if apart.Within {
			lead = "Among them: "
		}
		notes = append(notes, lead+plural(Count(apart.Facts), m.Fact)+" "+apart.Words+".")
	}
	notes = append(notes, workingWords(result)...)
	notes = append(notes, conversionWords(m, result)...)
	notes = append(notes, standingWords(m, result)...)
	if result.Ahead {
		notes = append(notes, "It counts "+metric.Plural(m.Fact)+" up to "+isoDay(result.Last)+", later than today; "+
			"what it is compared with ends where today does, and has none of those.")
	}
	if m.Overlap(result.Query) && len(result.Rows) > 1 {
		notes = append(notes, "The rows do not add up: "+metric.Plural(m.Fact)+" that are in several are counted once in the figure above.")
	}
	notes = append(notes, d.keptNotes(m, result)...)
	if d.ranksWhatHasFacts(result) && result.Kept == nil {
		notes = append(notes, "Only those with such "+metric.Plural(m.Fact)+" are listed.")
	}
	if result.Unranked > 0 {
		notes = append(notes, unrankedWords(result)+": a rate of so few deals says little.")
	}
	if shown := len(result.Rows); shown < result.Total && result.Listing == nil && result.Kept == nil {
		notes = append(notes, "Showing "+Count(int64(shown))+" of "+Count(int64(result.Total))+" rows; the figure above counts them all.")
	}
	if len(result.RestShares) > 0 {
		notes = append(notes, "The share of all rows that are not shown: "+restShares(result)+".")
	}
	if result.Tied > 0 {
		notes = append(notes, "Not shown, though their value is that of the last one shown: "+Count(int64(result.Tied))+".")
	}
	return append(notes, d.freshness(result))
}

// restShares say what the rows that are not shown are together.
func restShares(result metric.Result) string {
	words := make([]string, len(result.RestShares))
	for i, rest := range result.RestShares {
		words[i] = wordsWithDetail(rest)
	}
	return joinAnd(words)
}

// workingWords say how much of the period has gone, where something is expected
// by that.
func workingWords(result metric.Result) []string {
	days := result.WorkingDays
	switch {
	case days == nil:
		return nil
	case days.Gone == 0:
		return []string{"Nothing is expected of a period before its first working day, and by " + isoDay(days.Day) + " none has gone."}
	case days.Gone == days.Of:
		return []string{"All of the period's " + plural(Count(int64(days.Of)), "working day") + " have gone, so all of it is expected."}
	default:
		return []string{Count(int64(days.Gone)) + " of the period's " + plural(Count(int64(days.Of)), "working day") + " have gone by " + isoDay(days.Day) + ", that day included."}
	}
}

// standingWords say what an answer as of an earlier day lacks, and what of it is
// as it is known now.
func standingWords(m *metric.Metric, result metric.Result) []string {
	var notes []string
	if result.Query.AsOf.IsZero() && !result.Query.Stood {
		return nil
	}
	if result.Unrecorded > 0 && result.Query.Stood {
		notes = append(notes, "Not counted at one of these ends or more, because at which stage they were then is not recorded: up to "+plural(Count(result.Unrecorded), "deal")+" at one end.")
	} else if result.Unrecorded > 0 {
		notes = append(notes, "Not counted, because at which stage they were that day is not recorded: "+plural(Count(result.Unrecorded), "deal")+".")
	}
	if result.BeforeImports {
		notes = append(notes, thatIs(result.Query)+" before the first import: deals are taken as they were first seen, but for what their own histories tell.")
	}
	switch undated := m.Undated(); {
	case len(undated) > 0:
		notes = append(notes, "What had happened by then is counted. As it is known now: "+joinAnd(undated)+".")
	case m.Needs != "":
		days := "that day"
		if result.Query.Stood {
			days = "each end"
		}
		notes = append(notes, "The deals are those of "+days+"; "+m.Needs+" are those known now.")
	}
	return notes
}

func thatIs(q metric.Query) string {
	if q.Stood {
		return "The first of these ends is"
	}
	return "That is"
}

// countedWords say how many facts were counted; for a metric of several, for
// each of those it is made of.
func countedWords(m *metric.Metric, result metric.Result) string {
	at := ""
	if result.Query.Stood {
		at = " at the last of these ends"
	}
	if len(result.Counted) == 0 {
		if result.Whole != nil {
			at = ", of " + Count(result.Whole.Facts) + " in the whole"
		}
		return plural(Count(result.Facts), m.Fact) + " counted" + at + "."
	}
	words := make([]string, len(result.Counted))
	for i, c := range result.Counted {
		words[i] = plural(Count(c.Facts), c.Metric.Fact) + " for " + lowerFirst(c.Metric.Label)
	}
	return sentence(joinAnd(words) + " counted" + at)
}

// conversionWords say what was converted, at which rates, and what was not for
// want of one.
func conversionWords(m *metric.Metric, result metric.Result) []string {
	var notes []string
	when := "on the day by which it counts"
	switch {
	case result.Query.Stood:
		when = "at the end of each step"
	case m.Stock && !result.Query.AsOf.IsZero():
		when = "that day"
	case m.Stock:
		when = "today"
	}
	for _, c := range result.Converted {
		rates := "the rate of " + isoDay(c.First)
		if c.First != c.Last {
			rates = "rates of " + isoDay(c.First) + " to " + isoDay(c.Last) + ", each at the one that held " + when
		}
		notes = append(notes, plural(Count(c.Facts), m.Fact)+" converted from "+c.Currency+" at "+rates+".")
	}
	for _, f := range result.Figures {
		if in := result.Query.In; in != "" && f.Currency != in {
			notes = append(notes, "What is in "+f.Currency+" stands apart: no rate into "+in+" is loaded that held "+when+".")
		}
	}
	return notes
}

// ranksWhatHasFacts reports whether somebody may look in a ranking for what is
// not in it: the least of all is what has none.
func (d *Desk) ranksWhatHasFacts(result metric.Result) bool {
	q := result.Query
	return q.Order != "" && len(result.Rows) > 0 && slices.ContainsFunc(q.By, func(name string) bool {
		dimension, ok := d.Catalog.Dimension(name)
		return ok && dimension.Time == "" && (dimension.Entity || q.Order == metric.Ascending)
	})
}

// sentenceStart begins with a capital.
func sentenceStart(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// sentence begins with a capital and ends with a full stop.
func sentence(text string) string {
	text = sentenceStart(text)
	if strings.ContainsAny(text[len(text)-1:], ".?!") {
		return text
	}
	return text + "."
}

func (d *Desk) freshness(result metric.Result) string {
	if result.FreshAt.IsZero() {
		return "No data has been loaded yet: an administrator can run `salesbot import`."
	}
	at := result.FreshAt.In(d.Company.Zone)
	return "Data as of " + at.Format("2 Jan 2006 15:04 MST") + ", revision " + Count(result.Revision) + "."
}

// needWords say what the figure and the numbers that its deals are kept by need,
// where not all of that is loaded.
func needWords(m *metric.Metric, result metric.Result) []string {
	if !notLoaded(result) {
		return nil
	}
	const lacking = ", and not all of that is loaded: an administrator can import it."
	var notes []string
	if m.Needs != "" {
		notes = append(notes, m.Label+" needs "+m.Needs+lacking)
	}
	for _, f := range result.Query.Where {
		if needs := metric.NeedsOf(f.Field); needs != "" {
			notes = append(notes, sentenceStart(filterWords(f))+": that needs "+needs+lacking)
		}
	}
	return notes
}

// notLoaded reports whether what is needed beside deals is not there.
func notLoaded(result metric.Result) bool {
	return slices.ContainsFunc(result.Figures, func(f metric.Figure) bool { return f.Reason == metric.ReasonNotLoaded })
}

// next offers the questions that usually follow, said in words that parse.
func (d *Desk) next(m *metric.Metric, result metric.Result) []Choice {
	q := result.Query
	if result.Facts == 0 && q.Period.IsAll() {
		return []Choice{definitionOf(m)}
	}
	if result.Facts == 0 && m.OfAPeriod() {
		return []Choice{definitionOf(m)}
	}
	if result.Facts == 0 {
		return []Choice{d.offer("For all time", allTime(q)), definitionOf(m)}
	}
	choices := d.allRows(result)
	if by := d.usualCut(m); by != "" && !slices.Contains(q.By, by) {
		choices = append(choices, d.offer("By "+by, whole(q, by)))
	}
	if q.In == "" && len(result.Figures) > 1 && result.Figures[0].Currency != "" {
		converted := q
		converted.In = d.Company.Currency
		choices = append(choices, d.offer("In "+converted.In, converted))
	}
	choices = append(choices, d.otherSteps(m, result)...)
	endless := m.StandsAtEnd() && (q.Period.From.IsZero() || q.Period.To.IsZero())
	if step := stepWithin(q.Period); !slices.Contains(q.By, step) && !m.Stock && !endless {
		choices = append(choices, d.offer("By "+step, whole(q, step)))
	}
	if q.Compare == "" && q.Share == "" && len(q.By) == 0 && !m.Stock && !m.Lasts() && !q.Period.From.IsZero() && !q.Period.To.IsZero() {
		compared := q
		compared.Compare = metric.ComparePrevious
		choices = append(choices, d.offer("Against the period before", compared))
	}
	return append(append(choices, d.whyChanged(m, q)...), definitionOf(m))
}

// usualCut is by what a metric is told first: of those who hold territories, or of
// kinds of accounts.
func (d *Desk) usualCut(m *metric.Metric) string {
	for _, by := range []string{"territory", "segment"} {
		if d.Catalog.CutsBy(m, by) {
			return by
		}
	}
	return ""
}

func (d *Desk) offer(label string, q metric.Query) Choice {
	return Choice{Label: label, Command: d.parser.Say(q)}
}

func definitionOf(m *metric.Metric) Choice {
	label := strings.ReplaceAll(m.Label, ",", "") // no comma stands within a name of ours
	return Choice{Label: "What is this?", Command: "what is " + lowerFirst(label)}
}

func allTime(q metric.Query) metric.Query {
	q.Period, q.Compare, q.Then, q.Offset = metric.Period{Label: ask.AllTime}, "", time.Time{}, 0
	return q
}

// whole is the same question cut in one way only.
func whole(q metric.Query, by string) metric.Query {
	q.By, q.Compare, q.Then, q.Order, q.Limit, q.Share, q.Having = []string{by}, "", time.Time{}, "", 0, "", nil
	if q.Stood {
		return now(q)
	}
	return q
}

// stepWithin is the step of time that cuts a period into a handful of rows.
func stepWithin(p metric.Period) string {
	switch days := p.To.Sub(p.From).Hours() / 24; {
	case p.From.IsZero() || p.To.IsZero() || days > 120:
		return "quarter"
	case days > 45:
		return "month"
	case days > 10:
		return "week"
	default:
		return "day"
	}
}

// unrankedWords says what became of those that are not ranked.
func unrankedWords(result metric.Result) string {
	n, one := Count(int64(result.Unranked)), result.Unranked == 1
	switch {
	case result.Query.Limit > 0 && one:
		return n + " is not ranked, and left out"
	case result.Query.Limit > 0:
		return n + " are not ranked, and left out"
	case one:
		return n + " stands last, unranked"
	default:
		return n + " stand last, unranked"
	}
}
