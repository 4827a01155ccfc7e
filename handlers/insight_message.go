package handlers

import (
	"context"
	"fmt"
	"strings"

	"salesbot/insights"
)

// told is the message that one reader has of an insight: its latest version,
// what it said before if they read that, and their own deals, nobody else's.
func (d *Desk) told(versions []insights.Insight, reader insights.Reader) Answer {
	i := versions[len(versions)-1]
	from := "Insight from " + i.Author.Name + "\n" // nobody asked for it
	if i.State == insights.Retired {
		return Answer{
			Status: Answered, Headline: from + "Retired on " + d.dayOf(i.At) + ": " + i.Why, Retracted: i.What,
			Notes: nonEmpty("Please do not use it any more.", yours(reader)),
		}
	}
	a := Answer{
		Status: Answered, Headline: from + i.What, Table: deals(reader),
		Notes: nonEmpty(append(d.corrections(versions, reader.First), dealWords(reader), d.standing(i), receiptWords(i), yours(reader))...),
	}
	if isLink(i.Evidence) {
		a.Links = []Link{{Label: "Evidence", URL: i.Evidence}}
	}
	for _, mark := range insights.Marks() {
		a.Choices = append(a.Choices, markChoice(i, reader, mark))
	}
	return a
}

func isLink(evidence string) bool { return strings.HasPrefix(evidence, "https://") }

func receiptWords(i insights.Insight) string {
	if isLink(i.Evidence) {
		return ""
	}
	return "Evidence: receipt " + i.Evidence + "."
}

func (d *Desk) standing(i insights.Insight) string {
	return fmt.Sprintf("Confidence: %s. Holds until %s. Posted on %s.", i.Confidence, Day(i.Until), d.dayOf(i.PostedAt))
}

// deals lists the reader's own open deals that the insight touches.
func deals(reader insights.Reader) *Table {
	table := Table{Title: "Your open deals it touches", Columns: textColumns("Your deal", "Account", "Stage"), Total: reader.Touched}
	for _, deal := range reader.Deals {
		table.Rows = append(table.Rows, textRow(deal.Name, deal.Account, deal.Stage))
	}
	return &table
}

func dealWords(reader insights.Reader) string {
	words := "It touches " + plural(Count(int64(reader.Touched)), "open deal") + " of yours"
	if more := reader.Touched - len(reader.Deals); more > 0 {
		words += ": those above and " + Count(int64(more)) + " more"
	}
	return words + "."
}

// corrections say what changed since the reader was told first, the latest
// change first.
func (d *Desk) corrections(versions []insights.Insight, first int) []string {
	var lines []string
	for n := len(versions) - 1; n > 0 && versions[n-1].Version >= first; n-- {
		if was := changes(versions[n-1], versions[n]); was != "" {
			lines = append(lines, "Corrected on "+d.dayOf(versions[n].At)+": "+was+".")
		}
	}
	return lines
}

// changes say what a version said that the next one does not. Whom it concerns
// is not for readers.
func changes(before, after insights.Insight) string {
	var was []string
	if before.What != after.What {
		was = append(was, "was “"+before.What+"”")
	}
	if before.Evidence != after.Evidence {
		was = append(was, "the evidence was "+before.Evidence)
	}
	if before.Confidence != after.Confidence {
		was = append(was, "the confidence was "+string(before.Confidence))
	}
	if !before.Until.Equal(after.Until) {
		was = append(was, "it held until "+Day(before.Until))
	}
	return strings.Join(was, "; ")
}

// yours is the reader's own line.
func yours(reader insights.Reader) string {
	if len(reader.Marks) == 0 {
		return ""
	}
	words := make([]string, len(reader.Marks))
	for i, mark := range reader.Marks {
		words[i] = markLabels[mark].said
	}
	return "You: " + strings.Join(words, ", ")
}

// post tells a new insight to everybody whose open deals it touches.
func (d *Desk) post(who asker, r Request, i insights.Insight, reach insights.Reach) reply {
	i.ID, i.Version, i.Author, i.PostedAt = d.NewID(), 1, authorOf(who, r), r.At
	out := reply{insight: &insights.InsightChange{Insight: i, Written: true}}
	d.tell(&out, []insights.Insight{i}, reach.Readers)
	out.Answer.Status = Answered
	out.Answer.Headline = "Posted. It goes to " + people(len(out.Notices)) + " and touches " + plural(Count(int64(reach.Touched())), "open deal") + "."
	out.Answer.Notes = append(out.Answer.Notes, "For "+i.Audience.String()+", until "+Day(i.Until)+". Each is told of their own deals only.")
	out.Answer.Choices = []Choice{{Label: "My insights", Command: "/insight list"}}
	return out
}

