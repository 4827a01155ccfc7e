package handlers

import (
	"context"
	"errors"

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
	}
	offered, err := d.pressable(ctx, who, r, a.Choices)
	if err != nil {
		return reply{}, err
	}
	if a.Ask != "" {
		return reply{Answer: Answer{Status: AskedBack, Headline: a.Ask, Choices: choices(offered)}}, nil
	}
	out := Answer{Status: Refused, Code: metric.CodeOutOfScope, Headline: a.Why, Choices: choices(offered)}
	if a.Missing {
		out.Code = metric.CodeNotAvailable
	}
	if len(out.Choices) == 0 {
		out.Choices = choices(reading.Choices)
	}
	return reply{Answer: out}, nil
}

// pressable leaves out of what is offered what goes on from the last question,
// where there is none, and what the asker may not see.
func (d *Desk) pressable(ctx context.Context, who asker, r Request, offered []ask.Choice) ([]ask.Choice, error) {
	last, err := d.lastQuery(ctx, r)
	if err != nil {
		return nil, err
	}
	var kept []ask.Choice
	for _, c := range offered {
		if last == nil && c.Command == ask.DealsBehindThat {
			continue
		}
		reading, err := d.parser.Parse(ctx, ask.Asked{Text: c.Command, At: r.At, Viewer: who.viewer, Last: last})
		if err != nil {
			return nil, err
		}
		var refused *metric.Refusal
		if reading.Query != nil {
			_, _, err = d.compile(ctx, who, r, *reading.Query)
		}
		switch {
		case err == nil:
			kept = append(kept, c)
		case !errors.As(err, &refused):
			return nil, err
		}
	}
	return kept, nil
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
