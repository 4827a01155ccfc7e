package handlers

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"salesbot/handlers/ask"
	"salesbot/insights"
	"salesbot/insights/metric"
)

// Digests is what the handlers need to know of the digests that are stored.
type Digests interface {
	// NewDigestID reserves the number of a digest.
	NewDigestID(ctx context.Context) (int64, error)
	// DigestsOf lists somebody's digests, AllDigests everybody's: those that are
	// not deleted, the oldest first.
	DigestsOf(ctx context.Context, team, owner string, person int64) ([]insights.Digest, error)
	AllDigests(ctx context.Context, team string) ([]insights.Digest, error)
}

// digest is /digest: what somebody is sent on time, and how to change that.
func (d *Desk) digest(ctx context.Context, who asker, r Request) (reply, error) {
	verb, which, _ := strings.Cut(strings.ToLower(r.Text), " ")
	switch verb {
	case "", "list", "mine":
		return d.myDigests(ctx, who, r)
	case "all":
		return d.allDigests(ctx, who, r)
	case "pause", "stop":
		return d.changeDigest(ctx, who, r, "pause", which)
	case "resume", "start":
		return d.changeDigest(ctx, who, r, "resume", which)
	case "delete", "remove":
		return d.changeDigest(ctx, who, r, "delete", which)
	}
	if every, ok := ask.ReadEvery("send me "+r.Text, d.Company); ok {
		return d.every(ctx, who, r, every)
	}
	return reply{Answer: Answer{
		Status:   NotUnderstood,
		Headline: "I did not understand “" + r.Text + "” after /digest.",
		Notes: []string{"Alone it lists what you are sent. /digest pause 3, /digest resume 3 and /digest delete 3 change number 3; " +
			"/digest won revenue this week every Monday at 8am makes a new one."},
		Choices: []Choice{listChoice},
	}}, nil
}

var listChoice = Choice{Label: "My digests", Command: "/digest"}

// mine lists the asker's digests, by their account or as the same person.
func (d *Desk) mine(ctx context.Context, who asker, r Request) ([]insights.Digest, error) {
	return d.Store.DigestsOf(ctx, r.Actor.Team, r.Actor.ID, who.person.ID)
}

func (d *Desk) myDigests(ctx context.Context, who asker, r Request) (reply, error) {
	mine, err := d.mine(ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	if len(mine) == 0 {
		return reply{Answer: Answer{
			Status: Answered, Headline: "You are sent no digests.",
			Notes: []string{"Ask me something and then say “send me this every Monday at 8am”, or say both in one go."},
		}}, nil
	}
	answer := Answer{
		Status:   Answered,
		Headline: "You have " + plural(Count(int64(len(mine))), "digest") + ".",
		Table:    digestTable(mine, r.now(), d.Company, false),
	}
	const shown = 5 // more buttons than these are no help
	for _, digest := range mine[:min(len(mine), shown)] {
		answer.Choices = append(answer.Choices, pauseOrResume(digest), deleteChoice(digest))
	}
	if len(mine) > shown {
		answer.Notes = append(answer.Notes, "For the others, type /digest pause, /digest resume or /digest delete and the number.")
	}
	return reply{Answer: answer}, nil
}

func (d *Desk) allDigests(ctx context.Context, who asker, r Request) (reply, error) {
	if who.viewer.Role != metric.RoleAdmin {
		out := refusal("Only administrators see everybody's digests.")
		out.Choices = []Choice{listChoice}
		return out, nil
	}
	all, err := d.Store.AllDigests(ctx, r.Actor.Team)
	if err != nil {
		return reply{}, err
	}
	answer := Answer{Status: Answered, Headline: "There are " + plural(Count(int64(len(all))), "digest") + " in all.", Choices: []Choice{listChoice}}
	if len(all) > 0 {
		answer.Table = digestTable(all, r.now(), d.Company, true)
		answer.Notes = []string{"You can pause, resume and delete each of them by its number."}
	}
	return reply{Answer: answer}, nil
}

func digestTable(digests []insights.Digest, now time.Time, co metric.Company, owners bool) *Table {
	heads := []string{"No.", "What", "When", "Next three times", "State", "Last"}
	if owners {
		heads = append(heads, "For")
	}
	table := &Table{Title: "Digests", Total: len(digests)}
	for _, head := range heads {
		name := strings.ToLower(strings.Trim(strings.ReplaceAll(head, " ", "_"), "."))
		table.Columns = append(table.Columns, Column{Column: metric.Column{Name: name}, Label: head})
	}
	for _, digest := range digests {
		next := ""
		if digest.State == insights.DigestActive {
			next = nextWords(digest, now, co)
		}
		row := []metric.Cell{
			{Text: number(digest)}, {Text: digest.Words}, {Text: digest.Schedule.String()}, {Text: next},
			{Text: stateWords(digest)}, {Text: lastWords(digest)},
		}
		if owners {
			row = append(row, metric.Cell{Text: digest.Name})
		}
		table.Rows = append(table.Rows, row)
	}
	return table
}

func number(d insights.Digest) string { return strconv.FormatInt(d.ID, 10) }

// nextWords are the next three times, in the zone of the schedule.
func nextWords(d insights.Digest, now time.Time, co metric.Company) string {
	if d.NextAt.After(now) { // it may be muted until then
		now = d.NextAt.Add(-time.Nanosecond)
	}
	times, err := d.Schedule.NextThree(now, co)
	if err != nil {
		return ""
	}
	words := make([]string, len(times))
	for i, t := range times {
		words[i] = Moment(t)
	}
	return strings.Join(words, ", ")
}

// Moment writes a moment as "Mon 23 Nov 2026 08:00", where it is given.
func Moment(t time.Time) string { return t.Format("Mon 2 Jan 2006 15:04") }

// momentOf writes a moment as the clocks of the digest's zone show it.
func momentOf(d insights.Digest, t time.Time) string {
	if zone, err := time.LoadLocation(d.Schedule.Zone); err == nil {
		t = t.In(zone)
	}
	return Moment(t)
}

func stateWords(d insights.Digest) string {
	if d.State == insights.DigestActive && d.Held {
		return "held"
	}
	return string(d.State)
}

// lastWords say what became of the latest sending.
func lastWords(d insights.Digest) string {
	if d.Last == nil {
		return "none yet"
	}
	outcome := map[insights.DigestOutcome]string{
		insights.DigestHeld: "held, the data was not fresh", insights.DigestStopped: "not sent, and paused", insights.DigestFailed: "failed",
	}[d.Last.Outcome]
	if d.Last.Outcome == insights.DigestSent {
		outcome = deliveryOutcome(d.Last.Delivery)
	}
	return momentOf(d, d.Last.At) + ": " + outcome
}

func deliveryOutcome(state insights.DeliveryState) string {
	switch state {
	case insights.Sent:
		return "sent"
	case insights.Unconfirmed:
		return "unconfirmed, it may not have arrived"
	case insights.Failed, insights.Expired:
		return "could not be delivered"
	default:
		return "on its way"
	}
}

func pauseOrResume(d insights.Digest) Choice {
	if d.State == insights.DigestPaused {
		return Choice{Label: "Resume " + number(d), Command: "/digest resume " + number(d)}
	}
	return Choice{Label: "Pause " + number(d), Command: "/digest pause " + number(d)}
}

func deleteChoice(d insights.Digest) Choice {
	return Choice{Label: "Delete " + number(d), Command: "/digest delete " + number(d)}
}

// changeDigest pauses, resumes or deletes a digest: one's own, or for an
// administrator anybody's.
func (d *Desk) changeDigest(ctx context.Context, who asker, r Request, verb, which string) (reply, error) {
	mine, err := d.mine(ctx, who, r)
	if err != nil {
		return reply{}, err
	}
	reach := mine
	if who.viewer.Role == metric.RoleAdmin {
		if reach, err = d.Store.AllDigests(ctx, r.Actor.Team); err != nil {
			return reply{}, err
		}
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(which), "#"), 10, 64)
	i := slices.IndexFunc(reach, func(digest insights.Digest) bool { return err == nil && digest.ID == id })
	if i < 0 {
		return whichDigest(verb, strings.TrimSpace(which), mine), nil
	}
	return d.decided(reach[i], verb, r)
}

