package workspace_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace/workspacetest"
)

// commands answers every slash command with fn.
func commands(fn func(*bot, socketmode.Event, slack.SlashCommand)) func(*bot, socketmode.Event) {
	return func(b *bot, e socketmode.Event) {
		if c, ok := e.Data.(slack.SlashCommand); ok {
			fn(b, e, c)
			return
		}
		b.ack(e)
	}
}

// buttons answers every interaction with fn.
func buttons(fn func(*bot, socketmode.Event, slack.InteractionCallback)) func(*bot, socketmode.Event) {
	return func(b *bot, e socketmode.Event) {
		if c, ok := e.Data.(slack.InteractionCallback); ok {
			fn(b, e, c)
			return
		}
		b.ack(e)
	}
}

func TestACommandIsAnsweredInItsAckForThePersonAlone(t *testing.T) {
	w, _ := online(t, sales(), commands(func(b *bot, e socketmode.Event, c slack.SlashCommand) {
		if c.Command != "/ask" || c.Text != "deals of <@U0BO|bo>" || c.ChannelID != "C0SALES" || c.UserName != "ana" || c.TriggerID == "" {
			b.t.Errorf("command %+v", c)
		}
		b.ack(e, map[string]any{"text": "Working on it"})
	}))
	a := w.As("ana").Command("sales", "/ask", "deals of @bo")
	if a.Delivery.Payload["text"] != "Working on it" {
		t.Errorf("delivery %+v", a.Delivery)
	}
	if m := w.As("ana").WaitForText("sales", "Working on it"); !m.Ephemeral {
		t.Errorf("answer %+v", m)
	}
	if seen := w.As("bo").See("sales"); len(seen) != 0 {
		t.Errorf("bo sees %+v", seen)
	}
}

func TestACommandAnsweredInTheChannelShowsWhatWasTyped(t *testing.T) {
	w, _ := online(t, sales(), commands(func(b *bot, e socketmode.Event, _ slack.SlashCommand) {
		b.ack(e, map[string]any{"text": "42", "response_type": "in_channel"})
	}))
	w.As("ana").Command("sales", "/ask", "the number")
	seen := w.As("bo").See("sales")
	if len(seen) != 2 || seen[0].Text != "/ask the number" || seen[0].User != "U0ANA" || seen[1].Text != "42" {
		t.Errorf("bo sees %+v", seen)
	}
}

func TestACommandThatFailsIsExplainedToThePerson(t *testing.T) {
	cfg := sales()
	cfg.AckDeadline = 30 * time.Millisecond
	w := workspacetest.Start(t, cfg)
	ana := w.As("ana")
	if a := ana.Command("dm", "/ask", "x"); a.Delivery.Error != "dispatch_failed" {
		t.Errorf("without a bot: %+v", a.Delivery)
	}
	m := ana.WaitFor("dm", "Slackbot", func(m workspacetest.Message) bool { return m.User == "USLACKBOT" })
	if m.Text != `/ask failed with the error "dispatch_failed"` || !m.Ephemeral {
		t.Errorf("Slackbot says %+v", m)
	}
	connect(t, w, deaf)
	w.WaitForConnections(1)
	if a := ana.Command("dm", "/ask", "x"); a.Delivery.Error != "operation_timeout" {
		t.Errorf("with a deaf bot: %+v", a.Delivery)
	}
	if a := ana.Try("command", map[string]any{"channel": "dm", "command": "/nope"}); a.Error != "unknown_command" {
		t.Errorf("an unknown command: %+v", a)
	}
	if a := w.As("sam").Try("command", map[string]any{"channel": "partners", "command": "/ask"}); a.Error != "not_allowed" {
		t.Errorf("a stranger's command: %+v", a)
	}
}

