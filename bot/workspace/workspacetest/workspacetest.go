// Package workspacetest lets tests act as people in a local Slack workspace.
//
// It goes through the same JSON interface as the page, so that what a test can
// do is what a person can do. Waiting is done by long polls, never by sleeping.
// Every method fails the test when the workspace cannot be reached or refuses;
// the Try variants hand the refusal back.
package workspacetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"salesbot/bot/workspace"
)

// Patience is how long WaitFor and its kin wait before the test fails.
const Patience = 20 * time.Second

// Workspace is a running workspace.
type Workspace struct {
	*workspace.Server
	// URL is its address, without a slash at the end; the Web API is at URL + "/api/".
	URL string
	t   testing.TB
}

// Person is somebody in the workspace.
type Person struct {
	w  *Workspace
	as string
}

// Answer is what the workspace says to an act.
type Answer struct {
	OK       bool              `json:"ok"`
	Error    string            `json:"error"`
	Detail   string            `json:"detail"`
	TS       string            `json:"ts"`
	Channel  string            `json:"channel"`
	Version  int               `json:"version"`
	Delivery *Delivery         `json:"delivery"`
	Errors   map[string]string `json:"errors"`
	Stack    []string          `json:"stack"`
	Options  []map[string]any  `json:"options"`
}

// Delivery says whether an act reached the bot.
type Delivery struct {
	Acked        bool           `json:"acked"`
	MS           int            `json:"ms"`
	EnvelopeID   string         `json:"envelope_id"`
	Payload      map[string]any `json:"payload"`
	PayloadError string         `json:"payload_error"`
	Error        string         `json:"error"`
}

// Message is a message as one person sees it.
type Message struct {
	TS         string         `json:"ts"`
	Channel    string         `json:"channel"`
	User       string         `json:"user"`
	Name       string         `json:"name"`
	Bot        bool           `json:"bot"`
	Text       string         `json:"text"`
	Subtype    string         `json:"subtype"`
	Ephemeral  bool           `json:"ephemeral"`
	Deleted    bool           `json:"deleted"`
	ThreadTS   string         `json:"thread_ts"`
	ReplyCount int            `json:"reply_count"`
	Blocks     []any          `json:"blocks"`
	Edited     map[string]any `json:"edited"`
	Metadata   map[string]any `json:"metadata"`
	Reactions  []Reaction     `json:"reactions"`
	Files      []File         `json:"files"`
}

// Reaction is an emoji under a message.
type Reaction struct {
	Name  string   `json:"name"`
	Users []string `json:"users"`
	Count int      `json:"count"`
}

// File is a file that was shared in a message.
type File struct {
	ID         string `json:"id"`
	Name       string `json:"name"`
	Title      string `json:"title"`
	Mimetype   string `json:"mimetype"`
	Size       int    `json:"size"`
	URLPrivate string `json:"url_private"` // without a host
}

// Words are all texts of a message, those in its blocks included, a line each.
func (m Message) Words() string {
	var b strings.Builder
	fmt.Fprintln(&b, m.Text)
	collect(&b, m.Blocks)
	return b.String()
}

func collect(b *strings.Builder, value any) {
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			collect(b, item)
		}
	case map[string]any:
		for _, key := range []string{"title", "caption", "text", "fields", "elements", "accessory", "rows", "chart", "child_blocks"} {
			if words, isText := v[key].(string); isText {
				fmt.Fprintln(b, words)
			} else {
				collect(b, v[key])
			}
		}
	}
}

// View is a modal or a Home tab.
type View struct {
	ID              string         `json:"id"`
	Type            string         `json:"type"`
	CallbackID      string         `json:"callback_id"`
	PrivateMetadata string         `json:"private_metadata"`
	Title           map[string]any `json:"title"`
	Blocks          []any          `json:"blocks"`
	Hash            string         `json:"hash"`
	State           struct {
		Values map[string]map[string]map[string]any `json:"values"`
	} `json:"state"`
}

// Words are all texts of a view, a line each.
func (v View) Words() string { return Message{Blocks: v.Blocks}.Words() }

// Views are what a person has open.
type Views struct {
	Version int    `json:"version"`
	Stack   []View `json:"stack"` // the top one last
	Home    *View  `json:"home"`
}

