package outbox

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/slack-go/slack"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights"
)

// ledger holds one delivery and remembers what was made of it.
type ledger struct {
	held  insights.Delivery
	state insights.DeliveryState
	until time.Time

	original insights.Original // of a change or a reply
	reason   string            // why it ended unsaid
	told     insights.Turn     // what followed from that
}

func (l *ledger) ClaimDelivery(context.Context, int64, time.Time, time.Duration) (insights.Delivery, bool, error) {
	return l.held, true, nil
}

func (l *ledger) FinishDelivery(_ context.Context, _ int64, _ int, state insights.DeliveryState, _, _, _ string, _ time.Time) error {
	l.state = state
	return nil
}

func (l *ledger) FinishDeliveryWith(_ context.Context, _ int64, _ int, state insights.DeliveryState, reason string, turn insights.Turn, _ time.Time, _ time.Duration) ([]insights.Delivery, error) {
	l.state, l.reason, l.told = state, reason, turn
	return nil, nil
}

func (l *ledger) DeferDelivery(_ context.Context, _ int64, _ int, until time.Time, _ string, _ time.Time) error {
	l.state, l.until = insights.Pending, until
	return nil
}

func (l *ledger) PlaceDelivery(_ context.Context, _ int64, _ int, target insights.Target) error {
	l.held.Target = target
	return nil
}

func (l *ledger) Original(context.Context, int64, string, time.Time) (insights.Original, bool, error) {
	return l.original, l.original.State != "", nil
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func TestWhatAClaimedDeliveryComesTo(t *testing.T) {
	message := insights.Delivery{
		ID: 1, Key: "answer:1", State: insights.Pending, Attempt: 1, Lease: noon.Add(30 * time.Second), FirstTry: noon,
		Target:  insights.Target{Kind: insights.ToChannel, Channel: "D0ANA"},
		Payload: []byte(`{"text":"hello"}`),
	}
	left := message
	left.State, left.Attempt = insights.Sending, 2
	private := left
	private.Target = insights.Target{Kind: insights.ToOne, Channel: "C0SALES", User: "U0ANA"}
	cases := map[string]struct {
		claimed insights.Delivery
		change  func(*insights.Delivery)
		want    insights.DeliveryState
		posts   int
	}{
		"what waited is sent":                               {message, nil, insights.Sent, 1},
		"what was left and is not in the history is sent":   {left, nil, insights.Sent, 1},
		"an ephemeral message that was left is unconfirmed": {private, nil, insights.Unconfirmed, 0},
		"what comes too late expires":                       {message, func(d *insights.Delivery) { d.Expires = noon }, insights.Expired, 0},
		"what was left and comes too late expires":          {left, func(d *insights.Delivery) { d.Expires = noon }, insights.Expired, 0},
		"what cannot be read fails":                         {message, func(d *insights.Delivery) { d.Payload = []byte(`[`) }, insights.Failed, 0},
		"what has a block without a type fails":             {message, func(d *insights.Delivery) { d.Payload = []byte(`{"text":"x","blocks":[{}]}`) }, insights.Failed, 0},
		"what may be taken over in a moment waits instead":  {message, func(d *insights.Delivery) { d.Lease = noon.Add(5 * time.Second) }, insights.Pending, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := workspacetest.Start(t, workspace.Config{
				Users:    []workspace.User{{Name: "ana"}},
				Channels: []workspace.Channel{{Name: "sales", Members: []string{"ana", "salesbot"}}},
			})
			l := &ledger{held: c.claimed}
			if c.change != nil {
				c.change(&l.held)
			}
			if err := open(w, l).LookAt(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if l.state != c.want {
				t.Errorf("it came to %q, want %q", l.state, c.want)
			}
			if n := len(w.Calls("chat.postMessage")) + len(w.Calls("chat.postEphemeral")); n != c.posts {
				t.Errorf("Slack was told %d times, want %d", n, c.posts)
			}
		})
	}
}

func TestWhenSlackCannotBeReachedTheDeliveryWaits(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	l := &ledger{held: insights.Delivery{
		ID: 1, Attempt: 3, State: insights.Pending, Payload: []byte(`{"text":"hello"}`),
		Target: insights.Target{Kind: insights.ToResponseURL, URL: "http://127.0.0.1:1/"},
	}}
	if err := open(w, l).LookAt(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if l.state != insights.Pending || l.until != noon.Add(4*time.Second) {
		t.Errorf("%s until %s", l.state, l.until)
	}
}

func TestWhileTheHistoryCannotBeReadNothingIsSaid(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	w.Fault(map[string]any{"method": "conversations.history", "error": "internal_error"})
	l := &ledger{held: insights.Delivery{
		ID: 1, Attempt: 2, State: insights.Sending, FirstTry: noon, Payload: []byte(`{"text":"hello"}`),
		Target: insights.Target{Kind: insights.ToChannel, Channel: "D0ANA"},
	}}
	if err := open(w, l).LookAt(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if l.state != "" || len(w.Calls("chat.postMessage")) != 0 {
		t.Errorf("the row should stay as it is, and is %q", l.state)
	}
}

func TestWhatNeverEndsIsGivenUp(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	left := insights.Delivery{
		ID: 1, Attempt: maxAttempts + 1, State: insights.Sending, FirstTry: noon, Payload: []byte(`{"text":"hello"}`),
		Target: insights.Target{Kind: insights.ToChannel, Channel: "D0ANA"},
	}
	for _, want := range []insights.DeliveryState{insights.Unconfirmed, insights.Failed} {
		if want == insights.Unconfirmed {
			w.Fault(map[string]any{"method": "conversations.history", "error": "internal_error", "times": 1})
		}
		l := &ledger{held: left}
		if err := open(w, l).LookAt(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		if l.state != want || len(w.Calls("chat.postMessage")) != 0 {
			t.Errorf("it came to %q after %d posts, want %q", l.state, len(w.Calls("chat.postMessage")), want)
		}
	}
}

func open(w *workspacetest.Workspace, l *ledger) *Outbox {
	return New(Config{
		Slack: slack.New("xoxb-test", slack.OptionAPIURL(w.URL+"/api/")), HTTP: http.DefaultClient, Store: l,
		Now: func() time.Time { return noon }, Logger: slog.New(slog.DiscardHandler), Settle: time.Millisecond,
	})
}
