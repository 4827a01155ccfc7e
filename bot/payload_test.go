package bot

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"salesbot/handlers"
	"salesbot/insights"
)

func TestWhatIsAskedIsReadFromItsPayload(t *testing.T) {
	cases := map[string]struct {
		kind, payload string
		want          question
	}{
		"a direct message": {
			kindEvent, `{"event_id":"Ev1","event":{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":"hi","ts":"1.2","team":"T1"}}`,
			question{origin: handlers.FromMessage, key: "msg:D1:1.2", user: "U1", team: "T1", channel: "D1", text: "hi", ts: "1.2", direct: true},
		},
		"a reply in a thread with a file": {
			kindEvent, `{"event":{"type":"message","subtype":"file_share","channel":"D1","channel_type":"im","user":"U1","text":"hi","ts":"1.2","thread_ts":"1.1"}}`,
			question{origin: handlers.FromMessage, key: "msg:D1:1.2", user: "U1", channel: "D1", thread: "1.1", text: "hi", ts: "1.2", direct: true},
		},
		"a file without a word, which opens a thread": {
			kindEvent, `{"event":{"type":"message","subtype":"file_share","channel":"D1","channel_type":"im","user":"U1","text":"","ts":"1.2","files":[{"id":"F1","name":"crm.csv","size":9,"mode":"hosted","url_private":"https://f/crm.csv","url_private_download":"https://f/download/crm.csv"}]}}`,
			question{origin: handlers.FromMessage, key: "msg:D1:1.2", user: "U1", channel: "D1", thread: "1.2", ts: "1.2", direct: true, files: []sharedFile{
				{ID: "F1", Name: "crm.csv", Size: 9, Private: "https://f/crm.csv", Download: "https://f/download/crm.csv"},
			}},
		},
		"a mention by somebody of another company": {
			kindEvent, `{"is_ext_shared_channel":true,"event":{"type":"app_mention","channel":"C1","user":"U9","user_team":"T9","team":"T1","text":"<@B> hi","ts":"1.2"}}`,
			question{origin: handlers.FromMention, key: "msg:C1:1.2", user: "U9", team: "T9", channel: "C1", text: "<@B> hi", ts: "1.2", shared: true},
		},
		"a command": {
			kindCommand, `{"command":"/kpi","text":"wins","user_id":"U1","team_id":"T1","channel_id":"C1","channel_name":"sales","trigger_id":"t.1","response_url":"https://r"}`,
			question{origin: handlers.FromCommand, key: "command:t.1", user: "U1", team: "T1", channel: "C1", name: "sales", command: "/kpi", text: "wins", reply: "https://r", trigger: "t.1"},
		},
		"a button in a direct message": {
			kindAction, `{"type":"block_actions","user":{"id":"U1","team_id":"T1"},"channel":{"id":"D1","name":"directmessage"},"container":{"channel_id":"D1","thread_ts":"1.1"},"trigger_id":"t.2","response_url":"https://r","actions":[{"action_id":"ask:3","value":"wins by region"}]}`,
			question{origin: handlers.FromButton, key: "action:t.2", user: "U1", team: "T1", channel: "D1", name: "directmessage", thread: "1.1", text: "wins by region", reply: "https://r", direct: true, trigger: "t.2"},
		},
		"a button only one person sees": {
			kindAction, `{"type":"block_actions","user":{"id":"U1"},"container":{"channel_id":"D2","is_ephemeral":true},"trigger_id":"t.3","response_url":"https://r","actions":[{"action_id":"ask:0","value":"wins"}]}`,
			question{origin: handlers.FromButton, key: "action:t.3", user: "U1", channel: "D2", text: "wins", reply: "https://r", hidden: true, trigger: "t.3"},
		},
		"a form": {
			kindAction, `{"type":"view_submission","trigger_id":"t.4","user":{"id":"U1","team_id":"T1"},"view":{"id":"V1","hash":"1.abc","callback_id":"form:news","private_metadata":"n1:2","blocks":[{"block_id":"what"},{"block_id":"x"}],"state":{"values":{"what":{"input":{"type":"plain_text_input","value":"a & <b>"}},"none":{"input":{"type":"plain_text_input","value":null}},"day":{"input":{"type":"datepicker","selected_date":"2026-12-31"}},"one":{"input":{"selected_option":{"value":"low"}}},"some":{"input":{"selected_options":[{"value":"1"},{"value":"2"}]}}}}}}`,
			question{origin: handlers.FromForm, key: "form:V1:1.abc", user: "U1", team: "T1", form: &submission{
				first: "what",
				Submission: handlers.Submission{ID: "news", Context: "n1:2", Values: map[string][]string{
					"what": {"a & <b>"}, "none": nil, "day": {"2026-12-31"}, "one": {"low"}, "some": {"1", "2"},
				}},
			}},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := read(c.kind, json.RawMessage(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got, cmp.AllowUnexported(question{}, submission{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMuchAsksNothing(t *testing.T) {
	cases := map[string]struct{ kind, payload string }{
		"an edit":                     {kindEvent, `{"event":{"type":"message","subtype":"message_changed","channel":"D1","channel_type":"im","ts":"1","message":{"text":"x"}}}`},
		"another bot":                 {kindEvent, `{"event":{"type":"message","channel":"D1","channel_type":"im","user":"U2","bot_id":"B2","text":"x","ts":"1"}}`},
		"Slack itself":                {kindEvent, `{"event":{"type":"message","channel":"D1","channel_type":"im","user":"USLACKBOT","text":"x","ts":"1"}}`},
		"a message without words":     {kindEvent, `{"event":{"type":"message","channel":"D1","channel_type":"im","user":"U1","text":" ","ts":"1"}}`},
		"talk in a channel":           {kindEvent, `{"event":{"type":"message","channel":"C1","channel_type":"channel","user":"U1","text":"x","ts":"1"}}`},
		"a person who changed":        {kindEvent, `{"event":{"type":"user_change","user":{"id":"U1"}}}`},
		"a button that opens a link":  {kindAction, `{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"open","value":"x"}]}`},
		"a form of somebody else":     {kindAction, `{"type":"view_submission","user":{"id":"U1"}}`},
		"something Slack made up now": {"", `{}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if q, err := read(c.kind, json.RawMessage(c.payload)); !errors.Is(err, errNotAsked) {
				t.Errorf("got %+v, %v", q, err)
			}
		})
	}
}

func TestMessagesAreReadAsPeopleReadThem(t *testing.T) {
	name := func(id string) string { return map[string]string{"U1": "Ana Ruiz"}[id] }
	cases := map[string]struct{ message, want string }{
		"plain words":                 {"whats my number", "whats my number"},
		"the bot itself":              {"<@UBOT> whats my <@UBOT|salesbot> number", "whats my number"},
		"only the bot":                {"<@UBOT>", ""},
		"a person":                    {"pipeline of <@U1>", "pipeline of Ana Ruiz"},
		"a person Slack hides":        {"pipeline of <@U2|max>", "pipeline of max"},
		"a person without a name":     {"pipeline of <@U2>", "pipeline of @U2"},
		"a channel":                   {"who is in <#C1|emea>", "who is in #emea"},
		"everybody":                   {"tell <!here> and <!subteam^S1|@reps>", "tell @here and @reps"},
		"a link Slack made":           {"owner of <http://acme.com|acme.com>", "owner of acme.com"},
		"an address":                  {"<mailto:ana@example.com|ana@example.com>", "ana@example.com"},
		"a bare link":                 {"<https://x.example/a?b=1&amp;c=2>", "https://x.example/a?b=1&c=2"},
		"what was escaped":            {"deals &gt; 50k &amp; &lt; 90k", "deals > 50k & < 90k"},
		"what was escaped twice":      {"&amp;lt;", "&lt;"},
		"several lines":               {"pipeline\n  by region", "pipeline by region"},
		"an escaped mention is words": {"&lt;@UBOT&gt;", "<@UBOT>"},
	}
	for title, c := range cases {
		t.Run(title, func(t *testing.T) {
			if got := readable(c.message, "UBOT", name); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOnlyPlainMembersMayAsk(t *testing.T) {
	member := slack.User{ID: "U1", TeamID: "T1", IsEmailConfirmed: true}
	cases := map[string]struct {
		change func(*slack.User)
		want   string
	}{
		"a member":                        {func(*slack.User) {}, ""},
		"a member through an enterprise":  {func(u *slack.User) { u.TeamID, u.Enterprise.Teams = "T9", []string{"T1"} }, ""},
		"a guest":                         {func(u *slack.User) { u.IsRestricted = true }, barredGuest},
		"a guest of one channel":          {func(u *slack.User) { u.IsUltraRestricted = true }, barredGuest},
		"somebody only invited":           {func(u *slack.User) { u.IsInvitedUser = true }, barredGuest},
		"a stranger":                      {func(u *slack.User) { u.IsStranger = true }, barredStranger},
		"a member of another team":        {func(u *slack.User) { u.TeamID = "T9" }, barredStranger},
		"somebody who left":               {func(u *slack.User) { u.Deleted = true }, barredGone},
		"a bot":                           {func(u *slack.User) { u.IsBot = true }, barredBot},
		"an address that is not verified": {func(u *slack.User) { u.IsEmailConfirmed = false }, barredUnconfirmed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			u := member
			c.change(&u)
			if got := barred(u, "T1"); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestRealPayloadsAreRead reads what other SDKs keep as examples of what Slack
// sends. They stay where they are.
func TestRealPayloadsAreRead(t *testing.T) {
	data := or(os.Getenv("SALESBOT_TESTDATA"), "../../shared/data")
	root := filepath.Join(data, "slack_real_payloads")
	if _, err := os.Stat(root); err != nil {
		t.Skip("the example payloads are not on this machine; set SALESBOT_TESTDATA to where they are")
	}
	read := map[string]int{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		readExample(t, path, content, read)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("questions found: %v", read)
	for _, origin := range []handlers.Origin{handlers.FromMention, handlers.FromMessage, handlers.FromCommand} {
		if read[string(origin)] == 0 {
			t.Errorf("no example was read as a %s", origin)
		}
	}
}

func readExample(t *testing.T, path string, content []byte, found map[string]int) {
	t.Helper()
	payload := json.RawMessage(content)
	if e, err := openEnvelope(content); err == nil && len(e.payload) > 0 {
		payload = e.payload
	}
	for _, kind := range kinds {
		q, err := read(kind, payload)
		wellFormed := errors.Is(err, errNotAsked) || err == nil
		if plausible := strings.Contains(path, "/event/") || strings.Contains(path, "/payload/"); plausible && kindOf(path) == kind && !wellFormed {
			t.Errorf("%s: %v", filepath.Base(path), err)
		}
		if err != nil {
			continue
		}
		found[string(q.origin)]++
		if q.user == "" || q.channel == "" && q.reply == "" {
			t.Errorf("%s: a question from nobody or nowhere: %+v", filepath.Base(path), q)
		}
		_ = readable(q.text, "UBOT", func(string) string { return "" })
	}
}

func kindOf(path string) string {
	name := filepath.Base(path)
	switch {
	case strings.HasPrefix(name, "event."):
		return kindEvent
	case strings.HasPrefix(name, "payload.slash_command"):
		return kindCommand
	case strings.HasPrefix(name, "payload."):
		return kindAction
	default:
		return ""
	}
}

// keeper is an inbox that only shows what it is given.
type keeper struct {
	Store
	kept chan insights.Received
}

func (k keeper) Receive(_ context.Context, r insights.Received, _ time.Time, _ time.Duration) (insights.Received, bool, error) {
	k.kept <- r
	return r, false, nil
}

func quiet(t *testing.T, store Store) *Bot {
	t.Helper()
	b, err := New(Config{
		AppToken: "xapp-1", BotToken: "xoxb-1", APIURL: "http://127.0.0.1:0/", Store: store, Now: time.Now,
		Logger: slog.New(slog.DiscardHandler),
		Handle: func(context.Context, handlers.Request) (handlers.Answer, insights.Turn) {
			return handlers.Answer{}, insights.Turn{}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The client refuses a whole message for one table cell it does not know, and
// leaves it unacknowledged. The words in it are read all the same.
func TestAMessageTheClientCannotReadIsKept(t *testing.T) {
	kept := make(chan insights.Received, 1)
	b := quiet(t, keeper{kept: kept})
	b.lanes.start(t.Context())
	defer b.lanes.stop(time.Second)
	frame := `{"type":"events_api","envelope_id":"e1","payload":{"event_id":"Ev1","event":{"type":"message","channel":"D1","channel_type":"im",
		"user":"U1","text":"pipeline","ts":"1.2","blocks":[{"type":"table","rows":[[{"type":"raw_hologram"}]]}]}}}`
	b.sockets[0].badMessage(t.Context(), socketmode.Event{Data: &socketmode.ErrorBadMessage{Message: json.RawMessage(frame)}})
	if r := <-kept; r.Key != "msg:D1:1.2" || r.Kind != kindEvent {
		t.Errorf("kept %+v", r)
	}
}

func TestAQueueServesEachKeyInOrderAndSeveralAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(2)
		var order []string
		done := make(chan string)
		begun := time.Now()
		job := func(name string, d time.Duration) func() {
			return func() {
				timer := time.NewTimer(d)
				<-timer.C
				done <- name
			}
		}
		q.add("ana", job("ana 1", 3*time.Second))
		q.add("ana", job("ana 2", time.Second))
		q.add("max", job("max 1", 2*time.Second))
		for range 3 {
			order = append(order, <-done)
		}
		if got := strings.Join(order, ", "); got != "max 1, ana 1, ana 2" {
			t.Errorf("done in the order %s", got)
		}
		if took := time.Since(begun); took != 4*time.Second {
			t.Errorf("took %s, want 4 s with two at once", took)
		}
		if !q.finish(time.Minute) {
			t.Error("something is still under way")
		}
	})
}

func TestAQueueIsNotWaitedForLongerThanSaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q, release := newQueue(1), make(chan struct{})
		q.add("ana", func() { <-release })
		synctest.Wait()
		begun := time.Now()
		if q.finish(10 * time.Second) {
			t.Error("finished with something under way")
		}
		if took := time.Since(begun); took != 10*time.Second {
			t.Errorf("waited %s", took)
		}
		close(release)
	})
}

func TestConnectionsThatDoNotLastAreTakenSlower(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &socket{bot: &Bot{cfg: Config{Now: time.Now}}}
		connection := func(life time.Duration) time.Duration {
			s.since = time.Now()
			timer := time.NewTimer(life)
			<-timer.C
			var tired restless
			if !errors.As(s.down(), &tired) {
				return 0
			}
			return tired.wait
		}
		if wait := connection(time.Second); wait != 0 {
			t.Errorf("one early end is a refresh, but it waits %s", wait)
		}
		least := time.Second
		for range 10 {
			wait := connection(time.Second)
			if wait < least || wait > least*5/4 {
				t.Errorf("waits %s, want %s and a little", wait, least)
			}
			least = min(2*least, 2*time.Minute)
		}
		if wait := connection(time.Hour); wait != 0 {
			t.Errorf("after a long life it waits %s", wait)
		}
		if wait := connection(time.Second); wait != 0 {
			t.Error("a long life does not count")
		}
	})
}
