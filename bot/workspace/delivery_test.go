package workspace_test

import (
	"bufio"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
)

// hasty does not wait for minutes.
func hasty() workspace.Config {
	cfg := sales()
	cfg.AckDeadline = 50 * time.Millisecond
	cfg.RetryDelays = []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond}
	return cfg
}

// patient retries only when it is told to.
func patient() workspace.Config {
	cfg := sales()
	cfg.RetryDelays = []time.Duration{time.Hour, time.Hour, time.Hour}
	return cfg
}

func TestAnEventWithoutAnAckIsSentThreeMoreTimes(t *testing.T) {
	type attempt struct {
		envelope, event string
		n               int
		reason          string
	}
	attempts := make(chan attempt, 8)
	w, _ := online(t, hasty(), func(_ *bot, e socketmode.Event) {
		outer := e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent)
		attempts <- attempt{e.Request.EnvelopeID, outer.EventID, e.Request.RetryAttempt, e.Request.RetryReason}
	})
	if a := w.As("ana").Say("dm", "hello?"); a.Delivery.Acked || a.Delivery.Error != "operation_timeout" {
		t.Errorf("delivery %+v", a.Delivery)
	}
	w.WaitForLog("that it was given up", func(e workspacetest.Entry) bool { return e.Kind == "undelivered" })
	first := <-attempts
	for n := 1; n <= 3; n++ {
		next := <-attempts
		if next.n != n || next.event != first.event || next.envelope != first.envelope || next.reason != "timeout" {
			t.Errorf("attempt %d is %+v after %+v", n, next, first)
		}
	}
	if len(attempts) != 0 {
		t.Error("there were more than three retries")
	}
}

func TestAnEventWaitsForABotThatIsAway(t *testing.T) {
	w := workspacetest.Start(t, patient())
	if a := w.As("ana").Say("dm", "anybody?"); a.Delivery.Acked || a.Delivery.Error != "dispatch_failed" {
		t.Errorf("delivery %+v", a.Delivery)
	}
	retries := make(chan int, 1)
	connect(t, w, func(b *bot, e socketmode.Event) {
		retries <- e.Request.RetryAttempt
		b.ack(e)
	})
	w.WaitForConnections(1)
	w.Socket("retry")
	if n := <-retries; n != 1 {
		t.Errorf("retry_attempt %d", n)
	}
	w.WaitForLog("its ack", func(e workspacetest.Entry) bool { return e.Kind == "ack" && e.Dropped == "" })
}

func TestEachEnvelopeGoesToOneConnectionInTurn(t *testing.T) {
	w := workspacetest.Start(t, sales())
	connect(t, w, acking)
	connect(t, w, acking)
	w.WaitForConnections(2)
	for range 4 {
		w.As("ana").Say("dm", "hi")
	}
	var conns []int
	for _, e := range w.Log() {
		if e.Kind == "envelope" {
			conns = append(conns, e.Connection)
		}
	}
	if len(conns) != 4 || conns[0] == conns[1] || conns[0] != conns[2] || conns[1] != conns[3] {
		t.Errorf("connections %v", conns)
	}
}

func TestARefreshedBotComesBack(t *testing.T) {
	for _, how := range []string{"refresh", "warning", "drop"} {
		w, _ := online(t, patient(), acking)
		w.Socket(how)
		opens := 0
		w.WaitForLog("a second connection", func(e workspacetest.Entry) bool {
			if e.Kind == "socket" && e.Event == "open" {
				opens++
			}
			return opens == 2
		})
		w.WaitForConnections(1)
		if a := w.As("ana").Say("dm", "hi"); !a.Delivery.Acked {
			t.Errorf("after %s: %+v", how, a.Delivery)
		}
	}
}

func TestASilentSocketTakesEnvelopesAndDeliversNothing(t *testing.T) {
	w, _ := online(t, hasty(), acking)
	w.Socket("silent")
	if a := w.As("ana").Command("dm", "/ask", "x"); a.Delivery.Error != "operation_timeout" {
		t.Errorf("delivery %+v", a.Delivery)
	}
}

func TestADuplicateHasAnotherEventID(t *testing.T) {
	w, _ := online(t, sales(), acking)
	w.Fault(map[string]any{"method": "events_api", "error": "duplicate"})
	w.As("ana").Say("dm", "once")
	w.WaitForLog("two envelopes", func(workspacetest.Entry) bool { return len(envelopes(w)) == 2 })
	twice := envelopes(w)
	if twice[0].EventID == twice[1].EventID || innerTS(twice[0]) != innerTS(twice[1]) {
		t.Errorf("duplicate %+v", twice)
	}
}

func envelopes(w *workspacetest.Workspace) []workspacetest.Entry {
	return slices.DeleteFunc(w.Log(), func(e workspacetest.Entry) bool { return e.Kind != "envelope" })
}

