package handlers

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
)

// Model puts questions that the grammar does not finish into slots. What it
// says is a draft, which the grammar reads; it never sees what is stored.
type Model interface {
	// Draft tells what a question means and what asking cost. before is the
	// question asked last in the conversation, at the company's wall clock.
	Draft(ctx context.Context, question, before string, at time.Time) (ask.Draft, insights.ModelUse, error)
}

// ModelUses keeps how much models were used.
type ModelUses interface {
	// ModelUsed counts the tokens of the day that a moment falls on in its zone.
	ModelUsed(ctx context.Context, person int64, on time.Time) (insights.ModelUsed, error)
}

// ModelBudget is how many tokens a day models may be given and give; 0: any
// number. Questions asked at the same moment may go over it by one each.
type ModelBudget struct {
	Day, Person int64
}

// widen asks the model about a question that the grammar did not finish. Where
// the model is no help, the reading stays what it was.
func (d *Desk) widen(ctx context.Context, who asker, r Request, reading ask.Reading) (ask.Reading, *insights.ModelUse, error) {
	if d.Model == nil || len(reading.Unknown) == 0 || reading.Unavailable || r.Origin == FromDigest {
		return reading, nil, nil
	}
	now := r.now().In(d.Company.Zone)
	used, err := d.Store.ModelUsed(ctx, who.viewer.PersonID, now)
	if err != nil {
		return reading, nil, err
	}
	if d.Budget.spent(used) {
		reading.Notes = append(reading.Notes, "A language model might have understood it, but has been asked as much as it may be today.")
		return reading, nil, nil
	}
	last, err := d.lastQuery(ctx, r)
	if err != nil {
		return reading, nil, err
	}
	before := ""
	if last != nil {
		before = d.parser.Say(*last)
	}
	draft, use, err := d.Model.Draft(ctx, r.Text, before, r.At.In(d.Company.Zone))
	use.Person = who.viewer.PersonID
	if err != nil {
		d.Log.Info("the model did not help", slog.String("cause", err.Error()))
		return reading, &use, nil
	}
	read, err := d.parser.ReadDraft(ctx, ask.Asked{Text: r.Text, At: r.At, Viewer: who.viewer}, draft)
	if err != nil || read.Query == nil {
		return reading, &use, err
	}
	read.ByModel = true
	read.Notes = append(read.Notes, fmt.Sprintf("I did not understand %s myself: a language model read the question, so look at how it is read.", quoteAll(reading.Unknown)))
	return read, &use, nil
}

func (b ModelBudget) spent(used insights.ModelUsed) bool {
	return b.Day > 0 && used.Day >= b.Day || b.Person > 0 && used.Person >= b.Person
}

// readAs is the line that says how a question was understood.
func readAs(reading ask.Reading) string {
	if reading.ByModel {
		return "Read by the model as: " + reading.Understood
	}
	return "Read as: " + reading.Understood
}