func TestAResponseURLWorksFiveTimesWithinHalfAnHour(t *testing.T) {
	now := newClock()
	cfg := sales()
	cfg.Now = now.Now
	urls := make(chan string, 2)
	w, b := online(t, cfg, commands(func(b *bot, e socketmode.Event, c slack.SlashCommand) {
		b.ack(e)
		urls <- c.ResponseURL
	}))
	ana := w.As("ana")
	ana.Command("sales", "/ask", "x")
	address := <-urls
	say := func(words, kind string) error {
		_, _, err := b.PostMessage("", slack.MsgOptionText(words, false), slack.MsgOptionResponseURL(address, kind))
		return err
	}
	for i := range 5 {
		if err := say(fmt.Sprint("answer ", i), slack.ResponseTypeEphemeral); err != nil {
			t.Fatal(err)
		}
	}
	if err := say("one too many", slack.ResponseTypeEphemeral); err == nil {
		t.Error("the sixth use worked")
	}
	if seen := ana.See("sales"); len(seen) != 5 || !seen[0].Ephemeral {
		t.Errorf("ana sees %+v", seen)
	}
	ana.Command("sales", "/ask", "x")
	address = <-urls
	if err := say("for all", slack.ResponseTypeInChannel); err != nil {
		t.Fatal(err)
	}
	w.As("bo").WaitForText("sales", "for all")
	now.Advance(31 * time.Minute)
	if err := say("too late", slack.ResponseTypeEphemeral); err == nil {
		t.Error("an expired URL worked")
	}
	var codes []any
	for _, call := range w.Calls("response_url") {
		codes = append(codes, call.Result["error"])
	}
	if fmt.Sprint(codes) != "[<nil> <nil> <nil> <nil> <nil> used_url <nil> expired_url]" {
		t.Errorf("outcomes %v", codes)
	}
}

func button(id string) slack.Block {
	text := slack.NewTextBlockObject(slack.PlainTextType, "Press", false, false)
	return slack.NewActionBlock("row", slack.NewButtonBlockElement(id, "v-"+id, text))
}

func TestAButtonIsPressedAndReplacesItsMessage(t *testing.T) {
	w, b := online(t, sales(), buttons(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		b.ack(e)
		action := c.ActionCallback.BlockActions[0]
		if c.Type != slack.InteractionTypeBlockActions || action.ActionID != "more" || action.Value != "v-more" ||
			c.User.ID != "U0ANA" || c.Container.ChannelID != "C0SALES" || !c.Container.IsEphemeral || c.TriggerID == "" {
			b.t.Errorf("interaction %+v", c)
		}
		_, _, err := b.PostMessage("", slack.MsgOptionText("replaced", false), slack.MsgOptionReplaceOriginal(c.ResponseURL))
		if err != nil {
			b.t.Error(err)
		}
	}))
	if _, err := b.PostEphemeral("C0SALES", "U0ANA", slack.MsgOptionText("original", false), slack.MsgOptionBlocks(button("more"))); err != nil {
		t.Fatal(err)
	}
	ana := w.As("ana")
	m := ana.See("sales")[0]
	if a := ana.Act(m, "more", nil); !a.Delivery.Acked {
		t.Errorf("delivery %+v", a.Delivery)
	}
	ana.WaitForText("sales", "replaced")
	if seen := ana.See("sales"); len(seen) != 1 || seen[0].TS != m.TS || !seen[0].Ephemeral || len(seen[0].Blocks) != 0 {
		t.Errorf("ana sees %+v", seen)
	}
}

func TestOnlyWhatIsShownCanBePressed(t *testing.T) {
	w, b := online(t, sales(), acking)
	if _, err := b.PostEphemeral("C0SALES", "U0ANA", slack.MsgOptionBlocks(button("more"))); err != nil {
		t.Fatal(err)
	}
	m := w.As("ana").See("sales")[0]
	press := map[string]any{"channel": "sales", "ts": m.TS, "action_id": "more"}
	if a := w.As("bo").Try("act", press); a.Error != "message_not_found" {
		t.Errorf("bo pressed what only ana sees: %+v", a)
	}
	press["action_id"] = "less"
	if a := w.As("ana").Try("act", press); a.Error != "not_shown" {
		t.Errorf("ana pressed what is not there: %+v", a)
	}
	if got := w.Log(); len(got) == 0 || got[len(got)-1].Kind != "api" {
		t.Errorf("something was sent to the bot: %+v", got)
	}
}