func innerTS(e workspacetest.Entry) any { return e.Payload["event"].(map[string]any)["ts"] }

func TestALostAckBringsARetry(t *testing.T) {
	w, _ := online(t, hasty(), acking)
	w.Fault(map[string]any{"method": "events_api", "error": "lost_ack"})
	w.As("ana").Say("dm", "once")
	w.WaitForLog("the retry's ack", func(e workspacetest.Entry) bool { return e.Kind == "ack" && e.Dropped == "" })
	if sent := envelopes(w); len(sent) != 2 || sent[1].RetryAttempt != 1 {
		t.Errorf("envelopes %+v", sent)
	}
}

func TestAnAckOfTwentyKilobytesIsDropped(t *testing.T) {
	w := workspacetest.Start(t, hasty())
	raw := dial(t, w)
	go func() {
		for {
			var e struct {
				EnvelopeID string `json:"envelope_id"`
			}
			if raw.ReadJSON(&e) != nil {
				return
			}
			if e.EnvelopeID != "" {
				_ = raw.WriteJSON(map[string]any{"envelope_id": e.EnvelopeID, "payload": map[string]any{"text": strings.Repeat("x", 20*1024)}})
			}
		}
	}()
	w.WaitForConnections(1)
	if a := w.As("ana").Command("dm", "/ask", "x"); a.Delivery.Acked {
		t.Errorf("delivery %+v", a.Delivery)
	}
	w.WaitForLog("the dropped ack", func(e workspacetest.Entry) bool { return e.Kind == "ack" && e.Dropped == "too_large" })
}

