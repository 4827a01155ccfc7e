package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"salesbot/bot"
	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
	"salesbot/insights"
)

// clock is the time, and what a test adds to it.
type clock struct {
	mu   sync.Mutex
	plus time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.plus)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.plus += d
}

// stage is a workspace with a bot in it.
type stage struct {
	*workspacetest.Workspace
	store *memory
	clock *clock
	bot   *bot.Bot
	log   *lockedBuffer
	stop  func() // ends the bot and waits for it
}

// lockedBuffer is a log that can be waited for.
type lockedBuffer struct {
	mu      sync.Mutex
	b       bytes.Buffer
	written chan struct{} // closed by the next line; nil: nobody waits
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written != nil {
		close(b.written)
		b.written = nil
	}
	return b.b.Write(p)
}

// until waits for something to be true of what was logged.
func (b *lockedBuffer) until(t *testing.T, what string, holds func(log string) bool) {
	t.Helper()
	deadline := time.NewTimer(workspacetest.Patience)
	defer deadline.Stop()
	for {
		log, more := b.soFar()
		if holds(log) {
			return
		}
		select {
		case <-more:
		case <-deadline.C:
			t.Fatalf("the log never told of %s:\n%s", what, log)
		}
	}
}

// soFar is what was logged, and what ends when there is more.
func (b *lockedBuffer) soFar() (log string, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.written == nil {
		b.written = make(chan struct{})
	}
	return b.b.String(), b.written
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

type handler = func(context.Context, handlers.Request) (handlers.Answer, insights.Turn)

// echo answers with what it was asked.
func echo(_ context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
	if r.Actor.Barred != "" {
		return handlers.Answer{Status: handlers.Refused, Headline: r.Actor.Barred}, insights.Turn{}
	}
	return handlers.Answer{
		Status:   handlers.Answered,
		Headline: strings.TrimSpace(r.Command + " answer to " + r.Text),
		Choices:  []handlers.Choice{{Label: "By region", Command: r.Text + " by <region>"}},
	}, insights.Turn{}
}

func company() workspace.Config {
	return workspace.Config{
		Users: []workspace.User{
			{Name: "ana", RealName: "Ana Ruiz", Email: "ana@example.com"},
			{Name: "max", RealName: "Max Weber", Email: "max@example.com"},
			{Name: "guest", RealName: "Gus Guest", Email: "guest@example.com", Restricted: true},
			{Name: "far", RealName: "Fay Farr", Email: "fay@elsewhere.example", Stranger: true},
			{Name: "new", RealName: "Nia New", Email: "nia@example.com", EmailUnconfirmed: true},
		},
		Channels: []workspace.Channel{
			{Name: "sales", Members: []string{"ana", "max", "guest", "far", "salesbot"}},
			{Name: "partners", ExtShared: true, Members: []string{"ana", "far", "salesbot"}},
			{Name: "elsewhere", Members: []string{"ana", "max"}},
		},
		RetryDelays: []time.Duration{10 * time.Millisecond, 100 * time.Millisecond, time.Minute},
	}
}

// start opens a workspace and connects a bot to it with two sockets.
func start(t *testing.T, handle handler) *stage {
	t.Helper()
	return startIn(t, company(), handle)
}

func startIn(t *testing.T, cfg workspace.Config, handle handler) *stage {
	t.Helper()
	return startWith(t, cfg, handle, func(*bot.Config) {})
}

// startWith is startIn for a bot that is set up otherwise.
func startWith(t *testing.T, cfg workspace.Config, handle handler, set func(*bot.Config)) *stage {
	t.Helper()
	t.Parallel()
	s := &stage{Workspace: workspacetest.Start(t, cfg), store: newMemory(), clock: &clock{}, log: &lockedBuffer{}}
	settings := s.config(handle)
	set(&settings)
	b, err := bot.New(settings)
	if err != nil {
		t.Fatal(err)
	}
	s.bot = b
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- b.Run(ctx) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("the bot ended with: %v", err)
		}
	})
	t.Cleanup(s.stop)
	s.WaitForConnections(2)
	return s
}

func (s *stage) config(handle handler) bot.Config {
	return bot.Config{
		AppToken: "xapp-test", BotToken: "xoxb-test", APIURL: s.URL + "/api/",
		Store: s.store, Handle: handle, Now: s.clock.now,
		Logger:        slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelInfo})),
		SocketStagger: time.Millisecond, Settle: time.Millisecond, CallTimeout: 5 * time.Second,
	}
}

