package handlers

import (
	"context"
	"slices"

	"salesbot/handlers/ask"
	"salesbot/insights/metric"
)

// aside answers a text that asks for something other than a figure.
func (d *Desk) aside(ctx context.Context, who asker, r Request, a ask.Aside, reading ask.Reading) (reply, error) {
	switch {
	case a.Command == statusCommand:
		return d.freshData(ctx)
	case a.Command != "":
		r.Text = a.Command
		out, err := d.dispatch(ctx, who, r)
		out.Notes = append(out.Notes, nonEmpty(a.Note)...)
		return out, err
	case a.Ask != "":
		offered, err := d.withoutLast(ctx, r, a.Choices)
		return reply{Answer: Answer{Status: AskedBack, Headline: a.Ask, Choices: choices(offered)}}, err
	}
	out := Answer{Status: Refused, Code: metric.CodeOutOfScope, Headline: a.Why, Choices: choices(a.Choices)}
	if a.Missing {
		out.Code = metric.CodeNotAvailable
	}
	if len(out.Choices) == 0 {
		out.Choices = choices(reading.Choices)
	}
	return reply{Answer: out}, nil
}

// withoutLast leaves out what goes on from the last question, where there is none.
func (d *Desk) withoutLast(ctx context.Context, r Request, offered []ask.Choice) ([]ask.Choice, error) {
	last, err := d.lastQuery(ctx, r)
	if last != nil || err != nil {
		return offered, err
	}
	return slices.DeleteFunc(slices.Clone(offered), func(c ask.Choice) bool { return c.Command == ask.DealsBehindThat }), nil
}

// statusCommand answers how fresh the data is, among other things.
const statusCommand = "/salesbot status"

// freshData says how fresh the data is.
func (d *Desk) freshData(ctx context.Context) (reply, error) {
	revision, confirmed, err := d.Store.Head(ctx)
	if err != nil {
		return reply{}, err
	}
	return reply{Answer: Answer{
		Status: Answered, Headline: d.freshness(metric.Result{Revision: revision, FreshAt: confirmed}),
		Choices: []Choice{{Label: "Status", Command: statusCommand}},
	}}, nil
}

func choices(said []ask.Choice) []Choice {
	out := make([]Choice, 0, len(said))
	for _, c := range said {
		out = append(out, Choice{Label: c.Label, Command: c.Command})
	}
	return out
}
