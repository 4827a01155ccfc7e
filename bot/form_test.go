package bot_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"salesbot/bot"
	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
	"salesbot/insights"
)

// counter answers a question with a form, and says what was filled in.
func counter(asked *atomic.Int32) handler {
	return func(_ context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		if r.Actor.Barred != "" {
			return handlers.Answer{Status: handlers.Refused, Headline: r.Actor.Barred}, insights.Turn{}
		}
		if r.Form != nil {
			asked.Add(1)
			return handlers.Answer{
				Status:   handlers.Answered,
				Headline: r.Form.ID + " about " + r.Form.Context + ": " + strings.Join(r.Form.Values["what"], "") + " for " + strings.Join(r.Form.Values["region"], " and ") + " until " + strings.Join(r.Form.Values["until"], ""),
				Notices: []handlers.Notice{
					{Key: "news:max", To: insights.Target{Kind: insights.ToPerson, Email: "max@example.com"}, Answer: handlers.Answer{Headline: "news for Max"}},
					{Key: "news:guest", To: insights.Target{Kind: insights.ToPerson, Email: "guest@example.com"}, Answer: handlers.Answer{Headline: "news for a guest"}},
					{Key: "news:gone", To: insights.Target{Kind: insights.ToPerson, Email: "nobody@example.com"}, Answer: handlers.Answer{Headline: "news for nobody"}},
				},
			}, insights.Turn{}
		}
		return handlers.Answer{Status: handlers.Answered, Headline: "fill this in", Quiet: r.Text == "quiet", Form: &handlers.Form{
			ID: "news", Context: "n1", Title: "News", Submit: "Send",
			Fields: []handlers.Field{
				{ID: "what", Label: "What", Kind: handlers.Lines},
				{ID: "region", Label: "Region", Kind: handlers.Some, Options: []handlers.Option{{Value: "1", Label: "West"}, {Value: "2", Label: "East"}}},
				{ID: "until", Label: "Until", Kind: handlers.Date, Initial: []string{"2026-12-31"}},
			},
			Again: handlers.Choice{Label: "Open the form", Command: "/news"},
		}}, insights.Turn{}
	}
}

// startForm runs a bot that asks for a form, and refuses the word “bad” in it.
func startForm(t *testing.T, asked *atomic.Int32) *stage {
	t.Helper()
	return startWith(t, company(), counter(asked), func(c *bot.Config) {
		c.Check = func(_ context.Context, r handlers.Request) handlers.Faults {
			if strings.Contains(strings.Join(r.Form.Values["what"], ""), "bad") {
				return handlers.Faults{"what": "Say something else."}
			}
			return nil
		}
	})
}

func openForm(p *workspacetest.Person) workspacetest.View {
	p.Command("sales", "/news", "quiet")
	return p.WaitForModal("the form", func(v workspacetest.View) bool { return v.CallbackID == "form:news" })
}

func filled(what string) map[string]map[string]any {
	return map[string]map[string]any{"what": {"input": what}, "region": {"input": []string{"1", "2"}}}
}

func TestAFormThatIsFilledInIsHandledAndOthersAreTold(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	ana := s.As("ana")
	if out := ana.Submit(openForm(ana), filled("they want <leasing>")); len(out.Errors) > 0 || len(out.Stack) > 0 {
		t.Fatalf("the form stays open: %+v", out)
	}
	ana.WaitForText("dm", "news about n1: they want <leasing> for 1 and 2 until 2026-12-31")
	s.As("max").WaitForText("dm", "news for Max")
	s.store.until(t, "three deliveries are sent and two given up", func() bool {
		states := map[insights.DeliveryState]int{}
		for _, d := range s.store.deliveries {
			states[d.State]++
		}
		return states[insights.Sent] == 2 && states[insights.Failed] == 2
	})
	if n := s.answers("guest", "dm"); n != 0 {
		t.Errorf("a guest was told %d times", n)
	}
	if n := s.answers("ana", "sales"); n != 0 {
		t.Errorf("a quiet answer was said %d times", n)
	}
}

func TestAFormSaysWhatIsWrongBeforeItCloses(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	ana := s.As("ana")
	view := openForm(ana)
	out := ana.Submit(view, filled("bad"))
	if out.Errors["what"] != "Say something else." || len(out.Stack) != 1 {
		t.Fatalf("the form should stay open and say why: %+v", out)
	}
	if out = ana.Submit(view, filled("good")); len(out.Errors) > 0 {
		t.Fatalf("mended, it is still refused: %v", out.Errors)
	}
	ana.WaitForText("dm", "good")
	if asked.Load() != 1 {
		t.Errorf("it was handled %d times", asked.Load())
	}
}