// Entry is a line of the workspace's log.
type Entry struct {
	Seq          int            `json:"seq"`
	Kind         string         `json:"kind"`
	Method       string         `json:"method"`
	Params       map[string]any `json:"params"`
	Status       int            `json:"status"`
	Result       map[string]any `json:"result"`
	Fault        bool           `json:"fault"`
	Type         string         `json:"type"`
	Event        string         `json:"event"`
	Reason       string         `json:"reason"`
	EnvelopeID   string         `json:"envelope_id"`
	EventID      string         `json:"event_id"`
	RetryAttempt int            `json:"retry_attempt"`
	RetryReason  string         `json:"retry_reason"`
	Connection   int            `json:"connection"`
	Dropped      string         `json:"dropped"`
	Payload      map[string]any `json:"payload"`
}

// Start runs a workspace on a free port until the test ends.
func Start(tb testing.TB, cfg workspace.Config) *Workspace {
	tb.Helper()
	server := workspace.New(cfg)
	listening := httptest.NewServer(server)
	tb.Cleanup(func() {
		server.Close()
		listening.Close()
	})
	return &Workspace{Server: server, URL: listening.URL, t: tb}
}

// As is a person by id or handle.
func (w *Workspace) As(who string) *Person { return &Person{w: w, as: who} }

// Fault makes coming calls fail; the fields are those of /sim/fault.
func (w *Workspace) Fault(fields map[string]any) {
	w.t.Helper()
	w.must("fault", fields)
}

// Socket does something to the bot's sockets: refresh, warning, drop, silent,
// link_disabled or retry.
func (w *Workspace) Socket(do string) {
	w.t.Helper()
	w.must("socket", map[string]any{"do": do})
}

// Reset forgets all messages, views, faults and the log.
func (w *Workspace) Reset() {
	w.t.Helper()
	w.must("reset", map[string]any{})
}

// WaitForConnections waits until the bot has n sockets open.
func (w *Workspace) WaitForConnections(n int) {
	w.t.Helper()
	version := -1
	deadline := time.Now().Add(Patience)
	for time.Now().Before(deadline) {
		var state struct{ Version, Connections int }
		w.get("state", url.Values{"after": {strconv.Itoa(version)}, "wait": {"5000"}}, &state)
		if state.Connections == n {
			return
		}
		version = state.Version
	}
	w.t.Fatalf("the bot does not have %d connections", n)
}

// WaitForLog waits for an entry of the log that fits, also among those that
// are there already.
func (w *Workspace) WaitForLog(what string, fits func(Entry) bool) Entry {
	w.t.Helper()
	deadline := time.Now().Add(Patience)
	after := 0
	for time.Now().Before(deadline) {
		entries := w.logAfter(after, 5*time.Second)
		for _, e := range entries {
			if fits(e) {
				return e
			}
			after = e.Seq
		}
	}
	w.t.Fatalf("the log never showed %s; it has:\n%s", what, w.logLines())
	return Entry{}
}

// Log is everything that passed between the workspace and the bot so far.
func (w *Workspace) Log() []Entry {
	w.t.Helper()
	var all []Entry
	for {
		after := 0
		if len(all) > 0 {
			after = all[len(all)-1].Seq
		}
		more := w.logAfter(after, 0)
		if len(more) == 0 {
			return all
		}
		all = append(all, more...)
	}
}

// Calls are the logged calls of one Web API method, or of "response_url".
func (w *Workspace) Calls(method string) []Entry {
	w.t.Helper()
	var calls []Entry
	for _, e := range w.Log() {
		if e.Kind == "api" && e.Method == method {
			calls = append(calls, e)
		}
	}
	return calls
}

func (w *Workspace) logAfter(seq int, wait time.Duration) []Entry {
	w.t.Helper()
	var page struct{ Entries []Entry }
	w.get("log", url.Values{"after": {strconv.Itoa(seq)}, "wait": {strconv.FormatInt(wait.Milliseconds(), 10)}}, &page)
	return page.Entries
}

func (w *Workspace) logLines() string {
	var b strings.Builder
	for _, e := range w.Log() {
		fmt.Fprintf(&b, "%d %s %s %s%s %v\n", e.Seq, e.Kind, e.Method, e.Type, e.Event, e.Result["error"])
	}
	return b.String()
}

