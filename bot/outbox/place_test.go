package outbox

import (
	"context"
	"errors"
	"testing"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights"
)

func TestWhereAChangeOrAReplyGoes(t *testing.T) {
	sent := insights.Original{State: insights.Sent, Channel: "D1", TS: "1.2"}
	superseded, busy, lost := sent, sent, sent
	superseded.Superseded, busy.Busy, lost.TS = true, true, ""
	update, reply := insights.Target{Kind: insights.ToUpdate, Of: "a"}, insights.Target{Kind: insights.ToChannel, Of: "a"}
	changing, replying := update, reply
	changing.Channel, changing.TS = "D1", "1.2"
	replying.Channel, replying.Thread = "D1", "1.2"
	cases := map[string]struct {
		target   insights.Target
		original insights.Original
		want     insights.Target
		do       move
		state    insights.DeliveryState
	}{
		"a change goes to the message":                   {update, sent, changing, "", ""},
		"a reply goes below it":                          {reply, sent, replying, "", ""},
		"a reply has nothing to do with changes":         {reply, superseded, replying, "", ""},
		"a change that a later one replaces is not made": {update, superseded, update, finish, insights.Expired},
		"changes are made one after the other":           {update, busy, update, postpone, ""},
		"a message on its way is waited for":             {update, insights.Original{State: insights.Sending}, update, postpone, ""},
		"one that waits itself, too":                     {reply, insights.Original{State: insights.Pending}, reply, postpone, ""},
		"one that failed has no changes":                 {update, insights.Original{State: insights.Failed}, update, finish, insights.Expired},
		"one that expired has no replies":                {reply, insights.Original{State: insights.Expired}, reply, finish, insights.Expired},
		"one that nobody can find cannot be changed":     {update, insights.Original{State: insights.Unconfirmed}, update, finish, insights.Failed},
		"one without a receipt cannot be changed":        {update, lost, update, finish, insights.Failed},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := follow(insights.Delivery{Target: c.target}, c.original, true, noon)
			var do next
			if got.instead != nil {
				do = *got.instead
			}
			if got.delivery.Target != c.want || do.do != c.do || do.state != c.state {
				t.Errorf("goes to %+v, %+v", got.delivery.Target, do)
			}
		})
	}
}

func TestAPersonIsVisitedInTheirDirectMessage(t *testing.T) {
	cases := map[string]struct {
		target insights.Target
		find   error
		fault  string
		state  insights.DeliveryState
		posts  int
	}{
		"by e-mail":                         {insights.Target{Kind: insights.ToPerson, Email: "ana@example.com"}, nil, "", insights.Sent, 1},
		"by user":                           {insights.Target{Kind: insights.ToPerson, User: "U0ANA"}, nil, "", insights.Sent, 1},
		"nobody is there":                   {insights.Target{Kind: insights.ToPerson, Email: "x"}, Nobody{"nobody"}, "", insights.Failed, 0},
		"looking fails, which may pass":     {insights.Target{Kind: insights.ToPerson, Email: "x"}, errors.New("cut"), "", insights.Pending, 0},
		"Slack is too busy to say":          {insights.Target{Kind: insights.ToPerson, User: "U0ANA"}, nil, "ratelimited", insights.Pending, 0},
		"Slack does not open conversations": {insights.Target{Kind: insights.ToPerson, User: "U0ANA"}, nil, "missing_scope", insights.Failed, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := workspacetest.Start(t, workspace.Config{Users: []workspace.User{{Name: "ana"}}})
			if c.fault != "" {
				w.Fault(map[string]any{"method": "conversations.open", "error": c.fault})
			}
			l := &ledger{}
			o := open(w, l)
			o.find = func(context.Context, string) (string, error) { return "U0ANA", c.find }
			d := insights.Delivery{ID: 1, Attempt: 1, State: insights.Sending, Payload: []byte(`{"text":"hello"}`), Target: c.target}
			if err := o.Send(t.Context(), d); err != nil {
				t.Fatal(err)
			}
			if l.state != c.state || len(w.Calls("chat.postMessage")) != c.posts {
				t.Errorf("it is %q after %d posts", l.state, len(w.Calls("chat.postMessage")))
			}
			if c.posts > 0 && l.held.Target.Channel == "" {
				t.Error("nobody remembers where it was said")
			}
		})
	}
}
