package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/spf13/cobra"

	"salesbot/bot/workspace"
	"salesbot/handlers"
)

func (p program) workspaceCommand() *cobra.Command {
	listen := ""
	c := &cobra.Command{
		Use:   "workspace",
		Short: "Serve a local Slack workspace alone, for any Slack client or bot",
		Long: "Workspace serves Slack's Web API under /api/, Socket Mode, the JSON interface /sim/ and a page for people.\n" +
			"It accepts any xapp- and xoxb- token and keeps everything in memory. Point a bot at it with SLACK_API_URL.",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			w := workspace.New(sampleWorkspace())
			defer w.Close()
			return p.serveHTTP(c.Context(), listen, w, func(url string) {
				p.say("The local workspace is at " + url + "  (bots: SLACK_API_URL=" + url + "/api/)")
			})
		},
	}
	c.Flags().StringVar(&listen, "listen", "127.0.0.1:8765", "the address to listen on")
	return c
}

// serveHTTP serves until the context ends and says the address it got.
func (p program) serveHTTP(ctx context.Context, address string, handler http.Handler, ready func(url string)) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return listenFault(address, err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		<-ctx.Done()
		_ = server.Close() // long polls and sockets would hold a graceful stop
	}()
	ready("http://" + listener.Addr().String())
	err = server.Serve(listener)
	if errors.Is(err, http.ErrServerClosed) {
		<-stopped
		return nil
	}
	return err
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