func TestChoosingInAMessageIsRememberedForThePerson(t *testing.T) {
	states := make(chan slack.BlockAction, 2)
	w, b := online(t, sales(), buttons(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		b.ack(e)
		if c.Message.Text != "Which?" || c.BlockActionState == nil {
			b.t.Errorf("payload %+v", c)
			return
		}
		states <- c.BlockActionState.Values["row"]["metric"]
	}))
	option := func(v string) *slack.OptionBlockObject {
		return slack.NewOptionBlockObject(v, slack.NewTextBlockObject(slack.PlainTextType, v, false, false), nil)
	}
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "metric", option("bookings"), option("pipeline"))
	_, _, err := b.PostMessage("C0SALES", slack.MsgOptionText("Which?", false), slack.MsgOptionBlocks(slack.NewActionBlock("row", menu)))
	if err != nil {
		t.Fatal(err)
	}
	ana := w.As("ana")
	m := ana.See("sales")[0]
	ana.Act(m, "metric", "pipeline")
	if got := <-states; got.SelectedOption.Value != "pipeline" {
		t.Errorf("state %+v", got)
	}
	if a := ana.Try("act", map[string]any{"channel": "sales", "ts": m.TS, "action_id": "metric", "value": "weather"}); a.Error != "not_shown" {
		t.Errorf("an option that is not offered: %+v", a)
	}
	_ = w
}

func plainText(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// form has a required text, an optional date and a select with a start value.
func form() slack.ModalViewRequest {
	words := slack.NewPlainTextInputBlockElement(nil, "words")
	words.MaxLength = 20
	kind := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, nil, "kind",
		slack.NewOptionBlockObject("risk", plainText("Risk"), nil), slack.NewOptionBlockObject("win", plainText("Win"), nil))
	kind.InitialOption = slack.NewOptionBlockObject("risk", plainText("Risk"), nil)
	when := slack.NewInputBlock("when", plainText("When"), nil, slack.NewDatePickerBlockElement("date"))
	when.Optional = true
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plainText("Insight"), Submit: plainText("Post"), Close: plainText("Cancel"),
		CallbackID: "insight", PrivateMetadata: "m-1", NotifyOnClose: true,
		Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewInputBlock("note", plainText("What"), nil, words),
			slack.NewInputBlock("type", plainText("Type"), nil, kind),
			when,
		}},
	}
}

// opening opens the form at every command and gives interactions to fn.
func opening(fn func(*bot, socketmode.Event, slack.InteractionCallback)) func(*bot, socketmode.Event) {
	return func(b *bot, e socketmode.Event) {
		switch data := e.Data.(type) {
		case slack.SlashCommand:
			b.ack(e)
			if _, err := b.OpenView(data.TriggerID, form()); err != nil {
				b.t.Error(err)
			}
		case slack.InteractionCallback:
			fn(b, e, data)
		default:
			b.ack(e)
		}
	}
}

func anyView(workspacetest.View) bool { return true }

func TestAFormIsCheckedSubmittedAndClosed(t *testing.T) {
	w, _ := online(t, sales(), opening(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		state := c.View.State.Values
		switch {
		case c.Type != slack.InteractionTypeViewSubmission || c.View.CallbackID != "insight" || c.View.PrivateMetadata != "m-1":
			b.t.Errorf("submission %+v", c)
		case state["type"]["kind"].SelectedOption.Value != "risk" || state["when"]["date"].SelectedDate != "2026-11-30":
			b.t.Errorf("state %+v", state)
		case state["note"]["words"].Value == "bad":
			b.ack(e, slack.NewErrorsViewSubmissionResponse(map[string]string{"note": "Say which customer"}))
			return
		}
		b.ack(e)
	}))
	ana := w.As("ana")
	ana.Command("dm", "/ask", "new")
	v := ana.WaitForModal("the form", anyView)
	fill := func(words any) workspacetest.Answer {
		return ana.Submit(v, map[string]map[string]any{"note": {"words": words}, "when": {"date": "2026-11-30"}})
	}
	if a := fill(""); a.Errors["note"] == "" || a.Delivery != nil {
		t.Errorf("an empty required field: %+v", a)
	}
	if a := fill(strings.Repeat("x", 21)); a.Errors["note"] == "" || a.Delivery != nil {
		t.Errorf("a long text: %+v", a)
	}
	if a := fill("bad"); a.Errors["note"] != "Say which customer" || len(a.Stack) != 1 {
		t.Errorf("errors of the bot: %+v", a)
	}
	if a := fill("good"); len(a.Errors) != 0 || len(a.Stack) != 0 || !a.Delivery.Acked {
		t.Errorf("a good form: %+v", a)
	}
	if views := ana.Views(); len(views.Stack) != 0 {
		t.Errorf("still open: %+v", views)
	}
}

