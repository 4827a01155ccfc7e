package handlers

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// asCSV are the words behind a question that ask for its table as a file; by
// themselves, or as an order to export it, they ask for that of the last answer.
var asCSV = regexp.MustCompile(`(?i)^(?:(?:export|download|send)(?: (?:it|that|this|them))?|(.*?))[\s,;]*\b(?:as )?(?:an? )?csv(?: file)?[\s.!?]*$`)

// readAsCSV takes these words from a question, and reports whether they were
// there.
func readAsCSV(text string) (question string, ok bool) {
	found := asCSV.FindStringSubmatch(text)
	if found == nil {
		return text, false
	}
	return strings.TrimSpace(found[1]), true
}

// mostCSV is how many bytes of a file the ledger holds.
const mostCSV = 8 << 20

// asFile answers a question with a file of its whole table, sent to the asker
// alone: in their direct message, wherever they asked.
func (d *Desk) asFile(ctx context.Context, who asker, r Request, hint string) (reply, error) {
	if r.Actor.Local || r.Origin == FromTerminal {
		return reply{Answer: Answer{
			Status: Refused, Code: metric.CodeNotAvailable, Headline: "Here nobody can be sent a file.",
			Notes: []string{"`salesbot ask --csv` and the question prints the whole table as CSV."},
		}}, nil
	}
	if r.Text == "" {
		last, err := d.lastQuery(ctx, r)
		if err != nil {
			return reply{}, err
		}
		if last == nil {
			return reply{Answer: Answer{Status: NotUnderstood, Headline: "Which table do you want as CSV?",
				Notes: []string{"There is no earlier question here. Write one, and “as csv” behind it."}}}, nil
		}
		r.Text = d.parser.Say(ofWhole(*last))
	}
	r.Whole = true
	out, err := d.question(ctx, who, r, hint)
	if err != nil || out.Status != Answered || out.result == nil {
		return out, err
	}
	return d.attached(r, out)
}

// ofWhole is the Query of which a file holds all rows.
func ofWhole(q metric.Query) metric.Query {
	if q.Shape == metric.ShapeDeals {
		q.Limit, q.Offset = 0, 0
	}
	return q
}

// attached puts the table of an answer into a file.
func (d *Desk) attached(r Request, out reply) (reply, error) {
	var content bytes.Buffer
	if err := CSV(&content, out.Answer); err != nil {
		return reply{}, err
	}
	if content.Len() > mostCSV {
		return reply{}, &metric.Refusal{
			Code: metric.CodeNotAvailable, Message: "That is more than I can send as one file.",
			Hint: "Ask for less at a time: a shorter period, or one territory.",
		}
	}
	rows := len(out.Figures)
	if out.Table != nil {
		rows = len(out.Table.Rows)
	}
	name := out.result.Query.Metric + "-" + r.At.In(d.Company.Zone).Format(time.DateOnly) + ".csv"
	held := plural(Count(int64(rows)), "row") + " in " + name
	said := []string{out.Headline, held + ".", "Receipt " + out.Receipt + "."}
	out.Notices = append(out.Notices, Notice{
		Key: "file:" + r.Key, To: insights.Target{Kind: insights.ToPerson, User: r.Actor.ID},
		Answer: Answer{Status: Answered, Headline: strings.Join(said, " ")},
		File: &Attachment{Name: name, Content: content.Bytes(), Instead: Answer{
			Status: Failed, Headline: "I could not send you " + name + ": Slack does not take it.",
			Notes: []string{"An administrator can look whether the app has the scope files:write: `salesbot doctor` says so. Nothing else is affected."},
		}},
	})
	out.Quiet = r.Place.Direct // the file says it all, where it is asked for
	out.Table = nil
	out.Notes = slices.Insert(out.Notes, 0, held+", which I am sending to you in our direct message.")
	out.Choices = nil
	return out, nil
}

// offerFile offers a list that is longer than its page as a file.
func (d *Desk) offerFile(r Request, result metric.Result, choices []Choice) []Choice {
	if r.Actor.Local || r.Origin == FromTerminal || r.Origin == FromDigest || result.Listing == nil || len(result.Rows) == result.Total || len(choices) == 0 {
		return choices
	}
	file := d.offer("As CSV", ofWhole(result.Query))
	file.Command += ", as csv"
	return slices.Insert(slices.Clone(choices), 1, file)
}
