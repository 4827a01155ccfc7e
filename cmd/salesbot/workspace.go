package main

import (
	"github.com/spf13/cobra"

	"salesbot/bot/workspace"
	"salesbot/handlers"
)

func (p program) workspaceCommand() *cobra.Command {
	address := ""
	c := &cobra.Command{
		Use:   "workspace",
		Short: "Serve a local Slack workspace alone, for any Slack client or bot",
		Long: "Workspace serves Slack's Web API under /api/, Socket Mode, the JSON interface /sim/ and a page for people.\n" +
			"It accepts any xapp- and xoxb- token and keeps everything in memory. Point a bot at it with SLACK_API_URL.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := workspace.New(sampleWorkspace())
			defer w.Close()
			listener, err := listen(c.Context(), address)
			if err != nil {
				return err
			}
			url := "http://" + listener.Addr().String()
			p.say("The local workspace is at " + url + "  (bots: SLACK_API_URL=" + url + "/api/)")
			return serveHTTP(c.Context(), listener, w)
		},
	}
	c.Flags().StringVar(&address, "listen", "127.0.0.1:8765", "the address to listen on")
	return c
}

// commandList is what the local workspace completes after a slash.
func commandList() []workspace.Command {
	var out []workspace.Command
	for _, c := range handlers.Commands() {
		out = append(out, workspace.Command{Command: c.Name, Description: c.Summary, UsageHint: c.Usage})
	}
	return out
}

// sampleWorkspace has a few people and two channels, for trying other bots.
func sampleWorkspace() workspace.Config {
	return workspace.Config{
		Team: "Local workspace",
		Bot:  workspace.Bot{Name: "salesbot"},
		Users: []workspace.User{
			{ID: "U001", Name: "wren", RealName: "Wren Castillo", Email: "wren.castillo@tidewater.example", IsAdmin: true},
			{ID: "U002", Name: "priya", RealName: "Priya Adeyemi", Email: "priya.adeyemi@tidewater.example"},
			{ID: "U003", Name: "guest", RealName: "Gil Guest", Email: "gil@elsewhere.example", Restricted: true},
		},
		Channels: []workspace.Channel{
			{ID: "C001", Name: "general", Members: []string{"U001", "U002", "U003"}},
			{ID: "C002", Name: "sales", Members: []string{"U001", "U002"}},
		},
		Commands: commandList(),
	}
}