// Try does any act and hands back the answer, also a refusal.
func (p *Person) Try(act string, fields map[string]any) Answer {
	p.w.t.Helper()
	fields["as"] = p.as
	return p.w.post(act, fields)
}

// Do is any act; the test fails when it is refused.
func (p *Person) Do(act string, fields map[string]any) Answer {
	p.w.t.Helper()
	fields["as"] = p.as
	return p.w.must(act, fields)
}

// Say writes into a channel; "dm" is the conversation with the bot.
func (p *Person) Say(channel, text string) Answer {
	p.w.t.Helper()
	return p.Do("say", map[string]any{"channel": channel, "text": text})
}

// Edit changes what the person said.
func (p *Person) Edit(channel, ts, text string) Answer {
	p.w.t.Helper()
	return p.Do("edit", map[string]any{"channel": channel, "ts": ts, "text": text})
}

// Delete takes back what the person said.
func (p *Person) Delete(channel, ts string) Answer {
	p.w.t.Helper()
	return p.Do("delete", map[string]any{"channel": channel, "ts": ts})
}

// Reply writes into a thread.
func (p *Person) Reply(channel, threadTS, text string) Answer {
	p.w.t.Helper()
	return p.Do("say", map[string]any{"channel": channel, "thread_ts": threadTS, "text": text})
}

// Command types a slash command.
func (p *Person) Command(channel, command, text string) Answer {
	p.w.t.Helper()
	return p.Do("command", map[string]any{"channel": channel, "command": command, "text": text})
}

// Act uses an element of a message the person sees.
func (p *Person) Act(m Message, actionID string, value any) Answer {
	p.w.t.Helper()
	return p.Do("act", map[string]any{"channel": m.Channel, "ts": m.TS, "action_id": actionID, "value": value})
}

// ActInView uses an element of the top modal or of the Home tab.
func (p *Person) ActInView(v View, actionID string, value any) Answer {
	p.w.t.Helper()
	return p.Do("act", map[string]any{"view_id": v.ID, "action_id": actionID, "value": value})
}

// Submit sends a form; values are by block id and action id.
func (p *Person) Submit(v View, values map[string]map[string]any) Answer {
	p.w.t.Helper()
	return p.Do("submit", map[string]any{"view_id": v.ID, "values": values})
}

// Close closes the top modal.
func (p *Person) Close(v View) Answer {
	p.w.t.Helper()
	return p.Do("close", map[string]any{"view_id": v.ID})
}

// OpenHome opens the bot's Home tab.
func (p *Person) OpenHome() Answer {
	p.w.t.Helper()
	return p.Do("home", map[string]any{})
}

// See is what the person sees in a channel, oldest first.
func (p *Person) See(channel string) []Message {
	p.w.t.Helper()
	return p.see(url.Values{"channel": {channel}}).Messages
}

// Thread is a thread as the person sees it, the root first.
func (p *Person) Thread(channel, ts string) []Message {
	p.w.t.Helper()
	return p.see(url.Values{"channel": {channel}, "thread_ts": {ts}}).Messages
}

// Views are the modals the person has open, and the Home tab.
func (p *Person) Views() Views {
	p.w.t.Helper()
	return p.views(url.Values{})
}

// WaitFor waits until the person sees a message in the channel that fits, and
// answers it.
func (p *Person) WaitFor(channel, what string, fits func(Message) bool) Message {
	p.w.t.Helper()
	return p.waitFor(url.Values{"channel": {channel}}, what, fits)
}

// WaitForReply waits for a fitting message in a thread.
func (p *Person) WaitForReply(channel, threadTS, what string, fits func(Message) bool) Message {
	p.w.t.Helper()
	return p.waitFor(url.Values{"channel": {channel}, "thread_ts": {threadTS}}, what, fits)
}

// WaitForText waits for a message of the bot that contains text anywhere.
func (p *Person) WaitForText(channel, text string) Message {
	p.w.t.Helper()
	return p.WaitFor(channel, strconv.Quote(text), func(m Message) bool {
		return m.Bot && strings.Contains(m.Words(), text)
	})
}