// answers counts what the bot said that the person sees in the channel.
func (s *stage) answers(who, channel string) int {
	n := 0
	for _, m := range s.As(who).See(channel) {
		if m.Bot {
			n++
		}
	}
	return n
}

func TestAQuestionInADirectMessageIsAnsweredThere(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	ana.Say("dm", "whats my number &amp; <https://acme.example|acme.example>")
	m := ana.WaitForText("dm", "answer to whats my number & acme.example")
	if m.Ephemeral {
		t.Error("an answer in a direct message should stay")
	}
	d := s.store.only(t, insights.Sent)
	if d.TS != m.TS || d.Channel != m.Channel {
		t.Errorf("the receipt %s %s does not lead to the message %s %s", d.Channel, d.TS, m.Channel, m.TS)
	}
	payload, _ := m.Metadata["event_payload"].(map[string]any)
	if payload["key"] != d.Key || len(payload) != 1 {
		t.Errorf("the metadata should carry the key %q and nothing else: %v", d.Key, m.Metadata)
	}
}

func TestAQuestionInAThreadIsAnsweredInTheThread(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	root := ana.Say("dm", "first")
	ana.WaitForText("dm", "answer to first")
	ana.Reply("dm", root.TS, "second")
	ana.WaitForReply("dm", root.TS, "the second answer", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "answer to second")
	})
}

func TestAMentionIsAnsweredToTheAskerAlone(t *testing.T) {
	s := start(t, echo)
	s.As("ana").Say("sales", "@salesbot how is @max doing")
	m := s.As("ana").WaitForText("sales", "answer to how is Max Weber doing")
	if !m.Ephemeral {
		t.Error("everybody sees the answer")
	}
	s.store.only(t, insights.Sent)
	if n := s.answers("max", "sales"); n != 0 {
		t.Errorf("somebody else sees %d answers", n)
	}
}

func TestACommandIsAnsweredWhereTheBotIsNotAMember(t *testing.T) {
	s := start(t, echo)
	got := s.As("ana").Command("elsewhere", "/kpi", "pipeline")
	if !got.Delivery.Acked || got.Delivery.Payload != nil {
		t.Errorf("the command was not acknowledged silently: %+v", got.Delivery)
	}
	if m := s.As("ana").WaitForText("elsewhere", "/kpi answer to pipeline"); !m.Ephemeral {
		t.Error("everybody sees the answer")
	}
	d := s.store.only(t, insights.Sent)
	if life := d.Expires.Sub(d.CreatedAt); life <= 0 || life > 30*time.Minute {
		t.Errorf("a response URL works for 30 minutes, the delivery lives %s", life)
	}
}

func TestAPressedButtonAsksItsCommand(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	ana.Say("dm", "pipeline")
	ana.Act(ana.WaitForText("dm", "answer to pipeline"), "ask:0", nil)
	ana.WaitForText("dm", "answer to pipeline by <region>")
	s.store.until(t, "both are sent", func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[1].State == insights.Sent
	})
	if kind := s.store.deliveries[1].Target.Kind; kind != insights.ToChannel {
		t.Errorf("the answer went to a %s", kind)
	}
}

func TestAButtonThatOnlyOnePersonSeesIsAnsweredToThemAlone(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	ana.Command("elsewhere", "/kpi", "pipeline")
	first := ana.WaitForText("elsewhere", "answer to pipeline")
	ana.Act(first, "ask:0", nil)
	if m := ana.WaitForText("elsewhere", "answer to pipeline by <region>"); !m.Ephemeral || m.TS == first.TS {
		t.Error("everybody sees the answer, or it took the place of the first")
	}
}

