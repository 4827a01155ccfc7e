package handlers

import (
	"context"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// namesDays reports whether a Query is of days that its words need not name as
// they are: "vs a week ago", "as of last friday", "vs same time last year".
func namesDays(q metric.Query) bool {
	return !q.AsOf.IsZero() || !q.Reported.IsZero() || !q.Then.IsZero() || !q.Against.IsAll()
}

// goingAlong are the words in which a digest's question is read again each time.
// Words that were typed and mean other days as time goes by are kept as they are.
// Of an earlier answer only the days are known: whether those are to go along is
// asked.
func (d *Desk) goingAlong(ctx context.Context, who asker, r Request, e ask.Every, q metric.Query) (string, reply, error) {
	still := d.parser.Say(q)
	if !namesDays(q) {
		return still, reply{}, nil
	}
	if e.Question != "" {
		moves, err := d.movesDays(ctx, who, r.At, e.Question)
		if err != nil || !moves {
			return still, reply{}, err
		}
		return e.Question, reply{}, nil
	}
	moving, err := d.movingWords(ctx, who, r, q)
	switch {
	case err != nil || len(moving) == 0:
		return still, reply{}, err
	case e.NoDay || e.NoTime || e.Unknown != "":
		return moving[0], reply{}, nil // the answer says so, and so does what it offers
	}
	out := reply{Answer: Answer{
		Status: AskedBack, Headline: "Shall the days in it move on with time, or stay as they are?",
		Notes: []string{"Nothing was set up yet."},
	}}
	for _, words := range append(moving, still) {
		out.Choices = append(out.Choices, Choice{Label: upperFirst(words), Command: sendMe(words, e.Schedule)})
	}
	return "", out, nil
}

// long is a time after which all words that go along with time mean other days.
const long = 400 * 24 * time.Hour

// movesDays reports whether words mean other days as time goes by.
func (d *Desk) movesDays(ctx context.Context, who asker, at time.Time, words string) (bool, error) {
	var read [2]metric.Query
	for i, at := range []time.Time{at, at.Add(long)} {
		reading, err := d.parser.Parse(ctx, ask.Asked{Text: words, At: at, Viewer: who.viewer})
		if err != nil || reading.Query == nil {
			return false, err
		}
		read[i] = *reading.Query
	}
	return !sameDays(read[0], read[1]), nil
}

// sameDays reports whether two Queries are of the same days, beside their periods.
func sameDays(a, b metric.Query) bool {
	return a.AsOf.Equal(b.AsOf) && a.Reported.Equal(b.Reported) && a.Then.Equal(b.Then) && a.Against.From.Equal(b.Against.From)
}

// movingWords lists words that mean a Query today and other days as time goes by:
// the likeliest first, at most three.
func (d *Desk) movingWords(ctx context.Context, who asker, r Request, q metric.Query) ([]string, error) {
	const most = 3
	want, err := q.Encode()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, words := range d.parser.SayMoving(q, r.At) {
		reading, err := d.parser.Parse(ctx, ask.Asked{Text: words, At: r.At, Viewer: who.viewer})
		if err != nil {
			return nil, err
		}
		if reading.Query == nil || len(found) == most {
			continue
		}
		if read, err := reading.Query.Encode(); err == nil && string(read) == string(want) {
			found = append(found, words)
		}
	}
	return found, nil
}

// daysNote says whether the days that a digest is of, beside its period, go along
// with time.
func (d *Desk) daysNote(digest insights.Digest) string {
	switch {
	case !namesDays(digest.Query):
		return ""
	case digest.Words == d.parser.Say(digest.Query):
		return "The days in it stay as they are."
	default:
		return "The days in it are worked out anew each time."
	}
}
