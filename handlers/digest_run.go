package handlers

import (
	"context"
	"slices"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// When a digest that could not be sent is looked at again.
const (
	freshAgain  = 15 * time.Minute // for data that is not fresh
	failedAgain = time.Minute      // longer each time
	maxFailures = 5                // then its owner is told
	lateAfter   = 10 * time.Minute // a digest says that it is late
)

// again asks the words of a digest as of the moment of its schedule, with the
// rights that its owner has now. Words that have come to mean something else
// are not answered.
func (d *Desk) again(ctx context.Context, who asker, r Request) (reply, error) {
	reading, err := d.parser.Parse(ctx, ask.Asked{Text: r.Digest.Words, At: r.At, Viewer: who.viewer})
	if err != nil {
		return reply{}, err
	}
	if reading.Query == nil {
		return askBack(reading), nil
	}
	if !sameQuestion(*reading.Query, r.Digest.Query) {
		return reply{Answer: Answer{
			Status: AskedBack, Headline: "“" + r.Digest.Words + "” now means something else than when you set it up.",
			Notes: []string{"It would now be read as: " + reading.Understood + "."},
		}}, nil
	}
	return d.figure(ctx, who, r, *reading.Query, reading)
}

// ran turns what came of a digest's question into what its owner is told, and
// says how the digest goes on.
func (d *Desk) ran(r Request, out reply) reply {
	digest, err := r.Digest.Again(r.now(), d.Company)
	if err != nil {
		return reply{Answer: d.inWords(err)}
	}
	switch {
	case out.Status == Failed:
		return failed(r, digest, out)
	case out.past:
		return missed(r, digest, out)
	case out.Status != Answered:
		return stopped(r, digest, out)
	case d.isStale(r, out.result):
		return d.held(r, digest, out)
	default:
		return sent(r, digest, out)
	}
}

// isStale reports whether the data was last confirmed too long before the
// moment of the schedule.
func (d *Desk) isStale(r Request, result *metric.Result) bool {
	return d.StaleAfter > 0 && result != nil && result.FreshAt.Before(r.At.Add(-d.StaleAfter))
}

// waiting returns the digest with the same sending to be looked at again.
func waiting(r Request, next insights.Digest, in time.Duration) insights.Digest {
	digest := *r.Digest
	if !digest.NextAt.Equal(r.At) { // an earlier one was missed
		digest.Held, digest.Tries = false, 0
	}
	digest.NextAt, digest.LookAt = r.At, r.now().Add(in)
	if digest.LookAt.After(next.NextAt) {
		digest.LookAt = next.NextAt
	}
	return digest
}

// failed tries again in silence, and in the end says so.
func failed(r Request, next insights.Digest, out reply) reply {
	run := &insights.DigestRun{At: r.At, Outcome: insights.DigestFailed}
	again := waiting(r, next, failedAgain)
	again.Tries++
	again.LookAt = r.now().Add(time.Duration(again.Tries) * failedAgain)
	if again.Tries < maxFailures {
		out.digest = &insights.DigestChange{Digest: again, Run: run, Silent: true}
		return out
	}
	out.Notes = append([]string{out.Headline}, out.Notes...)
	out.Headline = "Your digest of " + momentOf(next, r.At) + " could not be made."
	out.Notes = append(out.Notes, aboutWords(next))
	out.digest = &insights.DigestChange{Digest: next, Run: run}
	return out
}

// missed says that a sending comes too late to be made as of its moment; the
// next one may well be on time.
func missed(r Request, next insights.Digest, out reply) reply {
	out.Notes = append([]string{out.Headline}, out.Notes...)
	out.Headline = "Your digest of " + momentOf(next, r.At) + " could not be made in time."
	out.Notes = append(out.Notes, aboutWords(next))
	out.Choices = []Choice{{Label: "Ask it now", Command: next.Words}, pauseOrResume(next)}
	out.digest = &insights.DigestChange{Digest: next, Run: &insights.DigestRun{At: r.At, Outcome: insights.DigestFailed}}
	return out
}

// stopped pauses a digest that its owner may not see or that is no longer
// understood, and asks the owner.
func stopped(r Request, next insights.Digest, out reply) reply {
	next.State = insights.DigestPaused
	out.Notes = append([]string{out.Headline}, out.Notes...)
	out.Headline = "Your digest of " + momentOf(next, r.At) + " was not sent, and is paused."
	out.Notes = append(out.Notes, "It is number "+number(next)+": "+next.Words+", "+next.Schedule.String()+". Resume it when that is settled, or ask anew.")
	out.Choices = append([]Choice{pauseOrResume(next), deleteChoice(next)}, out.Choices[:min(len(out.Choices), 3)]...)
	out.digest = &insights.DigestChange{Digest: next, Run: &insights.DigestRun{At: r.At, Outcome: insights.DigestStopped}}
	return out
}

// held says once that a sending waits for fresh data.
func (d *Desk) held(r Request, next insights.Digest, out reply) reply {
	digest := waiting(r, next, freshAgain)
	silent := digest.Held
	digest.Held = true
	since := "no data has been loaded yet"
	if fresh := out.result.FreshAt; !fresh.IsZero() {
		since = "the data was last confirmed on " + momentOf(digest, fresh)
	}
	return reply{
		Answer: Answer{
			Status: Failed, Code: "stale",
			Headline: "Your digest of " + momentOf(digest, r.At) + " (" + digest.Schedule.Zone + ") is held: " + since + ".",
			Notes: []string{
				"It is sent as soon as newer data is loaded, until the next one is due on " + Moment(next.NextAt) + ".",
				"It is number " + number(digest) + ": " + digest.Words + ", " + digest.Schedule.String() + ".",
			},
			Choices: []Choice{{Label: "Ask it now", Command: digest.Words}, pauseOrResume(digest)},
		},
		digest: &insights.DigestChange{Digest: digest, Run: &insights.DigestRun{At: r.At, Outcome: insights.DigestHeld}, Silent: silent},
	}
}

// sent heads an answer with the moment it is of, and says what changed.
func sent(r Request, next insights.Digest, out reply) reply {
	out.Headline = "Your digest, as of " + momentOf(next, r.At) + " (" + next.Schedule.Zone + "). " + out.Headline + sinceWords(next, *out.result, scope(out))
	out.Notes = append(out.Notes, nonEmpty(lateWords(r), beforeWords(*r.Digest), aboutWords(next))...)
	out.Choices = append(out.Choices[:min(len(out.Choices), 4)], Choice{Label: "Pause this digest", Command: "/digest pause " + number(next)})
	run := &insights.DigestRun{At: r.At, Outcome: insights.DigestSent, Period: out.result.Query.Period, Scope: scope(out)}
	if out.result.Query.Shape == metric.ShapeFigure { // what changed, and how long a list is, is not set against the last one
		for _, f := range out.result.Figures {
			run.Figures = append(run.Figures, f.Quantity)
		}
	}
	out.digest = &insights.DigestChange{Digest: next, Run: run}
	return out
}

// scope lists the people whose deals alone a narrowed figure counts.
func scope(out reply) []int64 {
	if !out.result.Narrowed {
		return nil
	}
	return out.receipt.Viewer.People
}

func aboutWords(next insights.Digest) string {
	return "Digest " + number(next) + ", " + next.Schedule.String() + ": " + next.Words + ". Next: " + Moment(next.NextAt) + "."
}

func lateWords(r Request) string {
	switch {
	case r.Digest.Held && r.Digest.NextAt.Equal(r.At):
		return "It was held until fresh data was loaded; the periods are those of its time."
	case r.now().Sub(r.At) > lateAfter:
		return "It is sent late; the periods are those of its time. Earlier ones that were missed are not sent any more."
	default:
		return ""
	}
}

// beforeWords tell the owner of a digest that may not have reached them.
func beforeWords(d insights.Digest) string {
	if d.Last == nil || d.Last.Outcome != insights.DigestSent {
		return ""
	}
	switch d.Last.Delivery {
	case insights.Unconfirmed, insights.Failed, insights.Expired:
		return "The one before, " + lastWords(d) + "."
	default:
		return ""
	}
}

// sinceWords set the figures against those of the last sending. Figures of
// different periods stand side by side; nothing is subtracted. Those that count
// other people's deals are not set against each other at all.
func sinceWords(d insights.Digest, result metric.Result, scope []int64) string {
	said := d.Said
	if said == nil || result.Query.Shape != metric.ShapeFigure || len(result.Query.Having) > 0 { // the whole says nothing of the rows that are kept
		return ""
	}
	if !slices.Equal(said.Scope, scope) {
		return " It is not set against the last one, of " + momentOf(d, said.At) + ": whose deals you may see has changed since."
	}
	same := said.Period.From.Equal(result.Query.Period.From) && said.Period.To.Equal(result.Query.Period.To)
	var words []string
	for _, f := range result.Figures {
		for _, before := range said.Figures {
			if before.Unit != f.Unit || before.Currency != f.Currency {
				continue
			}
			if same {
				words = append(words, changeWords(metric.Since(f.Quantity, before))+" ("+Words(before)+")")
			} else {
				words = append(words, Words(before))
			}
		}
	}
	if len(words) == 0 {
		return ""
	}
	if same {
		return " Since the last one, of " + momentOf(d, said.At) + ": " + joinAnd(words) + "."
	}
	return " The last one, of " + momentOf(d, said.At) + ", said " + joinAnd(words) + " for " + Days(said.Period) + "."
}