func TestARequestKnowsWhoAsksAndWhere(t *testing.T) {
	asked := make(chan handlers.Request, 3)
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		asked <- r
		return echo(ctx, r)
	})
	s.As("ana").Say("dm", "one")
	dm := <-asked
	s.As("ana").Say("sales", "@salesbot two")
	mention := <-asked
	s.As("max").Say("sales", "@salesbot three")
	other := <-asked
	if want := (handlers.Actor{ID: "U0ANA", Name: "Ana Ruiz", Email: "ana@example.com", Team: "T0LOCAL", Zone: "Etc/UTC"}); dm.Actor != want {
		t.Errorf("the actor is %+v, want %+v", dm.Actor, want)
	}
	if dm.Origin != handlers.FromMessage || !dm.Place.Direct || dm.At.IsZero() {
		t.Errorf("not a direct message: %+v", dm)
	}
	if mention.Origin != handlers.FromMention || mention.Place.Direct || mention.Place.ID != "C0SALES" {
		t.Errorf("not a mention in #sales: %+v", mention)
	}
	if dm.Thread == mention.Thread || mention.Thread == other.Thread {
		t.Error("different conversations share a thread")
	}
}

func TestOneMessageUnderTwoEventIDsIsAnsweredOnce(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "events_api", "error": "duplicate"})
	s.As("ana").Say("dm", "pipeline")
	s.As("ana").WaitForText("dm", "answer to pipeline")
	s.waitForAcks(2)
	received, deliveries := s.store.counts()
	if received != 1 || deliveries != 1 {
		t.Errorf("kept %d times and answered %d times", received, deliveries)
	}
}

// waitForAcks waits until the bot has acknowledged n envelopes.
func (s *stage) waitForAcks(n int) {
	seen := 0
	s.WaitForLog(fmt.Sprintf("%d acknowledgements", n), func(e workspacetest.Entry) bool {
		if e.Kind == "ack" {
			seen++
		}
		return seen >= n
	})
}

func TestAnEventWhoseAckWasLostIsAnsweredOnce(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "events_api", "error": "lost_ack"})
	s.As("ana").Try("say", map[string]any{"channel": "dm", "text": "pipeline"})
	s.As("ana").WaitForText("dm", "answer to pipeline")
	s.Socket("retry")
	s.waitForAcks(2)
	if received, deliveries := s.store.counts(); received != 1 || deliveries != 1 {
		t.Errorf("kept %d times and answered %d times", received, deliveries)
	}
}

func TestWhatTheBotSaysItselfIsIgnored(t *testing.T) {
	s := start(t, echo)
	s.As("ana").Say("dm", "pipeline")
	s.As("ana").WaitForText("dm", "answer to pipeline")
	s.waitForAcks(2) // Slack tells the bot of its own answer
	if received, _ := s.store.counts(); received != 1 {
		t.Errorf("%d things were kept", received)
	}
}

func TestEditsAndDeletionsOfQuestionsAreKept(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	said := ana.Say("dm", "pipeline")
	ana.WaitForText("dm", "answer to pipeline")
	edited := ana.Do("edit", map[string]any{"channel": "dm", "ts": said.TS, "text": "quota"})
	deleted := ana.Do("delete", map[string]any{"channel": "dm", "ts": said.TS})
	if !edited.Delivery.Acked || !deleted.Delivery.Acked {
		t.Error("they were not acknowledged")
	}
	if received, _ := s.store.counts(); received != 3 {
		t.Errorf("%d things were kept", received)
	}
}

func TestTheAckDoesNotWaitForTheAnswer(t *testing.T) {
	release := make(chan struct{})
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		<-release
		return echo(ctx, r)
	})
	for i := range 5 {
		got := s.As("ana").Command("sales", "/kpi", fmt.Sprint(i))
		if !got.Delivery.Acked || got.Delivery.MS > 1000 {
			t.Errorf("acknowledged: %t after %d ms", got.Delivery.Acked, got.Delivery.MS)
		}
	}
	close(release)
	s.As("ana").WaitForText("sales", "answer to 4")
}

func TestACommandWhileTheStoreIsDownSaysSo(t *testing.T) {
	s := start(t, echo)
	s.store.fail(errors.New("connection refused"))
	got := s.As("ana").Command("sales", "/kpi", "pipeline")
	words, _ := got.Delivery.Payload["text"].(string)
	if !got.Delivery.Acked || !strings.Contains(words, "nothing of this was kept") {
		t.Errorf("the person was not told: %+v", got.Delivery)
	}
}

func TestACommandWhileTheStoreHangsSaysSoInTime(t *testing.T) {
	s := start(t, echo)
	hang := make(chan struct{})
	s.store.mu.Lock()
	s.store.hang = hang
	s.store.mu.Unlock()
	got := s.As("ana").Command("sales", "/kpi", "pipeline")
	close(hang)
	if got.Delivery.Payload["text"] == nil || got.Delivery.MS > 2000 {
		t.Errorf("the person was not told in time: %+v", got.Delivery)
	}
}

