package workspace_test

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
)

// sales is the workspace of most tests.
func sales() workspace.Config {
	return workspace.Config{
		Team: "Acme Sales",
		Users: []workspace.User{
			{Name: "ana", RealName: "Ana Ruiz", Email: "ana@example.com", TZ: "Europe/Madrid"},
			{Name: "bo", RealName: "Bo Lind", Email: "bo@example.com"},
			{Name: "gus", RealName: "Gus Guest", Email: "gus@example.com", Restricted: true},
			{Name: "sam", RealName: "Sam Stranger", Email: "sam@other.example", Stranger: true},
		},
		Channels: []workspace.Channel{
			{Name: "sales", Members: []string{"ana", "bo", "salesbot"}},
			{Name: "deals", Private: true, Members: []string{"ana", "salesbot"}},
			{Name: "secret", Private: true, Members: []string{"bo"}},
			{Name: "lobby", Members: []string{"ana"}},
			{Name: "partners", ExtShared: true, Members: []string{"ana", "sam", "salesbot"}},
			{Name: "old", Archived: true, Members: []string{"ana", "salesbot"}},
		},
		Commands: []workspace.Command{{Command: "/ask", Description: "Ask a question"}},
	}
}

// clock is a clock that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock {
	return &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bot is a Slack app on an unmodified slack-go.
type bot struct {
	*slack.Client
	socket *socketmode.Client
	t      testing.TB
}

func apiFor(w *workspacetest.Workspace) *slack.Client {
	return slack.New("xoxb-test-1", slack.OptionAppLevelToken("xapp-test-1"), slack.OptionAPIURL(w.URL+"/api/"))
}

// connect starts a bot; handle gets every envelope in turn.
func connect(tb testing.TB, w *workspacetest.Workspace, handle func(*bot, socketmode.Event)) *bot {
	tb.Helper()
	api := apiFor(w)
	b := &bot{Client: api, t: tb, socket: socketmode.New(api, socketmode.OptionLog(log.New(io.Discard, "", 0)))}
	ctx, cancel := context.WithCancel(tb.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = b.socket.RunContext(ctx) })
	running.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-b.socket.Events:
				if e.Request != nil && e.Type != socketmode.EventTypeHello {
					handle(b, e)
				}
			}
		}
	})
	tb.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return b
}

func (b *bot) ack(e socketmode.Event, payload ...any) {
	var said any
	if len(payload) > 0 {
		said = payload[0]
	}
	if err := b.socket.AckCtx(b.t.Context(), e.Request.EnvelopeID, said); err != nil && b.t.Context().Err() == nil {
		b.t.Errorf("ack: %v", err)
	}
}

// acking is the bot that takes everything and does nothing.
func acking(b *bot, e socketmode.Event) { b.ack(e) }

// deaf is the bot that never acks.
func deaf(*bot, socketmode.Event) {}

// online starts a workspace with one bot in it.
func online(tb testing.TB, cfg workspace.Config, handle func(*bot, socketmode.Event)) (*workspacetest.Workspace, *bot) {
	tb.Helper()
	w := workspacetest.Start(tb, cfg)
	b := connect(tb, w, handle)
	w.WaitForConnections(1)
	return w, b
}

func inner(e socketmode.Event) any {
	return e.Data.(slackevents.EventsAPIEvent).InnerEvent.Data
}

func get(tb testing.TB, address string) *http.Response {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	return response
}

func jsonFrom(response *http.Response, into any) error {
	return json.NewDecoder(response.Body).Decode(into)
}
