package handlers

import (
	"context"
	"errors"
	"slices"
	"time"

	"salesbot/insights/metric"
)

// compile makes a Query ready to be read with the asker's rights; of one as
// reported, as of what had been loaded by then, which it returns.
func (d *Desk) compile(ctx context.Context, who asker, r Request, q metric.Query) (*metric.Plan, metric.Known, error) {
	if q.Reported.IsZero() {
		plan, err := d.Catalog.Compile(q, who.viewer, d.Company, r.At)
		return plan, metric.Known{}, err
	}
	read, err := d.Store.Read(ctx, []metric.Statement{metric.KnownAt(q.Reported)})
	if err != nil {
		return nil, metric.Known{}, err
	}
	known, err := metric.ReadKnown(read.Tables[0])
	if err != nil {
		return nil, known, err
	}
	if known.Revision == 0 {
		return nil, known, &metric.Refusal{
			Code:    metric.CodeNotAvailable,
			Message: "Nothing had been loaded by " + d.standingAt(q.Reported) + ", so nothing could be reported then.",
			Hint:    "Ask for it by what is known now.",
			Instead: []string{d.parser.Say(asKnownNow(q))},
		}
	}
	plan, err := d.Catalog.CompileAt(q, who.viewer, d.Company, r.At, known.Revision)
	return plan, known, err
}

// asKnownNow is a question asked by what is known now.
func asKnownNow(q metric.Query) metric.Query {
	q.Reported = time.Time{}
	return q
}

// restatedWithin bounds how long it is looked for whether a closed period was
// restated, as a part of the time that a figure has.
const restatedWithin = 4

// restated adds to the figure of a period that is over what it was by the first
// import after its end, if that was something else, and offers to ask it so.
func (d *Desk) restated(ctx context.Context, who asker, r Request, this metric.Result, a *Answer) error {
	within := slow{query: this.Query, viewer: who.viewer, at: r.At, within: d.patience(r) / restatedWithin}
	found, err := d.lookForRestated(ctx, who, r, this, within)
	if errors.Is(err, context.DeadlineExceeded) {
		found, err = restatement{unsure: true}, nil
	}
	switch {
	case err != nil:
		return err
	case found.unsure:
		a.note("Whether this closed period was restated was not looked for: too much has been loaded since.")
	case found.was != nil:
		q := this.Query
		q.Reported = found.at
		words := make([]string, len(found.was))
		for i, f := range found.was {
			words[i] = wordsWithDetail(f.Quantity)
		}
		a.note("Restated: it was " + joinAnd(words) + " as known on " + d.standingAt(found.at) + " (revision " + Count(found.revision) + "); " +
			plural(Count(int64(found.deals)), "deal") + " changed since.")
		a.Choices = slices.Insert(a.Choices, 0, d.offer("As reported", q))
	}
	return nil
}

// restatement is what a figure was when its period had closed.
type restatement struct {
	unsure   bool
	was      []metric.Figure // nil: the same
	at       time.Time
	revision int64
	deals    int
}

func (d *Desk) lookForRestated(ctx context.Context, who asker, r Request, this metric.Result, within slow) (restatement, error) {
	var none restatement
	q := this.Query
	if !q.Reported.IsZero() || q.Shape == metric.ShapeChange || q.Part != "" { // a change is between two moments, of no period
		return none, nil
	}
	if q.Shape == metric.ShapeFactors {
		q.Shape = metric.ShapeFigure
	}
	q.Compare, q.Then = "", time.Time{}
	now, err := d.Catalog.Compile(q, who.viewer, d.Company, r.At)
	if err != nil || now.Closing() == nil {
		return none, err
	}
	read, err := d.readWithin(ctx, within, []metric.Statement{*now.Closing()})
	if err != nil {
		return none, err
	}
	closing, err := metric.ReadClosing(read.Tables[0])
	if err != nil || !closing.Later {
		return none, err
	}
	if closing.TooMuch {
		return restatement{unsure: true}, nil
	}
	q.Reported = closing.Reported
	plan, known, err := d.compile(ctx, who, r, q)
	if err != nil {
		return none, err
	}
	n := len(plan.Statements)
	read, err = d.readWithin(ctx, within, slices.Concat(plan.Statements, now.Restated(plan)))
	if err != nil {
		return none, err
	}
	was, err := plan.Result(metric.Reading{Revision: known.Revision, FreshAt: known.FreshAt, Tables: read.Tables[:n]})
	if err != nil || read.Revision != this.Revision || metric.SameFigures(this, was) {
		return none, err
	}
	return restatement{was: was.Figures, at: closing.Reported, revision: known.Revision, deals: metric.CountListed(read.Tables[n:])}, nil
}