func TestAnEventWhileTheStoreIsDownIsAnsweredWhenSlackSendsItAgain(t *testing.T) {
	cfg := company()
	cfg.AckDeadline = 50 * time.Millisecond
	cfg.RetryDelays = []time.Duration{time.Minute, time.Minute, time.Minute}
	s := startIn(t, cfg, echo)
	s.store.fail(errors.New("connection refused"))
	if got := s.As("ana").Say("dm", "pipeline"); got.Delivery.Acked {
		t.Fatal("acknowledged what was not kept")
	}
	s.store.fail(nil)
	s.Socket("retry")
	s.As("ana").WaitForText("dm", "answer to pipeline")
}

func TestA429IsObeyedAndThenSent(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "chat.postMessage", "retry_after": 30})
	asked := s.clock.now()
	s.As("ana").Say("dm", "pipeline")
	d := s.store.only(t, insights.Pending)
	const obeyed = 30 * time.Second
	if d.NotBefore.Before(asked.Add(obeyed)) || d.NotBefore.After(s.clock.now().Add(obeyed)) {
		t.Errorf("asked at %s, it waits until %s", asked, d.NotBefore)
	}
	s.As("max").Say("dm", "other") // another channel, the same method
	s.store.until(t, "the other delivery waits too", func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[1].State == insights.Pending
	})
	s.clock.advance(31 * time.Second)
	s.lookAt(t, 1)
	s.lookAt(t, 2)
	s.As("ana").WaitForText("dm", "answer to pipeline")
	s.As("max").WaitForText("dm", "answer to other")
	if n := len(s.Calls("chat.postMessage")); n != 3 {
		t.Errorf("chat.postMessage was called %d times, want 3", n)
	}
}

// lookAt is what a job does.
func (s *stage) lookAt(t *testing.T, delivery int64) {
	t.Helper()
	if err := s.bot.Delivery(t.Context(), delivery); err != nil {
		t.Fatal(err)
	}
}

func TestALostAnswerToAPostIsFoundInTheHistory(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	s.As("ana").Say("dm", "pipeline")
	d := s.store.only(t, insights.Sent)
	if d.TS == "" || d.Attempt != 1 {
		t.Errorf("not found by its key: %+v", d)
	}
	if n := s.answers("ana", "dm"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestALostAnswerToAPostIsFoundInItsThread(t *testing.T) {
	s := start(t, echo)
	ana := s.As("ana")
	root := ana.Say("dm", "first")
	ana.WaitForText("dm", "answer to first")
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	ana.Reply("dm", root.TS, "second")
	s.store.until(t, "the second is sent", func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[1].State == insights.Sent && s.store.deliveries[1].TS != ""
	})
	if n := len(s.Calls("conversations.replies")); n != 1 {
		t.Errorf("looked into the thread %d times", n)
	}
}

func TestAPostThatNeverArrivedIsSaidAgainAfterLooking(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_request"})
	s.As("ana").Say("dm", "pipeline")
	s.WaitForLog("a look at the history", func(e workspacetest.Entry) bool { return e.Method == "conversations.history" })
	s.lookAt(t, 1)
	if n := len(s.Calls("chat.postMessage")); n != 1 {
		t.Fatalf("called %d times while the lease lasts", n)
	}
	s.clock.advance(31 * time.Second)
	s.lookAt(t, 1)
	s.store.only(t, insights.Sent)
	if n := s.answers("ana", "dm"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestAPostThatNobodyMayLookUpIsUnconfirmed(t *testing.T) {
	cfg := company()
	cfg.Scopes = []string{"app_mentions:read", "chat:write", "commands", "im:write", "im:read", "users:read", "users:read.email", "channels:read"}
	s := startIn(t, cfg, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		answer, _ := echo(ctx, r)
		return answer, insights.Turn{Deliveries: []insights.Delivery{{
			Key: "digest:1", Team: "T0LOCAL", Payload: []byte(`{"text":"a digest"}`),
			Target: insights.Target{Kind: insights.ToChannel, Channel: "C0SALES"},
		}}}
	})
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	s.As("ana").Command("sales", "/kpi", "pipeline")
	s.store.until(t, "the digest is unconfirmed", func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[0].State == insights.Unconfirmed
	})
	if reason := s.store.deliveries[0].Error; !strings.Contains(reason, "missing_scope") {
		t.Errorf("the reason is not kept: %q", reason)
	}
}

func TestALostAnswerToAResponseURLIsUnconfirmedAndSaidOnce(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "response_url", "error": "lost_response"})
	s.As("ana").Command("sales", "/kpi", "pipeline")
	d := s.store.only(t, insights.Unconfirmed)
	s.clock.advance(time.Hour)
	s.lookAt(t, d.ID)
	if n := s.answers("ana", "sales"); n != 1 {
		t.Errorf("said %d times", n)
	}
	if strings.Contains(d.Error, "http") || strings.Contains(s.log.String(), "/response/") {
		t.Errorf("the response URL is given away: %q", d.Error)
	}
}