// WaitForModal waits until a modal is open that fits, and answers the top one.
func (p *Person) WaitForModal(what string, fits func(View) bool) View {
	p.w.t.Helper()
	return p.waitForView(what, func(v Views) (View, bool) {
		if len(v.Stack) == 0 {
			return View{}, false
		}
		top := v.Stack[len(v.Stack)-1]
		return top, fits(top)
	})
}

// WaitForHome waits until the bot has published a Home tab that fits.
func (p *Person) WaitForHome(what string, fits func(View) bool) View {
	p.w.t.Helper()
	return p.waitForView(what, func(v Views) (View, bool) {
		if v.Home == nil {
			return View{}, false
		}
		return *v.Home, fits(*v.Home)
	})
}

func (p *Person) waitForView(what string, pick func(Views) (View, bool)) View {
	p.w.t.Helper()
	deadline := time.Now().Add(Patience)
	version := -1
	for time.Now().Before(deadline) {
		views := p.views(after(url.Values{}, version))
		if found, ok := pick(views); ok {
			return found
		}
		version = views.Version
	}
	p.w.t.Fatalf("%s never had %s open; the log has:\n%s", p.as, what, p.w.logLines())
	return View{}
}

func (p *Person) waitFor(where url.Values, what string, fits func(Message) bool) Message {
	p.w.t.Helper()
	deadline := time.Now().Add(Patience)
	version := -1
	for time.Now().Before(deadline) {
		seen := p.see(after(where, version))
		for _, m := range seen.Messages {
			if fits(m) {
				return m
			}
		}
		version = seen.Version
	}
	p.w.t.Fatalf("%s never saw %s; the conversation is:\n%s\nand the log:\n%s",
		p.as, what, conversation(p.see(where).Messages), p.w.logLines())
	return Message{}
}

func after(where url.Values, version int) url.Values {
	asked := url.Values{"after": {strconv.Itoa(version)}, "wait": {"5000"}}
	for key, value := range where {
		asked[key] = value
	}
	return asked
}

func conversation(messages []Message) string {
	var b strings.Builder
	for _, m := range messages {
		mark := ""
		if m.Ephemeral {
			mark = " (only to them)"
		}
		fmt.Fprintf(&b, "%s %s%s: %s\n", m.TS, m.Name, mark, strings.TrimSpace(m.Words()))
	}
	return b.String()
}

type seen struct {
	Version  int
	Messages []Message
}

func (p *Person) see(where url.Values) seen {
	p.w.t.Helper()
	var s seen
	p.get("see", where, &s)
	return s
}

func (p *Person) views(where url.Values) Views {
	p.w.t.Helper()
	var v Views
	p.get("views", where, &v)
	return v
}

func (p *Person) get(look string, where url.Values, into any) {
	p.w.t.Helper()
	where.Set("as", p.as)
	p.w.get(look, where, into)
}

func (w *Workspace) get(look string, where url.Values, into any) {
	w.t.Helper()
	w.exchange(http.MethodGet, look+"?"+where.Encode(), nil, func(body []byte) error {
		var outcome struct {
			OK    bool
			Error string
		}
		if err := json.Unmarshal(body, &outcome); err != nil {
			return err
		}
		if !outcome.OK {
			return fmt.Errorf("refused: %s", outcome.Error)
		}
		return json.Unmarshal(body, into)
	})
}

func (w *Workspace) must(act string, fields map[string]any) Answer {
	w.t.Helper()
	a := w.post(act, fields)
	if !a.OK {
		w.t.Fatalf("%s %v: %s %s", act, fields, a.Error, a.Detail)
	}
	return a
}

func (w *Workspace) post(act string, fields map[string]any) Answer {
	w.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		w.t.Fatal(err)
	}
	var a Answer
	w.exchange(http.MethodPost, act, body, func(body []byte) error { return json.Unmarshal(body, &a) })
	return a
}

func (w *Workspace) exchange(method, path string, body []byte, read func([]byte) error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 40*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, w.URL+"/sim/"+path, bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	var content bytes.Buffer
	if _, err := content.ReadFrom(response.Body); err != nil {
		w.t.Fatal(err)
	}
	if err := read(content.Bytes()); err != nil {
		w.t.Fatalf("%s: %v", path, err)
	}
}
