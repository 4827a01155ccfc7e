package main

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"salesbot/bot"
)

func (p program) manifestCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "manifest",
		Short: "Print the Slack app manifest, and why it asks for what it asks",
		Long: "Manifest prints the app's manifest as JSON on standard output, to be pasted at api.slack.com/apps → Create New App →\n" +
			"From a manifest, and the reason for each scope and event on standard error.",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			encoder := json.NewEncoder(p.Out)
			encoder.SetIndent("", "  ")
			if err := encoder.Encode(bot.Manifest()); err != nil {
				return err
			}
			explain(p.Err, "Scopes of the bot token", bot.Scopes())
			explain(p.Err, "Optional scopes", bot.OptionalScopes())
			explain(p.Err, "Events", bot.Events())
			p.say("\nBesides, make an app-level token (Basic Information → App-Level Tokens) with the scope connections:write.")
			return nil
		},
	}
}

func explain(w io.Writer, title string, needs []bot.Need) {
	_, _ = fmt.Fprintf(w, "\n%s\n", title)
	for _, n := range needs {
		_, _ = fmt.Fprintf(w, "  %-18s %s\n", n.Name, n.Why)
	}
}