func TestADeliveryThatADeadProcessLeftIsLookedUpFirst(t *testing.T) {
	s := start(t, echo)
	s.As("ana").Say("dm", "pipeline")
	d := s.store.only(t, insights.Sent)
	s.store.mu.Lock()
	s.store.deliveries[0].State, s.store.deliveries[0].TS = insights.Sending, ""
	s.store.mu.Unlock()
	s.clock.advance(31 * time.Second)
	s.lookAt(t, 1)
	if again := s.store.only(t, insights.Sent); again.TS != d.TS {
		t.Errorf("found %q, want the message %q", again.TS, d.TS)
	}
	if n := s.answers("ana", "dm"); n != 1 {
		t.Errorf("said %d times", n)
	}
}

func TestBlocksThatSlackDoesNotTakeAreLeftOut(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "invalid_blocks"})
	s.As("ana").Say("dm", "pipeline")
	m := s.As("ana").WaitForText("dm", "answer to pipeline")
	for _, b := range m.Blocks {
		if block, _ := b.(map[string]any); block["type"] == "actions" {
			t.Error("the blocks were sent again")
		}
	}
	if d := s.store.only(t, insights.Sent); d.Attempt != 1 {
		t.Errorf("it took %d attempts", d.Attempt)
	}
}

func TestARefusalOfSlackFailsWithItsReason(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "is_archived"})
	s.As("ana").Say("dm", "pipeline")
	if d := s.store.only(t, insights.Failed); d.Error != "is_archived" {
		t.Errorf("the reason is %q", d.Error)
	}
}

func TestADeliveryWhoseTimePassedIsNotSaid(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "response_url", "status": 429, "retry_after": 1})
	s.As("ana").Command("sales", "/kpi", "pipeline")
	s.store.only(t, insights.Pending)
	s.clock.advance(30 * time.Minute)
	s.lookAt(t, 1)
	s.store.only(t, insights.Expired)
	if n := s.answers("ana", "sales"); n != 0 {
		t.Errorf("said %d times", n)
	}
}

func TestNothingIsLostWhenSocketsComeAndGo(t *testing.T) {
	cfg := company()
	cfg.RetryDelays = slices.Repeat([]time.Duration{time.Minute}, 20)
	s := startIn(t, cfg, echo)
	ana := s.As("ana")
	disturbances := []string{"refresh", "drop", "warning"}
	for i, do := range disturbances {
		ana.Try("say", map[string]any{"channel": "dm", "text": fmt.Sprintf("before %d", i)})
		s.Socket(do)
		ana.Try("say", map[string]any{"channel": "dm", "text": fmt.Sprintf("after %d", i)})
	}
	s.WaitForConnections(2)
	s.Socket("retry") // Slack sends again what was not acknowledged
	for i := range disturbances {
		ana.WaitForText("dm", fmt.Sprintf("answer to before %d", i))
		ana.WaitForText("dm", fmt.Sprintf("answer to after %d", i))
	}
	if _, deliveries := s.store.counts(); deliveries != 2*len(disturbances) {
		t.Errorf("%d questions were answered %d times", 2*len(disturbances), deliveries)
	}
}

