package handlers

import (
	"context"
	"strings"

	"salesbot/insights/metric"
)

// salesbot is /salesbot: about the bot and the asker themselves.
func (d *Desk) salesbot(ctx context.Context, who asker, r Request) (reply, error) {
	if id, ok := readProve(r.Text); ok {
		return d.prove(ctx, who, id)
	}
	if out, ok, err := d.share(ctx, who, r, r.Text); ok || err != nil {
		return out, err
	}
	switch strings.ToLower(r.Text) {
	case "", "help":
		return d.help(ctx, who, r)
	case "whoami", "who am i":
		return d.whoami(ctx, who, r)
	case "status":
		return d.status(ctx, who, r)
	}
	return reply{Answer: Answer{
		Status:   NotUnderstood,
		Headline: "I did not understand “" + r.Text + "” after /salesbot.",
		Notes:    []string{"It takes help, whoami, status, prove and the id of a receipt, or share this in a channel. Questions go to /kpi, or straight to me in a direct message."},
		Choices:  []Choice{{Label: "Help", Command: "/salesbot help"}, {Label: "Who am I?", Command: "/salesbot whoami"}},
	}}, nil
}

func (d *Desk) help(_ context.Context, who asker, _ Request) (reply, error) {
	lines := make([]string, 0, len(Commands()))
	for _, c := range Commands() {
		lines = append(lines, c.Name+" "+c.Usage+" — "+c.Summary)
	}
	return reply{Answer: Answer{
		Status:   Answered,
		Headline: "Ask me about won revenue, win rate, deal size, sales cycle and the open pipeline, in plain words or by command.",
		Notes: []string{
			strings.Join(lines, "\n"),
			"Write to me directly, or mention me in a channel: only you see the answer. “Share this” shows it to the others in a channel, if all of them may see it. Every answer says how I read the question, what was counted and how fresh the data is.",
		},
		Choices: helpChoices(who),
	}}, nil
}

// helpChoices are questions that work for this very person.
func helpChoices(who asker) []Choice {
	choices := []Choice{
		{Label: "Won revenue by territory", Command: "won revenue by territory"},
		{Label: "Win rate by quarter", Command: "win rate by quarter"},
		{Label: "Pipeline by stage", Command: "/pipeline"},
	}
	switch {
	case who.viewer.Role == metric.RoleManager:
		choices = append([]Choice{{Label: "My team by rep", Command: "won revenue for my team by rep"}}, choices...)
	case who.viewer.PersonID != 0 && !who.viewer.All:
		choices = append([]Choice{{Label: "My won revenue", Command: "my won revenue"}}, choices...)
	}
	return choices
}

// whoami says who the asker is to Salesbot, what they may see, and why.
func (d *Desk) whoami(_ context.Context, who asker, r Request) (reply, error) {
	name := who.viewer.Name
	if name == "" {
		name = r.Actor.Name
	}
	return reply{Answer: Answer{
		Status:   Answered,
		Headline: "You are " + name + ", " + article(string(who.viewer.Role)) + ".",
		Notes:    nonEmpty(personWords(who), scopeWords(who.viewer), matchWords(r)),
		Choices:  helpChoices(who),
	}}, nil
}

func personWords(who asker) string {
	var parts []string
	if who.person.Territory != "" {
		parts = append(parts, "Territory: "+who.person.Territory+".")
	}
	if who.person.Manager != "" {
		parts = append(parts, "Manager: "+who.person.Manager+".")
	}
	return strings.Join(parts, " ")
}

func scopeWords(v metric.Viewer) string {
	shared := "You see figures of teams, territories and the company, "
	switch {
	case v.All:
		return "You see everything: company, teams, people and single deals, because you are " + article(string(v.Role)) + "."
	case v.Role == metric.RoleManager:
		return shared + "and those of single people and deals for yourself and " +
			reportWords(len(v.People)-1)
	default:
		return shared + "and your own deals and figures; other people's are for them and their managers."
	}
}

func matchWords(r Request) string {
	if r.Actor.Local {
		return "You are at the terminal of the machine that Salesbot runs on."
	}
	return "I know you by your verified e-mail address, " + r.Actor.Email + "."
}

func article(noun string) string {
	if strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

func reportWords(n int) string {
	if n == 1 {
		return "the one person who reports to you."
	}
	return "the " + Count(int64(n)) + " people who report to you, directly or through others."
}
