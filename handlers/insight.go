package handlers

import (
	"context"
	"strings"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
)

// InsightStore is what the handlers need to know of insights.
type InsightStore interface {
	// AudienceOptions lists what an audience can be made of on a day.
	AudienceOptions(ctx context.Context, on time.Time) (insights.Audience, error)
	// Reach finds whom an audience concerns on a day.
	Reach(ctx context.Context, a insights.Audience, on time.Time) (insights.Reach, error)
	// InsightVersions lists every version of an insight, none if there is none.
	InsightVersions(ctx context.Context, id string) ([]insights.Insight, error)
	// InsightReaders lists who was told an insight.
	InsightReaders(ctx context.Context, id string) ([]insights.Reader, error)
	InsightReader(ctx context.Context, id string, person int64) (insights.Reader, bool, error)
	// InsightsBy lists what an author posted, and how far it came.
	InsightsBy(ctx context.Context, author insights.Author) ([]insights.InsightStanding, error)
	// InsightsFor lists what a person was told and holds on a day.
	InsightsFor(ctx context.Context, person int64, on time.Time) ([]insights.Insight, error)
	// Receipt reads what a figure was computed with.
	Receipt(ctx context.Context, id string) (insights.Receipt, error)
}

// insight is /insight: what customers want or do, from those who find it out
// to those whose deals it touches.
func (d *Desk) insight(ctx context.Context, who asker, r Request) (reply, error) {
	verb, rest, _ := strings.Cut(r.Text, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(verb) {
	case "", "new":
		return d.newInsight(ctx, who, r)
	case "list":
		return d.listInsights(ctx, who, r)
	case "correct":
		return d.correctInsight(ctx, who, r, rest)
	case "retire":
		return d.retireInsight(ctx, who, r, rest)
	case "mark":
		return d.markInsight(ctx, who, r, rest, true)
	case "unmark":
		return d.markInsight(ctx, who, r, rest, false)
	}
	return reply{Answer: Answer{
		Status:   NotUnderstood,
		Headline: "I did not understand “" + r.Text + "” after /insight.",
		Notes:    []string{"It takes new or list. To correct or retire an insight, press its button in the list."},
		Choices:  []Choice{{Label: "List", Command: "/insight list"}},
	}}, nil
}

// mayPost reports whether somebody posts insights: that takes evidence, and
// looking beyond one's own deals.
func mayPost(who asker) bool {
	return who.viewer.Role == metric.RoleAnalyst || who.viewer.Role == metric.RoleAdmin
}

// mayChange reports whether somebody may correct or retire an insight.
func mayChange(who asker, r Request, i insights.Insight) bool {
	return who.viewer.Role == metric.RoleAdmin || mayPost(who) && authorOf(who, r).Is(i.Author)
}

func authorOf(who asker, r Request) insights.Author {
	return insights.Author{Person: who.viewer.PersonID, Name: who.viewer.Name, Email: r.Actor.Email}
}

const whoPosts = "Analysts and administrators post insights. Your sales-ops administrator can make you one; " +
	"what is posted reaches you by itself when it touches your open deals."

// newInsight opens the form, beside the list of what was posted before.
func (d *Desk) newInsight(ctx context.Context, who asker, r Request) (reply, error) {
	if !mayPost(who) {
		if r.Text != "" {
			return reply{Answer: Answer{
				Status: Refused, Code: metric.CodeNotAllowed, Headline: "You cannot post insights.", Notes: []string{whoPosts},
				Choices: []Choice{{Label: "Insights for me", Command: "/insight list"}},
			}}, nil
		}
		return d.listInsights(ctx, who, r)
	}
	out, err := d.listInsights(ctx, who, r)
	if err != nil || r.Origin == FromTerminal {
		return out, err
	}
	form, err := d.postingForm(ctx, r)
	out.Form = &form
	return out, err
}

// listInsights answers with what the asker posted or, to those who do not post,
// with what concerns them.
func (d *Desk) listInsights(ctx context.Context, who asker, r Request) (reply, error) {
	if !mayPost(who) {
		return d.insightsForMe(ctx, who, r)
	}
	mine, err := d.Store.InsightsBy(ctx, authorOf(who, r))
	if err != nil {
		return reply{}, err
	}
	again := Choice{Label: "New insight", Command: "/insight new"}
	if len(mine) == 0 {
		return reply{Answer: Answer{Status: Answered, Headline: "You have not posted an insight yet.", Choices: []Choice{again}}}, nil
	}
	table := Table{Title: "My insights", Columns: textColumns("Insight", "For", "Until", "State", "Reached", "Reactions"), Total: len(mine)}
	choices := []Choice{again}
	for _, i := range mine {
		table.Rows = append(table.Rows, textRow(i.What, i.Audience.String(), Day(i.Until), d.stateWords(i.Insight, r.At), reachWords(i), markCounts(i)))
		if i.State == insights.Live {
			choices = append(choices,
				Choice{Label: "Correct: " + shorten(i.What, 40), Command: "/insight correct " + i.ID},
				Choice{Label: "Retire: " + shorten(i.What, 40), Command: "/insight retire " + i.ID})
		}
	}
	return reply{Answer: Answer{
		Status: Answered, Headline: "You posted " + plural(Count(int64(len(mine))), "insight") + ".", Table: &table, Choices: choices,
	}}, nil
}

func (d *Desk) insightsForMe(ctx context.Context, who asker, r Request) (reply, error) {
	found, err := d.Store.InsightsFor(ctx, who.viewer.PersonID, d.today(r.At))
	if err != nil {
		return reply{}, err
	}
	if len(found) == 0 {
		return reply{Answer: Answer{Status: Answered, Headline: "No insight concerns your open deals now.", Notes: []string{whoPosts}}}, nil
	}
	table := Table{Title: "Insights for me", Columns: textColumns("Insight", "Confidence", "Until", "By"), Total: len(found)}
	for _, i := range found {
		table.Rows = append(table.Rows, textRow(i.What, string(i.Confidence), Day(i.Until), i.Author.Name))
	}
	return reply{Answer: Answer{
		Status: Answered, Headline: plural(Count(int64(len(found))), "insight") + " for you; each is in your direct messages, with the deals it touches.",
		Table: &table, Notes: []string{whoPosts},
	}}, nil
}

func textColumns(labels ...string) []Column {
	columns := make([]Column, len(labels))
	for i, label := range labels {
		columns[i] = Column{Column: metric.Column{Name: strings.ToLower(label)}, Label: label}
	}
	return columns
}

func textRow(texts ...string) []metric.Cell {
	cells := make([]metric.Cell, len(texts))
	for i, text := range texts {
		cells[i] = metric.Cell{Text: text}
	}
	return cells
}

func (d *Desk) stateWords(i insights.Insight, at time.Time) string {
	switch {
	case i.State == insights.Retired:
		return "retired on " + d.dayOf(i.At) + ": " + i.Why
	case i.Until.Before(d.today(at)):
		return "past its date"
	case i.Version > 1:
		return "live, corrected on " + d.dayOf(i.At)
	default:
		return "live"
	}
}

// reachWords say how far an insight came. Who was not reached is said apart:
// the author would otherwise rely on it.
func reachWords(i insights.InsightStanding) string {
	words := []string{people(i.Told) + ", " + plural(Count(int64(i.Touched)), "deal")}
	if i.Waiting > 0 {
		words = append(words, Count(int64(i.Waiting))+" on the way")
	}
	if i.Missed > 0 {
		words = append(words, Count(int64(i.Missed))+" could not be reached")
	}
	return strings.Join(words, "; ")
}

func markCounts(i insights.InsightStanding) string {
	words := make([]string, 0, len(insights.Marks()))
	for _, mark := range insights.Marks() {
		words = append(words, Count(int64(i.Marks[mark]))+" "+markLabels[mark].said)
	}
	return strings.Join(words, ", ")
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return Count(int64(n)) + " people"
}

// shorten keeps whole words from the beginning of a text, for a label.
func shorten(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	kept := string(runes[:most-1])
	if end := strings.LastIndex(kept, " "); end > 0 {
		kept = kept[:end]
	}
	return kept + "…"
}

// today is the day it is in the company's zone, as days are stored.
func (d *Desk) today(at time.Time) time.Time {
	local := at.In(d.Company.Zone)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC)
}

func (d *Desk) dayOf(at time.Time) string { return Day(at.In(d.Company.Zone)) }

// endOf is when a day ends in the company's zone.
func (d *Desk) endOf(day time.Time) time.Time {
	return metric.Midnight(day.Year(), day.Month(), day.Day()+1, d.Company.Zone)
}

// latest finds an insight with all its versions, the latest one last, or says
// that there is none.
func (d *Desk) latest(ctx context.Context, id string) ([]insights.Insight, error) {
	versions, err := d.Store.InsightVersions(ctx, id)
	if err == nil && len(versions) == 0 {
		err = &metric.Refusal{Code: metric.CodeInvalid, Message: "There is no such insight.", Hint: "Press a button of the list.", Instead: []string{"/insight list"}}
	}
	return versions, err
}