func TestTwoSocketsShareTheWork(t *testing.T) {
	s := start(t, echo)
	<-s.bot.Ready() // the workspace counts a connection before its hello is read
	if h := s.bot.Health(); h.Sockets != 2 || h.LastHello.IsZero() {
		t.Errorf("the bot says of itself %+v", h)
	}
	for i := range 6 {
		s.As("ana").Command("sales", "/kpi", fmt.Sprint(i))
		s.As("ana").WaitForText("sales", fmt.Sprintf("answer to %d", i))
	}
	used := map[int]bool{}
	for _, e := range s.Log() {
		if e.Kind == "ack" {
			used[e.Connection] = true
		}
	}
	if len(used) != 2 {
		t.Errorf("%d connections were used", len(used))
	}
}

func TestWhoMayNotAskIsToldWhy(t *testing.T) {
	s := start(t, echo)
	cases := map[string]struct{ who, channel, want string }{
		"a guest":                     {"guest", "sales", "You are a guest"},
		"somebody of another company": {"far", "sales", "another company's Slack workspace"},
		"an unconfirmed address":      {"new", "dm", "not confirmed"},
		"a shared channel":            {"ana", "partners", "shared with another company"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s.As(c.who).Say(c.channel, "@salesbot pipeline")
			s.As(c.who).WaitForText(c.channel, c.want)
		})
	}
}

func TestAChangeOfAPersonIsHeard(t *testing.T) {
	s := start(t, echo)
	s.As("ana").Say("dm", "one")
	s.As("ana").WaitForText("dm", "answer to one")
	s.AddUser(workspace.User{Name: "ana", RealName: "Ana Ruiz", Email: "ana@example.com", Restricted: true})
	s.waitForAcks(3) // the question, the bot's own answer, the change
	s.As("ana").Say("dm", "two")
	s.As("ana").WaitForText("dm", "You are a guest")
}

func TestNobodyIsAnsweredWhileSlackDoesNotSayWhoTheyAre(t *testing.T) {
	s := start(t, echo)
	s.Fault(map[string]any{"method": "users.info", "error": "internal_error"})
	s.As("ana").Say("dm", "pipeline")
	s.As("ana").WaitForText("dm", "did not tell me who you are")
}

func TestAPanicIsAnAnswerToo(t *testing.T) {
	s := start(t, func(context.Context, handlers.Request) (handlers.Answer, insights.Turn) {
		panic("Acme owes 5 million")
	})
	s.As("ana").Say("dm", "pipeline")
	s.As("ana").WaitForText("dm", "Something went wrong on my side")
	if strings.Contains(s.log.String(), "Acme") {
		t.Error("what the handler said about a customer is in the log")
	}
	if a := s.store.audited(); a == nil || a.Status != string(handlers.Failed) || a.Text != "pipeline" || a.Actor != "U0ANA" {
		t.Errorf("the audit log has %+v", a)
	}
}

func TestOneConversationIsAnsweredInOrder(t *testing.T) {
	s := start(t, echo)
	for i := range 3 {
		s.As("ana").Say("dm", fmt.Sprint(i))
	}
	s.As("ana").WaitForText("dm", "answer to 2")
	var order []string
	for _, m := range s.As("ana").See("dm") {
		if m.Bot {
			order = append(order, strings.SplitN(m.Text, "\n", 2)[0])
		}
	}
	if want := "[answer to 0 answer to 1 answer to 2]"; fmt.Sprint(order) != want {
		t.Errorf("answered %v, want %s", order, want)
	}
}

func TestStoppingFinishesWhatIsUnderWay(t *testing.T) {
	begun, release := make(chan struct{}), make(chan struct{})
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		close(begun)
		<-release
		return echo(ctx, r)
	})
	s.As("ana").Say("dm", "pipeline")
	<-begun
	stopped := make(chan struct{})
	go func() {
		s.stop()
		close(stopped)
	}()
	s.WaitForConnections(0)
	close(release)
	<-stopped
	if n := s.answers("ana", "dm"); n != 1 {
		t.Errorf("answered %d times", n)
	}
}

func TestWhatADeadProcessKeptIsAnsweredByTheNext(t *testing.T) {
	s := start(t, echo)
	s.As("ana").Say("dm", "pipeline")
	s.store.only(t, insights.Sent)
	s.store.mu.Lock()
	kept := s.store.received[0]
	kept.Key, kept.Lease, kept.ID = "msg:D0ANA:1.0", s.clock.now(), 2
	s.store.received = append(s.store.received, kept)
	s.store.mu.Unlock()
	s.clock.advance(time.Second)
	for range 2 {
		if err := s.bot.Received(t.Context(), 2); err != nil {
			t.Fatal(err)
		}
	}
	if n := s.answers("ana", "dm"); n != 2 {
		t.Errorf("there are %d answers, want 2", n)
	}
}

