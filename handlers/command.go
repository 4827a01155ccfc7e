package handlers

import (
	"context"
	"slices"

	"salesbot/handlers/ask"
)

// Command is a slash command. The one list of them makes the help, the
// manifest and what the local workspace completes.
type Command struct {
	Name     string // "/kpi"
	Summary  string
	Usage    string
	Examples []string
	run      func(d *Desk, ctx context.Context, who asker, r Request) (reply, error)
}

// Commands lists what can be typed after a slash.
func Commands() []Command {
	return []Command{
		{
			Name:     "/pipeline",
			Summary:  "Open pipeline: how much is open, at which stage, closing when",
			Usage:    "[me | my team | a territory or name] [by stage, rep, … | deals] [period]",
			Examples: []string{"/pipeline", "/pipeline me", "/pipeline by territory", "/pipeline deals closing this month"},
			run: func(d *Desk, ctx context.Context, who asker, r Request) (reply, error) {
				return d.question(ctx, who, r, ask.HintPipeline)
			},
		},
		{
			Name:     "/territory",
			Summary:  "How territories are doing",
			Usage:    "[a territory] [a KPI] [period]",
			Examples: []string{"/territory", "/territory win rate this year"},
			run: func(d *Desk, ctx context.Context, who asker, r Request) (reply, error) {
				return d.question(ctx, who, r, ask.HintTerritory)
			},
		},
		{
			Name:     "/kpi",
			Summary:  "Any KPI, by anything, for any period",
			Usage:    "[a KPI] [by …] [for …] [period]",
			Examples: []string{"/kpi", "/kpi win rate by quarter", "/kpi won revenue this year vs previous"},
			run:      (*Desk).kpi,
		},
		{
			Name:     "/insight",
			Summary:  "Tell reps what customers want, with evidence, and see whether it helped",
			Usage:    "[new | list]",
			Examples: []string{"/insight", "/insight list"},
			run:      (*Desk).insight,
		},
		{
			Name:     "/digest",
			Summary:  "What I send you on time: list, pause, resume, delete",
			Usage:    "[pause | resume | delete and a number] | [a question] every Monday at 8am",
			Examples: []string{"/digest"},
			run:      (*Desk).digest,
		},
		{
			Name:     "/salesbot",
			Summary:  "Help, who I think you are, how I am doing, proof of a figure, and sharing one",
			Usage:    "help | whoami | status | prove and the id of a receipt | share this in #channel",
			Examples: []string{"/salesbot help", "/salesbot whoami", "/salesbot status"},
			run:      (*Desk).salesbot,
		},
	}
}

func findCommand(name string) (Command, bool) {
	all := Commands()
	i := slices.IndexFunc(all, func(c Command) bool { return c.Name == name })
	if i < 0 {
		return Command{}, false
	}
	return all[i], true
}