// whichDigest asks which digest is meant.
func whichDigest(verb, which string, mine []insights.Digest) reply {
	a := Answer{Status: AskedBack, Headline: "Which digest do you want to " + verb + "? Give me its number, as in /digest " + verb + " 3."}
	if which != "" {
		a.Status, a.Headline = NotUnderstood, "You have no digest “"+which+"”."
	}
	if len(mine) == 0 {
		a.Notes = []string{"You are sent no digests."}
		return reply{Answer: a}
	}
	for _, digest := range mine[:min(len(mine), 4)] {
		label := strings.ToUpper(verb[:1]) + verb[1:] + " " + number(digest) + ": " + digest.Words
		a.Choices = append(a.Choices, Choice{Label: label, Command: "/digest " + verb + " " + number(digest)})
	}
	a.Choices = append(a.Choices, listChoice)
	return reply{Answer: a}
}

// decided carries out what a person decides about a digest.
func (d *Desk) decided(digest insights.Digest, verb string, r Request) (reply, error) {
	digest, err := digest.Again(r.now(), d.Company)
	if err != nil {
		return reply{}, err
	}
	what := ": " + digest.Words + ", " + digest.Schedule.String() + "."
	answer := Answer{Status: Answered}
	switch verb {
	case "pause":
		digest.State = insights.DigestPaused
		answer.Headline = "Digest " + number(digest) + " is paused" + what
		answer.Choices = []Choice{pauseOrResume(digest), deleteChoice(digest), listChoice}
	case "resume":
		digest.State = insights.DigestActive
		answer.Headline = "Digest " + number(digest) + " is sent again" + what
		answer.Notes = []string{"Next: " + nextWords(digest, r.now(), d.Company) + "."}
		answer.Choices = []Choice{pauseOrResume(digest), deleteChoice(digest), listChoice}
	default:
		digest.State = insights.DigestDeleted
		answer.Headline = "Digest " + number(digest) + " is deleted" + what
		answer.Choices = []Choice{listChoice}
		if digest.Owner == r.Actor.ID {
			again := Choice{Label: "Set it up again", Command: sendMe(digest.Words, digest.Schedule)}
			answer.Choices = append([]Choice{again}, answer.Choices...)
		}
	}
	return reply{Answer: answer, digest: &insights.DigestChange{Digest: digest}}, nil
}

// sendMe is the command that sets a digest up, complete in itself.
func sendMe(words string, s insights.Schedule) string {
	command := "send me " + words + " " + ask.SayEvery(s)
	if s.Zone != "" {
		command += " " + s.Zone
	}
	return command
}

func digestCountWords(c insights.DigestCounts) string {
	return "Digests: " + Count(c.Active) + " active (" + Count(c.Held) + " held, " + Count(c.Late) + " late), " + Count(c.Paused) + " paused."
}