func TestWhatWasKeptAndCannotBeReadIsGivenUp(t *testing.T) {
	s := start(t, echo)
	s.store.mu.Lock()
	s.store.received = append(s.store.received, insights.Received{ID: 1, Kind: "event", Payload: []byte(`[]`)})
	s.store.mu.Unlock()
	if err := s.bot.Received(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if !s.store.done[1] {
		t.Error("it would be looked at for ever")
	}
}

func TestAnAnswerThatCanNeverBeGivenEndsInOneThatSaysSo(t *testing.T) {
	unrecorded := func(turn insights.Turn) error {
		if turn.Audit.Code == "given_up" {
			return nil
		}
		return errors.New("it cannot be kept")
	}
	cases := map[string]func(insights.Turn) error{
		"it cannot be recorded": unrecorded,
		"something panics on its way": func(turn insights.Turn) error {
			if err := unrecorded(turn); err != nil {
				panic(err)
			}
			return nil
		},
	}
	for name, refuse := range cases {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{}, 100)
			s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
				asked <- struct{}{}
				answer, turn := echo(ctx, r)
				turn.Audit = &insights.AuditEntry{}
				return answer, turn
			})
			s.store.mu.Lock()
			s.store.refuse = refuse
			s.store.mu.Unlock()
			s.As("ana").Say("dm", "pipeline")
			<-asked
			for range 20 {
				s.clock.advance(time.Minute)
				_ = s.bot.Received(t.Context(), 1)
			}
			s.As("ana").WaitForText("dm", "so I have stopped")
			if n := 1 + len(asked); n != 10 {
				t.Errorf("the handlers were asked %d times, want 10", n)
			}
			if n := s.answers("ana", "dm"); n != 1 {
				t.Errorf("there are %d answers", n)
			}
		})
	}
}

func TestWorkDoesNotWaitForABotThatNeverStarts(t *testing.T) {
	cfg := company()
	cfg.BotToken = "xoxb-right"
	s := &stage{Workspace: workspacetest.Start(t, cfg), store: newMemory(), clock: &clock{}, log: &lockedBuffer{}}
	b, err := bot.New(s.config(echo))
	if err != nil {
		t.Fatal(err)
	}
	worked := make(chan error, 1)
	go func() { worked <- b.Received(t.Context(), 1) }()
	if err := b.Run(t.Context()); err == nil {
		t.Fatal("the wrong token is taken")
	}
	if err := <-worked; err == nil {
		t.Error("it worked without knowing who it is")
	}
}

func TestWrongTokensAreNamed(t *testing.T) {
	cfg := company()
	cfg.BotToken, cfg.AppToken = "xoxb-right", "xapp-right"
	w := workspacetest.Start(t, cfg)
	cases := map[string]struct{ app, bot, team, code, says string }{
		"the bot token is unknown":       {"xapp-right", "xoxb-wrong", "", "slack_invalid_auth", "the bot token"},
		"the app token is unknown":       {"xapp-wrong", "xoxb-right", "", "slack_invalid_auth", "the app-level token"},
		"the tokens are swapped":         {"xoxb-right", "xapp-right", "", "slack_app_token", "xapp-"},
		"the bot token is a person's":    {"xapp-right", "xoxp-1", "", "slack_bot_token", "xoxb-"},
		"the token is another company's": {"xapp-right", "xoxb-right", "T0OTHER", "slack_team", "T0OTHER"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := &stage{Workspace: w, store: newMemory(), clock: &clock{}, log: &lockedBuffer{}}
			cfg := s.config(echo)
			cfg.AppToken, cfg.BotToken, cfg.Team = c.app, c.bot, c.team
			b, err := bot.New(cfg)
			if err == nil {
				err = b.Run(t.Context())
			}
			var fault *insights.Error
			if !errors.As(err, &fault) || fault.Code != c.code || !strings.Contains(fault.Message, c.says) || fault.Hint == "" {
				t.Errorf("got %v", err)
			}
			if strings.Contains(fmt.Sprint(err)+s.log.String(), "wrong") {
				t.Error("a token is given away")
			}
		})
	}
}