// dial opens a socket without a library of Slack's.
func dial(tb testing.TB, w *workspacetest.Workspace) *websocket.Conn {
	tb.Helper()
	_, address, err := apiFor(w).StartSocketModeContext(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	raw, response, err := websocket.DefaultDialer.DialContext(tb.Context(), address, nil)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	tb.Cleanup(func() { _ = raw.Close() })
	return raw
}

func TestTheEleventhConnectionIsSentAway(t *testing.T) {
	w := workspacetest.Start(t, sales())
	for range 10 {
		dial(t, w)
	}
	w.WaitForConnections(10)
	var frame struct{ Type, Reason string }
	if err := dial(t, w).ReadJSON(&frame); err != nil || frame.Type != "disconnect" || frame.Reason != "too_many_websockets" {
		t.Errorf("frame %+v: %v", frame, err)
	}
}

func TestATicketWorksOnce(t *testing.T) {
	w := workspacetest.Start(t, sales())
	_, address, err := apiFor(w).StartSocketModeContext(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	first, response, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	defer first.Close()
	_, refused, err := websocket.DefaultDialer.DialContext(t.Context(), address, nil)
	if err == nil || refused == nil {
		t.Fatal("the second use worked")
	}
	defer refused.Body.Close()
	if refused.StatusCode != http.StatusForbidden {
		t.Errorf("the second use: %v", err)
	}
}

func TestTheServerPings(t *testing.T) {
	cfg := sales()
	cfg.PingEvery = time.Millisecond
	w := workspacetest.Start(t, cfg)
	raw := dial(t, w)
	pinged := make(chan struct{}, 1000)
	raw.SetPingHandler(func(string) error {
		pinged <- struct{}{}
		return errors.New("enough")
	})
	for {
		if _, _, err := raw.ReadMessage(); err != nil {
			break
		}
	}
	<-pinged
}

func TestTokens(t *testing.T) {
	cfg := sales()
	cfg.BotToken, cfg.AppToken = "xoxb-right", "xapp-right"
	cases := []struct{ token, method, want string }{
		{"", "auth.test", "not_authed"},
		{"secret", "auth.test", "invalid_auth"},
		{"xoxb-wrong", "auth.test", "invalid_auth"},
		{"xoxb-right", "auth.test", ""},
		{"xapp-right", "auth.test", "not_allowed_token_type"},
		{"xoxb-right", "apps.connections.open", "not_allowed_token_type"},
		{"xapp-wrong", "apps.connections.open", "invalid_auth"},
		{"xapp-right", "apps.connections.open", ""},
		{"xoxb-right", "no.such", "unknown_method"},
	}
	w := workspacetest.Start(t, cfg)
	for _, c := range cases {
		if got := call(t, w, c.method, c.token, `{}`).Error; got != c.want {
			t.Errorf("%s with %q: %q, want %q", c.method, c.token, got, c.want)
		}
	}
}

func TestAMissingScopeIsNamed(t *testing.T) {
	cfg := sales()
	cfg.Scopes = []string{"users:read"}
	w := workspacetest.Start(t, cfg)
	got := call(t, w, "chat.postMessage", "xoxb-1", `{"channel":"C0SALES","text":"hi"}`)
	if got.Error != "missing_scope" || got.Needed != "chat:write" || got.Provided != "users:read" {
		t.Errorf("answer %+v", got)
	}
	if got.scopes != "users:read" {
		t.Errorf("X-OAuth-Scopes %q", got.scopes)
	}
}

type apiAnswer struct {
	OK               bool
	Error            string
	Needed, Provided string
	ResponseMetadata struct{ Messages []string } `json:"response_metadata"`
	scopes           string
}

// call is one call of the Web API with a JSON body.
func call(tb testing.TB, w *workspacetest.Workspace, method, token, body string) apiAnswer {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, w.URL+"/api/"+method, strings.NewReader(body))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer response.Body.Close()
	var a apiAnswer
	if err := jsonFrom(response, &a); err != nil {
		tb.Fatal(err)
	}
	a.scopes = response.Header.Get("X-OAuth-Scopes")
	return a
}

func TestFaults(t *testing.T) {
	w, b := online(t, sales(), acking)
	post := func() error {
		_, _, err := b.PostMessage("C0SALES", slack.MsgOptionText("hi", false))
		return err
	}
	seen := func() int { return len(w.As("ana").See("sales")) }

	w.Fault(map[string]any{"method": "chat.postMessage", "retry_after": 7, "times": 2})
	for range 2 {
		var limited *slack.RateLimitedError
		if err := post(); !errors.As(err, &limited) || limited.RetryAfter != 7*time.Second {
			t.Errorf("rate limited: %v", err)
		}
	}
	if err := post(); err != nil || seen() != 1 {
		t.Errorf("after the fault: %v, %d messages", err, seen())
	}
	w.Fault(map[string]any{"method": "*", "status": 503})
	var status slack.StatusCodeError
	if err := post(); !errors.As(err, &status) || status.Code != 503 || seen() != 1 {
		t.Errorf("status: %v, %d messages", err, seen())
	}
	w.Fault(map[string]any{"method": "chat.postMessage", "error": "fatal_error", "channel": "C0DEALS"})
	if err := post(); err != nil {
		t.Errorf("a fault of another channel struck: %v", err)
	}
	w.Fault(map[string]any{"clear": true})
	w.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	if err := post(); err == nil || seen() != 3 {
		t.Errorf("a lost response: %v, %d messages, want the third posted", err, seen())
	}
	w.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_request"})
	if err := post(); err == nil || seen() != 3 {
		t.Errorf("a lost request: %v, %d messages", err, seen())
	}
	w.Fault(map[string]any{"method": "chat.postMessage", "delay_ms": 1})
	if err := post(); err != nil || seen() != 4 {
		t.Errorf("a delay: %v, %d messages", err, seen())
	}
	w.Reset()
	if seen() != 0 || len(w.Log()) != 0 {
		t.Error("reset left something behind")
	}
}

func TestClosingTheWorkspaceEndsItsSockets(t *testing.T) {
	w := workspacetest.Start(t, sales())
	raw := dial(t, w)
	w.WaitForConnections(1)
	w.Close()
	for {
		if _, _, err := raw.ReadMessage(); err != nil {
			return
		}
	}
}

func TestThePageIsServedFresh(t *testing.T) {
	w := workspacetest.Start(t, sales())
	response := get(t, w.URL+"/")
	defer response.Body.Close()
	line, _ := bufio.NewReader(response.Body).ReadString('\n')
	if !strings.Contains(strings.ToLower(line), "<!doctype html>") || response.Header.Get("Cache-Control") != "no-store" ||
		!strings.HasPrefix(response.Header.Get("Content-Type"), "text/html") {
		t.Errorf("page %q %v", line, response.Header)
	}
}

func TestAChangedUserIsAnnounced(t *testing.T) {
	changed := make(chan *slack.User, 1)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		if c, ok := inner(e).(*slackevents.UserChangeEvent); ok {
			changed <- &slack.User{ID: c.User.ID, Deleted: c.User.Deleted}
		}
	})
	w.AddUser(workspace.User{Name: "bo", Email: "bo@example.com", Deleted: true})
	if u := <-changed; u.ID != "U0BO" || !u.Deleted {
		t.Errorf("changed %+v", u)
	}
	if a := w.As("bo").Try("say", map[string]any{"channel": "sales", "text": "hi"}); a.Error != "user_deactivated" {
		t.Errorf("a deactivated user wrote: %+v", a)
	}
	w.SetChannel(workspace.Channel{Name: "sales", ExtShared: true, Members: []string{"ana", "sam", "salesbot"}})
	info, err := apiFor(w).GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C0SALES"})
	if err != nil || !info.IsExtShared {
		t.Errorf("channel %+v: %v", info, err)
	}
}