// tell adds a first message for each of the readers, and says whom there is no
// way to reach.
func (d *Desk) tell(out *reply, versions []insights.Insight, readers []insights.Reader) {
	i := versions[len(versions)-1]
	unreached, waiting := 0, 0
	for _, reader := range readers {
		reader.First, reader.Version = i.Version, i.Version
		if reader.Email == "" {
			unreached++
		} else {
			reader.Delivery = fmt.Sprintf("insight:%s:%d:%d", i.ID, i.Version, reader.Person)
			out.Notices = append(out.Notices, Notice{
				Key: reader.Delivery, To: insights.Target{Kind: insights.ToPerson, Email: reader.Email},
				Due: reader.Muted, Expires: d.endOf(i.Until), Answer: d.told(versions, reader),
			})
		}
		if reader.Muted.After(i.At) {
			waiting++
		}
		out.insight.Readers = append(out.insight.Readers, reader)
	}
	if waiting > 0 {
		out.Answer.Notes = append(out.Answer.Notes, people(waiting)+" muted insights for now; they are told when that is over.")
	}
	if unreached > 0 {
		out.Answer.Notes = append(out.Answer.Notes, people(unreached)+" could not be reached: no e-mail address is loaded for them.")
	}
}

// retell changes the messages of those who were told before. Those who read
// the old text for certain, because they reacted to it, are told below it what
// changed; a reply is noise to everybody else.
func (d *Desk) retell(out *reply, versions []insights.Insight, readers []insights.Reader, news string) int {
	i := versions[len(versions)-1]
	n := 0
	for _, reader := range readers {
		reader.Version = i.Version
		out.insight.Readers = append(out.insight.Readers, reader)
		if reader.Delivery == "" || reader.State == insights.Failed || reader.State == insights.Expired {
			continue // there is no message to change
		}
		n++
		key := fmt.Sprintf("insight:%s:%d:%d", i.ID, i.Version, reader.Person)
		out.Notices = append(out.Notices, Notice{
			Key: key + ":update", To: insights.Target{Kind: insights.ToUpdate, Of: reader.Delivery}, Answer: d.told(versions, reader),
		})
		if len(reader.Marks) > 0 {
			out.Notices = append(out.Notices, Notice{
				Key: key + ":reply", To: insights.Target{Kind: insights.ToChannel, Of: reader.Delivery},
				Answer: Answer{Status: Answered, Headline: news},
			})
		}
	}
	return n
}

// correct writes the next version: those who were told see it in place, and
// those it concerns now for the first time are told.
func (d *Desk) correct(ctx context.Context, before []insights.Insight, i insights.Insight, reach insights.Reach) (reply, error) {
	last := before[len(before)-1]
	i.ID, i.Version, i.Author, i.PostedAt = last.ID, last.Version+1, last.Author, last.PostedAt
	was := changes(last, i)
	if was == "" && i.Audience.String() == last.Audience.String() {
		return reply{Answer: Answer{Status: Answered, Headline: "Nothing was changed: the form says what the insight said before."}}, nil
	}
	readers, err := d.Store.InsightReaders(ctx, i.ID)
	if err != nil {
		return reply{}, err
	}
	versions := append(before, i)
	out := reply{insight: &insights.InsightChange{Insight: i, Written: true}}
	updated := 0
	if was != "" {
		updated = d.retell(&out, versions, readers, "This insight was corrected: "+was+". It says now: “"+i.What+"”")
	}
	fresh := without(reach.Readers, readers)
	d.tell(&out, versions, fresh)
	out.Answer.Status = Answered
	out.Answer.Headline = "Corrected. " + people(updated) + " see it changed in the message they have, and " + people(len(fresh)) + " are told for the first time."
	out.Answer.Choices = []Choice{{Label: "My insights", Command: "/insight list"}}
	return out, nil
}

// without leaves out those who were told before: nobody is told twice.
func without(readers, told []insights.Reader) []insights.Reader {
	known := map[int64]bool{}
	for _, r := range told {
		known[r.Person] = true
	}
	var fresh []insights.Reader
	for _, r := range readers {
		if !known[r.Person] {
			fresh = append(fresh, r)
		}
	}
	return fresh
}

// retire strikes the insight out wherever it was told.
func (d *Desk) retire(ctx context.Context, before []insights.Insight, i insights.Insight) (reply, error) {
	readers, err := d.Store.InsightReaders(ctx, i.ID)
	if err != nil {
		return reply{}, err
	}
	out := reply{insight: &insights.InsightChange{Insight: i, Written: true}}
	updated := d.retell(&out, append(before, i), readers, "This insight was retired: "+i.Why)
	out.Answer.Status = Answered
	out.Answer.Headline = "Retired. " + people(updated) + " see it struck out, with the reason."
	out.Answer.Choices = []Choice{{Label: "My insights", Command: "/insight list"}}
	return out, nil
}
