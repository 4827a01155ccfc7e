package outbox

import (
	"context"
	"testing"
	"time"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights"
)

func TestASharedAnswerIsPostedOnlyIfItStillMayBe(t *testing.T) {
	share := insights.Delivery{
		ID: 1, Key: "share:r1:C0SALES", State: insights.Pending, Attempt: 1, Lease: noon.Add(30 * time.Second), FirstTry: noon,
		Target:  insights.Target{Kind: insights.ToChannel, Channel: "C0SALES", User: "U0ANA", Receipt: "r1"},
		Payload: []byte(`{"text":"won revenue"}`),
	}
	left := share
	left.State, left.Attempt = insights.Sending, 2
	no := &Withheld{Reason: "not_allowed", Turn: insights.Turn{Thread: "told"}}
	cases := map[string]struct {
		claimed insights.Delivery
		ruling  *Withheld
		fault   map[string]any
		want    insights.DeliveryState
		reason  string
		posts   int
	}{
		"all may read it":                               {claimed: share, want: insights.Sent, posts: 1},
		"not all may":                                   {claimed: share, ruling: no, want: insights.Failed, reason: "not_allowed"},
		"after a restart not all may":                   {claimed: left, ruling: no, want: insights.Failed, reason: "not_allowed"},
		"after a restart all may":                       {claimed: left, want: insights.Sent, posts: 1},
		"Slack refuses it":                              {claimed: share, fault: map[string]any{"method": "chat.postMessage", "error": "restricted_action"}, want: insights.Failed, reason: "restricted_action", posts: 1},
		"Slack is busy, and it is asked again later":    {claimed: share, fault: map[string]any{"method": "chat.postMessage", "error": "ratelimited"}, want: insights.Pending, posts: 1},
		"it is not known whether it was posted, nor is": {claimed: left, fault: map[string]any{"method": "conversations.history", "error": "missing_scope"}, want: insights.Unconfirmed, reason: "the history cannot show it: missing_scope"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := workspacetest.Start(t, workspace.Config{
				Users:    []workspace.User{{Name: "ana"}},
				Channels: []workspace.Channel{{Name: "sales", Members: []string{"ana", "salesbot"}}},
			})
			if c.fault != nil {
				w.Fault(c.fault)
			}
			l := &ledger{held: c.claimed}
			o := open(w, l)
			o.ask = func(_ context.Context, d insights.Delivery, unsaid string) *Withheld {
				if unsaid != "" {
					return &Withheld{Reason: unsaid, Turn: insights.Turn{Thread: "told " + string(d.State)}}
				}
				return c.ruling
			}
			if err := o.LookAt(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			if l.state != c.want || l.reason != c.reason || len(w.Calls("chat.postMessage")) != c.posts {
				t.Errorf("it came to %q (%s) after %d posts", l.state, l.reason, len(w.Calls("chat.postMessage")))
			}
			if told := l.told.Thread; (told != "") != (c.reason != "") || c.ruling == nil && c.reason != "" && told != "told "+string(c.want) {
				t.Errorf("told is %q", told)
			}
		})
	}
}

func TestAShareThatIsInterruptedWaits(t *testing.T) {
	w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
	l := &ledger{held: insights.Delivery{
		ID: 1, Attempt: 1, State: insights.Sending, Payload: []byte(`{"text":"hello"}`),
		Target: insights.Target{Kind: insights.ToChannel, Channel: "C0SALES", User: "U0ANA", Receipt: "r1"},
	}}
	o := open(w, l)
	ctx, stop := context.WithCancel(t.Context())
	o.ask = func(context.Context, insights.Delivery, string) *Withheld {
		stop()
		return &Withheld{Reason: "slack_unreachable"}
	}
	if err := o.Send(ctx, l.held); err != nil {
		t.Fatal(err)
	}
	if l.state != insights.Pending || len(w.Calls("chat.postMessage")) != 0 {
		t.Errorf("it came to %q", l.state)
	}
}
