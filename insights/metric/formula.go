package metric

import (
	"regexp"
	"strings"
)

// Formula says in words how the metric is computed, as a person would write it
// on paper: what is put together, of which facts, and by which day.
func (m *Metric) Formula() string {
	if m.formula != nil {
		return m.formula.words()
	}
	if of := m.conversion; of != nil {
		return "(" + of.base.part() + ", of which " + of.words() + ") ÷ (" + of.base.part() + "), " + m.moment()
	}
	if m.isShare() {
		return "(" + m.numerator.part() + ") ÷ (" + m.denominator.part() + "), by " + dayWords(m.Clock)
	}
	if m.running != nil {
		return m.part() + ", by " + dayWords(m.Clock) + ", added up " + m.running.words() + " to the end of each period"
	}
	return m.part() + ", " + m.moment()
}

// part is what is put together, without the day.
func (m *Metric) part() string {
	facts := Plural(m.Fact)
	what := map[aggregation]string{
		aggCount: "number of ", aggCountDistinct: "number of different ", aggSum: "sum of the ", aggAverage: "average ", aggMedian: "median ",
		aggMax: "greatest ", aggMin: "least ", aggPercentile: m.percentile + " percentile of the ",
	}[m.agg]
	if m.expr != nil {
		facts = m.expr.said() + " of " + facts
	}
	if m.filterText != "" {
		facts += " where " + plainFilter(m.filterText)
	}
	return what + facts
}

// said is a column as people call it: of a reference, what it refers to.
func (c *column) said() string {
	if c.kind == kindEntity {
		return Plural(c.makes)
	}
	return strings.ReplaceAll(c.name, "_", " ")
}

func (m *Metric) moment() string {
	switch {
	case m.Momentary():
		return "as they stand at the moment asked about"
	case m.Stock:
		return "as they stand at the moment asked about; a period keeps those with their " + dayWords(m.Clock) + " in it"
	}
	return "by " + dayWords(m.Clock)
}

// dayWords is a clock as people call it: close_on is close day.
func dayWords(clock string) string {
	return strings.ReplaceAll(strings.TrimSuffix(clock, "_on"), "_", " ") + " day"
}

var dimensionCall = regexp.MustCompile(`\{\{\s*(?:Time)?Dimension\('(?:\w+?__)?(\w+)'[^)]*\)\s*\}\}`)

// plainFilter writes a filter without the template's braces.
func plainFilter(text string) string { return dimensionCall.ReplaceAllString(text, "$1") }