func TestASubmissionCanUpdatePushAndClear(t *testing.T) {
	w, _ := online(t, sales(), opening(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		next := form()
		next.CallbackID = "next"
		switch c.View.State.Values["note"]["words"].Value {
		case "update":
			b.ack(e, slack.NewUpdateViewSubmissionResponse(&next))
		case "push":
			b.ack(e, slack.NewPushViewSubmissionResponse(&next))
		case "clear":
			b.ack(e, slack.NewClearViewSubmissionResponse())
		}
	}))
	ana := w.As("ana")
	ana.Command("dm", "/ask", "new")
	v := ana.WaitForModal("the form", anyView)
	say := func(words string) workspacetest.Answer {
		stack := ana.Views().Stack
		return ana.Submit(stack[len(stack)-1], map[string]map[string]any{"note": {"words": words}})
	}
	if a := say("update"); len(a.Stack) != 1 || a.Stack[0] != v.ID || ana.Views().Stack[0].CallbackID != "next" {
		t.Errorf("update: %+v", a)
	}
	if a := say("push"); len(a.Stack) != 2 || a.Stack[0] != v.ID {
		t.Errorf("push: %+v", a)
	}
	if a := ana.Try("submit", map[string]any{"view_id": v.ID}); a.Error != "not_shown" {
		t.Errorf("a covered view was submitted: %+v", a)
	}
	if a := say("clear"); len(a.Stack) != 0 {
		t.Errorf("clear: %+v", a)
	}
}

func TestClosingAFormIsToldWhereItWasAskedFor(t *testing.T) {
	closed := make(chan slack.InteractionCallback, 1)
	w, _ := online(t, sales(), opening(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		b.ack(e)
		closed <- c
	}))
	ana := w.As("ana")
	ana.Command("dm", "/ask", "new")
	ana.Close(ana.WaitForModal("the form", anyView))
	if c := <-closed; c.Type != slack.InteractionTypeViewClosed || c.View.CallbackID != "insight" || c.IsCleared {
		t.Errorf("closed %+v", c)
	}
}

func TestTriggersWorkOnceAndForThreeSeconds(t *testing.T) {
	now := newClock()
	cfg := sales()
	cfg.Now = now.Now
	triggers := make(chan string, 2)
	w, b := online(t, cfg, commands(func(b *bot, e socketmode.Event, c slack.SlashCommand) {
		b.ack(e)
		triggers <- c.TriggerID
	}))
	w.As("ana").Command("dm", "/ask", "")
	trigger := <-triggers
	opened, err := b.OpenView(trigger, form())
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.OpenView(trigger, form())
	wantError(t, err, "exchanged_trigger_id")
	_, err = b.OpenView("1.2.3", form())
	wantError(t, err, "invalid_trigger_id")
	w.As("ana").Command("dm", "/ask", "")
	now.Advance(4 * time.Second)
	_, err = b.OpenView(<-triggers, form())
	wantError(t, err, "expired_trigger_id")

	_, err = b.UpdateView(form(), "", "stale", opened.ID)
	wantError(t, err, "hash_conflict")
	updated, err := b.UpdateView(form(), "", opened.Hash, opened.ID)
	if err != nil || updated.Hash == opened.Hash {
		t.Errorf("updated %+v: %v", updated, err)
	}
	huge := form()
	huge.PrivateMetadata = strings.Repeat("x", 251*1024)
	_, err = b.UpdateView(huge, "", "", opened.ID)
	wantError(t, err, "view_too_large")
}

