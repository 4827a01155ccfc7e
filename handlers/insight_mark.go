package handlers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// markLabels are a mark's words on its button and in a sentence.
var markLabels = map[insights.Mark]struct{ button, said string }{
	insights.Useful: {"Useful", "useful"},
	insights.Used:   {"Used it", "used it"},
	insights.Wrong:  {"Wrong", "wrong"},
}

// markChoice sets a mark, or takes it back where it is set. It says which, so
// that pressing twice is pressing once.
func markChoice(i insights.Insight, reader insights.Reader, mark insights.Mark) Choice {
	if slices.Contains(reader.Marks, mark) {
		return Choice{Label: markLabels[mark].button + " ✓", Command: "/insight unmark " + i.ID + " " + string(mark)}
	}
	return Choice{Label: markLabels[mark].button, Command: "/insight mark " + i.ID + " " + string(mark)}
}

// markInsight sets or takes back what a reader says of an insight. Who was not
// told it has no say: the id in the button gives no right.
func (d *Desk) markInsight(ctx context.Context, who asker, r Request, rest string, set bool) (reply, error) {
	if mark := insights.Mark(rest); set && slices.Contains(insights.Marks(), mark) {
		return d.whichToMark(ctx, who, r, mark)
	}
	id, word, _ := strings.Cut(rest, " ")
	mark := insights.Mark(strings.TrimSpace(word))
	if !slices.Contains(insights.Marks(), mark) {
		return reply{}, &metric.Refusal{Code: metric.CodeInvalid, Message: "An insight is marked useful, used or wrong.", Hint: "Press the button below it."}
	}
	versions, reader, refused, err := d.toldTo(ctx, who, r, id)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	i := versions[len(versions)-1]
	out := reply{
		Answer:  Answer{Status: Answered, Headline: "Noted.", Quiet: true},
		insight: &insights.InsightChange{Insight: i, Marked: &insights.Marked{Person: reader.Person, Mark: mark, Set: set}},
	}
	if set && mark == insights.Wrong {
		d.object(&out, i, reader)
	}
	if set == slices.Contains(reader.Marks, mark) {
		return out, nil
	}
	reader.Marks = slices.DeleteFunc(slices.Clone(reader.Marks), func(m insights.Mark) bool { return m == mark })
	if set {
		reader.Marks = append(reader.Marks, mark)
	}
	out.Notices = append(out.Notices, Notice{
		Key: "insight:" + i.ID + ":mark:" + d.NewID(), To: insights.Target{Kind: insights.ToUpdate, Of: reader.Delivery}, Answer: d.told(versions, reader),
	})
	return out, nil
}

// whichToMark asks which of the insights that the asker was told is meant by what
// they say of one.
func (d *Desk) whichToMark(ctx context.Context, who asker, r Request, mark insights.Mark) (reply, error) {
	if r.Origin == FromTerminal {
		return refusal(markedInSlack), nil
	}
	found, err := d.Store.InsightsFor(ctx, who.viewer.PersonID, d.today(r.At))
	if err != nil {
		return reply{}, err
	}
	if len(found) == 0 {
		return reply{Answer: Answer{Status: Answered, Headline: "No insight that holds now was sent to you, so there is none to say that of."}}, nil
	}
	out := Answer{Status: AskedBack, Headline: "Which insight is " + markLabels[mark].said + "?"}
	if mark == insights.Used {
		out.Headline = "Which insight have you used?"
	}
	const most = 8
	for _, i := range found[:min(len(found), most)] {
		out.Choices = append(out.Choices, Choice{Label: shorten(i.What, 60), Command: "/insight mark " + i.ID + " " + string(mark)})
	}
	return reply{Answer: out}, nil
}

// markedInSlack says where insights are marked.
const markedInSlack = "Insights are marked in Slack, below the message itself."

// toldTo finds an insight that holds and the asker among those who were told
// it, or what refuses them.
func (d *Desk) toldTo(ctx context.Context, who asker, r Request, id string) ([]insights.Insight, insights.Reader, reply, error) {
	versions, err := d.latest(ctx, id)
	if err != nil {
		return nil, insights.Reader{}, reply{}, err
	}
	reader, found, err := d.Store.InsightReader(ctx, id, who.viewer.PersonID)
	switch {
	case err != nil:
		return nil, reader, reply{}, err
	case !found || reader.Delivery == "":
		return nil, reader, refusal("Only those who were sent this insight can say what they think of it."), nil
	case versions[len(versions)-1].State == insights.Retired:
		return nil, reader, refusal("This insight was retired, so it cannot be marked any more."), nil
	case r.Origin == FromTerminal:
		return nil, reader, refusal(markedInSlack), nil
	}
	return versions, reader, reply{}, nil
}

// object tells the author that a reader finds the insight wrong, once, and asks
// the reader why.
func (d *Desk) object(out *reply, i insights.Insight, reader insights.Reader) {
	out.Notices = append(out.Notices, Notice{
		Key: objection(i, reader), To: insights.Target{Kind: insights.ToPerson, Email: i.Author.Email},
		Answer: Answer{
			Status: Answered, Headline: reader.Name + " says that your insight is wrong: “" + shorten(i.What, 200) + "”",
			Notes: []string{"If they say why, it appears below this message."},
			Choices: []Choice{
				{Label: "Correct", Command: "/insight correct " + i.ID},
				{Label: "Retire", Command: "/insight retire " + i.ID},
			},
		},
	})
	out.Form = &Form{
		ID: wrongForm, Context: i.ID, Title: "What is wrong?", Submit: "Tell the author",
		Fields: []Field{{ID: fieldWhy, Label: "What is wrong about it?", Kind: Lines, MaxLength: longestWhy,
			Hint: "It goes to " + i.Author.Name + " alone. Your mark is kept even if you cancel."}},
		Again: Choice{Label: "Say why", Command: "/insight mark " + i.ID + " " + string(insights.Wrong)},
	}
}

func objection(i insights.Insight, reader insights.Reader) string {
	return fmt.Sprintf("insight:%s:wrong:%d", i.ID, reader.Person)
}

// submitWrong passes on why a reader finds an insight wrong.
func (d *Desk) submitWrong(ctx context.Context, who asker, r Request) (reply, error) {
	versions, reader, refused, err := d.toldTo(ctx, who, r, r.Form.Context)
	if err != nil || refused.Status != "" {
		return refused, err
	}
	why := shorten(r.Form.first(fieldWhy), longestWhy)
	if why == "" {
		return reply{}, &metric.Refusal{Code: metric.CodeInvalid, Message: "There is nothing to pass on."}
	}
	i := versions[len(versions)-1]
	return reply{Answer: Answer{
		Status: Answered, Headline: "Thank you. " + i.Author.Name + " is told.",
		Notices: []Notice{{
			Key: "insight:" + i.ID + ":why:" + d.NewID(), To: insights.Target{Kind: insights.ToChannel, Of: objection(i, reader)},
			Answer: Answer{Status: Answered, Headline: reader.Name + ": “" + why + "”"},
		}},
	}}, nil
}
