package metric

import (
	"fmt"
	"strings"
)

// Markdown writes the catalogue as a page: every metric with its formula, where
// its definition comes from, what it is mistaken for, and a question to try.
func (c *Catalog) Markdown() string {
	var out strings.Builder
	out.WriteString("# Metrics\n\nGenerated from the catalogue by `salesbot catalog docs`.\n")
	for _, m := range c.metrics {
		fmt.Fprintf(&out, "\n## %s\n\n`%s`, version %d. %s\n\n", m.Label, m.Name, m.Version, m.Description)
		for _, fact := range c.About(m) {
			fmt.Fprintf(&out, "- %s: %s\n", fact.Name, fact.Text)
		}
	}
	return out.String()
}

// Fact is one thing that is said of a metric.
type Fact struct{ Name, Text string }

// About says all there is to say of a metric beyond its label and description.
func (c *Catalog) About(m *Metric) []Fact {
	facts := []Fact{
		{"Formula", m.Formula()},
		{"Unit", strings.ReplaceAll(string(m.Unit), "_", " ")},
		{"Whose", perspectiveWords(m.Perspective)},
	}
	add := func(name, text string) {
		if text != "" {
			facts = append(facts, Fact{name, text})
		}
	}
	if !m.Effective.IsZero() {
		add("In force", fmt.Sprintf("version %d from %s on", m.Version, m.Effective.Format("2 Jan 2006")))
	}
	add("Needs", m.Needs)
	if m.MinN > 0 {
		add("Ranked", fmt.Sprintf("from %d %s on", m.MinN, Plural(m.Fact)))
	}
	add("For", clearanceWords(m.Clearance))
	add("Not the same as", c.labels(m.NotTheSameAs))
	add("Read beside", c.labels(m.Companions))
	add("Also called", strings.Join(m.Synonyms, ", "))
	add("Source", m.Source)
	add("Ask", strings.Join(m.Examples, " · "))
	return facts
}

func perspectiveWords(p Perspective) string {
	if p == AsIs {
		return "of those whose territory and team it is today"
	}
	return "of those whose territory and team it was on that day"
}

func clearanceWords(roles []Role) string {
	words := make([]string, len(roles))
	for i, role := range roles {
		words[i] = string(role) + "s"
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, ", ") + " only"
}

func (c *Catalog) labels(names []string) string {
	labels := make([]string, len(names))
	for i, name := range names {
		labels[i] = c.metric[name].Label
	}
	return strings.Join(labels, ", ")
}