func TestHome(t *testing.T) {
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		if c, ok := e.Data.(slack.InteractionCallback); ok {
			if c.Container.Type != "view" || c.View.Type != slack.VTHomeTab {
				b.t.Errorf("interaction %+v", c)
			}
			return
		}
		home := slack.HomeTabViewRequest{Type: slack.VTHomeTab, Blocks: slack.Blocks{BlockSet: []slack.Block{
			slack.NewSectionBlock(plainText("Your digests"), nil, nil), button("refresh"),
		}}}
		if _, err := b.PublishView("U0ANA", home, ""); err != nil {
			b.t.Error(err)
		}
	})
	ana := w.As("ana")
	if a := ana.OpenHome(); !a.Delivery.Acked {
		t.Errorf("delivery %+v", a)
	}
	v := ana.WaitForHome("digests", func(v workspacetest.View) bool { return strings.Contains(v.Words(), "Your digests") })
	if a := ana.ActInView(v, "refresh", nil); !a.Delivery.Acked {
		t.Errorf("delivery %+v", a)
	}
	if views := w.As("bo").Views(); views.Home != nil {
		t.Errorf("bo sees ana's home: %+v", views)
	}
}

func TestShortcuts(t *testing.T) {
	used := make(chan slack.InteractionCallback, 2)
	w, _ := online(t, sales(), buttons(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		b.ack(e)
		used <- c
	}))
	ana := w.As("ana")
	ana.Do("shortcut", map[string]any{"callback_id": "ask_anything"})
	if c := <-used; c.Type != slack.InteractionTypeShortcut || c.CallbackID != "ask_anything" || c.TriggerID == "" {
		t.Errorf("shortcut %+v", c)
	}
	ts := ana.Say("sales", "Acme is unhappy").TS
	ana.Do("shortcut", map[string]any{"callback_id": "ask_account", "channel": "sales", "ts": ts})
	c := <-used
	if c.Type != slack.InteractionTypeMessageAction || c.Message.Text != "Acme is unhappy" || c.ResponseURL == "" || c.MessageTs != ts {
		t.Errorf("message shortcut %+v", c)
	}
}

func TestAnExternalSelectIsFilledByTheBot(t *testing.T) {
	w, b := online(t, sales(), buttons(func(b *bot, e socketmode.Event, c slack.InteractionCallback) {
		if c.Type != slack.InteractionTypeBlockSuggestion {
			b.ack(e)
			if chosen := c.ActionCallback.BlockActions[0].SelectedOption; chosen.Value != "42" || chosen.Text.Text != "Acme" {
				b.t.Errorf("chosen %+v", chosen)
			}
			return
		}
		if c.Value != "acm" || c.ActionID != "account" {
			b.t.Errorf("suggestion %+v", c)
		}
		b.ack(e, slack.OptionsResponse{Options: []*slack.OptionBlockObject{slack.NewOptionBlockObject("42", plainText("Acme"), nil)}})
	}))
	menu := slack.NewOptionsSelectBlockElement(slack.OptTypeExternal, nil, "account")
	if _, _, err := b.PostMessage("D0ANA", slack.MsgOptionText("?", false), slack.MsgOptionBlocks(slack.NewActionBlock("row", menu))); err != nil {
		t.Fatal(err)
	}
	ana := w.As("ana")
	m := ana.See("dm")[0]
	a := ana.Do("options", map[string]any{"channel": "dm", "ts": m.TS, "action_id": "account", "value": "acm"})
	if len(a.Options) != 1 || a.Options[0]["value"] != "42" {
		t.Errorf("options %+v", a)
	}
	ana.Act(m, "account", "42")
}

func TestATokenIsNeverRecorded(t *testing.T) {
	w, b := online(t, sales(), commands(func(b *bot, e socketmode.Event, c slack.SlashCommand) { b.ack(e) }))
	w.As("ana").Command("dm", "/ask", "x")
	if _, _, err := b.PostMessage("D0ANA", slack.MsgOptionText("hi", false), slack.MsgOptionBlocks(button("b"))); err != nil {
		t.Fatal(err)
	}
	response := get(t, w.URL+"/sim/log")
	defer response.Body.Close()
	var body strings.Builder
	if err := response.Write(&body); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(body.String(), "chat.postMessage") || strings.Contains(body.String(), "xoxb-") || strings.Contains(body.String(), "xapp-") {
		t.Error("the log is empty or has a token")
	}
}

func TestAnotherSiteCannotActThroughTheBrowser(t *testing.T) {
	w := workspacetest.Start(t, sales())
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.URL+"/sim/reset", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %s", response.Status)
	}
}
