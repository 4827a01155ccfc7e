package handlers

import (
	"slices"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// composeOwner says who owns something: in names, since nothing is counted.
func (d *Desk) composeOwner(result metric.Result, reading ask.Reading) Answer {
	q := result.Query
	return Answer{
		Status:   Answered,
		Query:    &q,
		Headline: d.ownerHeadline(result),
		Table:    d.ownerTable(result),
		Notes:    d.ownerNotes(result, reading),
		Choices:  d.afterOwner(result),
	}
}

func (d *Desk) ownerHeadline(result metric.Result) string {
	of, when := result.Query.Where[0], ""
	if asOf := result.Query.AsOf; !asOf.IsZero() {
		when = ", as of " + d.standingAt(asOf)
	}
	name := valueWords(of)
	switch of.Field {
	case metric.FieldDeal:
		return name + when + ": " + d.ownersOfDeals(result) + "."
	case "account":
		return name + when + ": " + ownersOfAccount(result) + "."
	default:
		return name + when + ": " + d.holdersOfTerritory(result) + "."
	}
}

// mostOwners bounds how many owners a headline names.
const mostOwners = 3

// someone names an owner, or says that there is none.
func someone(cell metric.Cell) string {
	if cell.ID == 0 {
		return "nobody"
	}
	return cell.Text
}

func ownersOfAccount(result metric.Result) string {
	var names []string
	for _, row := range result.Rows {
		names = append(names, someone(row[0]))
	}
	switch {
	case len(names) == 0 && result.Narrowed:
		return "nobody whose deals you may see has an open deal there"
	case len(names) == 0:
		return "nobody, it has no open deals"
	case len(names) == 1:
		return names[0] + " owns its open deals"
	case len(names) <= mostOwners:
		return joinAnd(names) + " own its open deals"
	default:
		return "several people own its open deals"
	}
}

func (d *Desk) ownersOfDeals(result metric.Result) string {
	if len(result.Rows) > 1 {
		return "several deals are called so"
	}
	return someone(result.Rows[0][2]) + " owns it"
}

func (d *Desk) holdersOfTerritory(result metric.Result) string {
	switch rows := result.Rows; {
	case len(rows) == 0:
		return "it is not on the map in force, so nobody holds it"
	case len(rows) > mostOwners:
		return "several people hold it"
	case len(rows) == 1 && rows[0][1].ID == 0:
		return "vacant, nobody holds it"
	default:
		var names []string
		for _, row := range rows {
			names = append(names, d.holderWords(result, row))
		}
		return joinAnd(names)
	}
}

// holderWords name who holds a territory and since when and, of one below that
// asked about, which.
func (d *Desk) holderWords(result metric.Result, row []metric.Cell) string {
	words := someone(row[1]) + " holds it"
	if row[0].ID != result.Query.Where[0].Values[0].ID {
		words = someone(row[1]) + " holds " + row[0].Text
	}
	if row[2].Text != "" {
		words += " since " + isoDay(row[2].Text)
	}
	return words
}

func (d *Desk) ownerTable(result metric.Result) *Table {
	if len(result.Rows) == 0 {
		return nil
	}
	t := &Table{Title: "Who owns " + valueWords(result.Query.Where[0]), Total: result.Total}
	for _, c := range result.Columns {
		t.Columns = append(t.Columns, Column{Column: c, Label: d.ownerLabel(c)})
	}
	for _, row := range result.Rows {
		cells := make([]metric.Cell, len(row))
		for i, cell := range row {
			cells[i] = cell
			if day, err := time.Parse(time.DateOnly, cell.Text); err == nil && result.Columns[i].Name == metric.ColumnSince {
				cells[i].Label = Day(day)
			}
			if result.Columns[i].Name == "person" && cell.ID == 0 && result.Query.Where[0].Field == "territory" {
				cells[i].Label = "(vacant)"
			}
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

func (d *Desk) ownerLabel(c metric.Column) string {
	if c.Name == metric.ColumnID {
		return "ID"
	}
	return d.dimensionLabel(c.Name)
}

func (d *Desk) ownerNotes(result metric.Result, reading ask.Reading) []string {
	notes := []string{readAs(reading)}
	for _, note := range reading.Notes {
		notes = append(notes, sentence(note))
	}
	if of := result.Query.Where[0]; of.Field == "account" {
		notes = append(notes, "An account is owned by whoever owns its open deals: the CRM's account owner is not loaded.")
	}
	if sinceEver(result) {
		notes = append(notes, "Where no day is told, it has been held since before anything that is loaded.")
	}
	if len(result.AssignedTo) > 0 {
		var names []string
		for _, t := range result.AssignedTo {
			names = append(names, t.Text)
		}
		notes = append(notes, "It is assigned to the territory "+joinAnd(names)+".")
	}
	if result.Narrowed {
		notes = append(notes, "Others' single deals are not yours to see, and are left out.")
	}
	return append(notes, d.freshness(result))
}

// sinceEver reports whether somebody holds a territory since nobody knows when.
func sinceEver(result metric.Result) bool {
	return result.Query.Where[0].Field == "territory" && slices.ContainsFunc(result.Rows, func(row []metric.Cell) bool {
		return row[1].ID != 0 && row[2].Text == ""
	})
}

// afterOwner offers who holds the territories that an account is assigned to and,
// where they can be asked for, the deals by which it is owned.
func (d *Desk) afterOwner(result metric.Result) []Choice {
	var choices []Choice
	q := result.Query
	for _, t := range result.AssignedTo {
		of := q
		of.Where = []metric.Filter{{Field: "territory", Op: metric.Eq, Values: []metric.Value{{ID: t.ID, Text: t.Text}}}}
		choices = append(choices, d.offer("Who holds "+t.Text, of))
	}
	if m, ok := d.Catalog.Metric("open_pipeline"); ok && q.Where[0].Field != metric.FieldDeal {
		deals := metric.Query{Shape: metric.ShapeDeals, Metric: m.Name, Where: q.Where, Period: q.Period, AsOf: q.AsOf, Reported: q.Reported}
		choices = append(choices, d.offer("Open deals of "+strings.TrimSpace(valueWords(q.Where[0])), deals))
	}
	return choices
}
