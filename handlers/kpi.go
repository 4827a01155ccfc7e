package handlers

import (
	"context"
	"fmt"
	"strings"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// kpi is /kpi: a question, or without text the list of what can be asked.
func (d *Desk) kpi(ctx context.Context, who asker, r Request) (reply, error) {
	if r.Text == "" {
		return d.list(who), nil
	}
	return d.question(ctx, who, r, ask.HintKPI)
}

// list says what can be asked.
func (d *Desk) list(who asker) reply {
	table := Table{Title: "KPIs", Columns: []Column{
		{Column: metric.Column{Name: "metric"}, Label: "KPI"},
		{Column: metric.Column{Name: "meaning"}, Label: "What it is"},
	}}
	for _, m := range d.Catalog.Metrics() {
		table.Rows = append(table.Rows, []metric.Cell{{Text: m.Label}, {Text: m.Description}})
	}
	table.Total = len(table.Rows)
	return reply{Answer: Answer{
		Status:   Answered,
		Headline: Count(int64(table.Total)) + " KPIs can be asked, by person, manager, territory, account, industry, segment, country, product, stage, loss reason, competitor and by day to year.",
		Table:    &table,
		Choices:  helpChoices(who),
	}}
}

// definition says what a metric means and where that definition comes from.
func (d *Desk) definition(q metric.Query) (reply, error) {
	m, ok := d.Catalog.Metric(q.Metric)
	if !ok {
		return reply{}, &metric.Refusal{Code: metric.CodeInvalid, Message: "There is no KPI called " + q.Metric + "."}
	}
	notes := nonEmpty(m.Description)
	if len(m.Synonyms) > 0 {
		notes = append(notes, "Also called: "+strings.Join(m.Synonyms, ", ")+".")
	}
	for _, name := range m.NotTheSameAs {
		if other, ok := d.Catalog.Metric(name); ok {
			notes = append(notes, "Not the same as "+other.Label+": "+other.Description)
		}
	}
	if !m.Effective.IsZero() {
		notes = append(notes, fmt.Sprintf("This is version %d of it, which holds from %s.", m.Version, Day(m.Effective)))
	}
	if m.Needs != "" {
		notes = append(notes, "It needs "+m.Needs+" to be loaded.")
	}
	if len(m.Clearance) > 0 {
		roles := make([]string, len(m.Clearance))
		for i, role := range m.Clearance {
			roles[i] = string(role) + "s"
		}
		notes = append(notes, "Its clearance: for "+joinAnd(roles)+" only.")
	}
	notes = append(notes, "Version "+Count(int64(m.Version))+" of the catalogue's definition. Source: "+m.Source+".")
	return reply{
		Answer: Answer{
			Status: Answered, Query: &q, Headline: m.Label, Notes: notes,
			Choices: []Choice{{Label: m.Label, Command: m.Label}, {Label: "By quarter", Command: m.Label + " by quarter"}},
		},
		lastQuery: &q,
	}, nil
}