func TestAFormStaysOpenWhileTheStoreIsDown(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	ana := s.As("ana")
	view := openForm(ana)
	s.store.fail(errors.New("down"))
	if out := ana.Submit(view, filled("good")); !strings.Contains(out.Errors["what"], "nothing of this was kept") {
		t.Fatalf("the form should stay open and say why: %+v", out)
	}
	s.store.fail(nil)
	ana.Submit(view, filled("good"))
	ana.WaitForText("dm", "good")
}

func TestAFormThatDoesNotOpenSaysHowToAskAgain(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	ana := s.As("ana")
	s.Fault(map[string]any{"method": "views.open", "error": "expired_trigger_id"})
	ana.Command("sales", "/news", "quiet")
	m := ana.WaitForText("sales", "The form did not open")
	if !m.Ephemeral {
		t.Error("everybody sees it")
	}
	ana.Act(m, "ask:0", nil)
	ana.WaitForModal("the form", func(v workspacetest.View) bool { return v.CallbackID == "form:news" })
	if calls := len(s.Calls("views.open")); calls != 2 {
		t.Errorf("the form was opened by %d calls; each trigger is used once", calls)
	}
}

func TestAFormCannotOpenFromWords(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	s.As("ana").Say("dm", "quiet")
	s.As("ana").WaitForText("dm", "A form opens from a command or a button only")
}

func TestAClosedFormAsksNothing(t *testing.T) {
	var asked atomic.Int32
	s := startForm(t, &asked)
	ana := s.As("ana")
	ana.Close(openForm(ana))
	if asked.Load() != 0 {
		t.Error("a form that was closed was handled")
	}
}

func TestAMessageIsChangedInPlaceAndRepliedTo(t *testing.T) {
	s := startIn(t, company(), func(_ context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		a := handlers.Answer{Status: handlers.Answered, Headline: "news one", Quiet: true}
		told := insights.Target{Kind: insights.ToPerson, Email: "max@example.com"}
		switch r.Text {
		case "tell":
			a.Notices = []handlers.Notice{{Key: "news", To: told, Answer: handlers.Answer{Headline: "old news"}}}
		case "change":
			a.Notices = []handlers.Notice{
				{Key: "news:2", To: insights.Target{Kind: insights.ToUpdate, Of: "news"}, Answer: handlers.Answer{Headline: "new news"}},
				{Key: "news:3", To: insights.Target{Kind: insights.ToChannel, Of: "news"}, Answer: handlers.Answer{Headline: "what changed"}},
				{Key: "news:4", To: insights.Target{Kind: insights.ToUpdate, Of: "never"}, Answer: handlers.Answer{Headline: "of nothing"}},
			}
		}
		return a, insights.Turn{}
	})
	s.As("ana").Say("dm", "tell")
	m := s.As("max").WaitForText("dm", "old news")
	s.Fault(map[string]any{"method": "chat.update", "error": "lost_response"})
	s.As("ana").Say("dm", "change")
	changed := s.As("max").WaitForText("dm", "new news")
	if changed.TS != m.TS || changed.Edited == nil {
		t.Errorf("the message was not changed in place: %+v", changed)
	}
	s.As("max").WaitForReply("dm", m.TS, "what changed", func(m workspacetest.Message) bool { return m.Text == "what changed" })
	var waiting int64
	s.store.until(t, "the change waits to be made once more, and the change of nothing is given up", func() bool {
		states := map[string]insights.DeliveryState{}
		for _, d := range s.store.deliveries {
			states[d.Key] = d.State
			if d.Key == "news:2" {
				waiting = d.ID
			}
		}
		return states["news:2"] == insights.Pending && states["news:3"] == insights.Sent && states["news:4"] == insights.Expired
	})
	s.clock.advance(2 * time.Second)
	s.lookAt(t, waiting)
	s.store.until(t, "the change is made for certain", func() bool { return s.store.deliveries[waiting-1].State == insights.Sent })
	if n := s.answers("max", "dm"); n != 1 {
		t.Errorf("Max has %d messages", n)
	}
}

func TestALostDirectMessageIsFoundInItsHistory(t *testing.T) {
	s := startIn(t, workspace.Config{Users: company().Users}, func(context.Context, handlers.Request) (handlers.Answer, insights.Turn) {
		return handlers.Answer{Quiet: true, Notices: []handlers.Notice{
			{Key: "news", To: insights.Target{Kind: insights.ToPerson, Email: "max@example.com"}, Answer: handlers.Answer{Headline: "news"}},
		}}, insights.Turn{}
	})
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	s.As("ana").Say("dm", "tell")
	s.As("max").WaitForText("dm", "news")
	if d := s.store.only(t, insights.Sent); d.Channel == "" || d.TS == "" {
		t.Errorf("its receipt is %q %q", d.Channel, d.TS)
	}
	if n := s.answers("max", "dm"); n != 1 {
		t.Errorf("it was said %d times", n)
	}
}
