package workspace_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace/workspacetest"
)

func TestDirectMessageReachesTheBotAndItsAnswerIsSeen(t *testing.T) {
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		m, isMessage := inner(e).(*slackevents.MessageEvent)
		if !isMessage || m.BotID != "" {
			return
		}
		if m.ChannelType != "im" || m.User != "U0ANA" || m.ClientMsgID == "" || len(m.Blocks.BlockSet) != 1 {
			b.t.Errorf("message event %+v", m)
		}
		if _, _, err := b.PostMessage(m.Channel, slack.MsgOptionText("you said "+m.Text, false)); err != nil {
			b.t.Error(err)
		}
	})
	said := w.As("ana").Say("dm", "whats my number")
	if said.Delivery == nil || !said.Delivery.Acked || said.TS == "" {
		t.Fatalf("delivery %+v", said)
	}
	m := w.As("ana").WaitForText("dm", "you said whats my number")
	if m.Ephemeral || m.User != "U0SALESBOT" {
		t.Errorf("answer %+v", m)
	}
}

func TestTheBotHearsItsOwnWordsInADirectMessageMarkedAsSuch(t *testing.T) {
	heard := make(chan *slackevents.MessageEvent, 1)
	w, b := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		heard <- inner(e).(*slackevents.MessageEvent)
	})
	channel, _, err := b.PostMessage("U0ANA", slack.MsgOptionText("hello", false))
	if err != nil || channel != "D0ANA" {
		t.Fatalf("posted to %q: %v", channel, err)
	}
	own := <-heard
	if own.BotID != "B0SALESBOT" || own.User != "U0SALESBOT" {
		t.Errorf("own message %+v", own)
	}
	_ = w
}

func TestOnlyAMentionInAChannelOfTheBotReachesIt(t *testing.T) {
	heard := make(chan *slackevents.AppMentionEvent, 4)
	var external bool
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		outer := e.Data.(slackevents.EventsAPIEvent).Data.(*slackevents.EventsAPICallbackEvent)
		external = outer.IsExtSharedChannel
		b.ack(e)
		heard <- inner(e).(*slackevents.AppMentionEvent)
	})
	if said := w.As("ana").Say("sales", "good morning"); said.Delivery != nil {
		t.Error("an ordinary message reached the bot")
	}
	if said := w.As("ana").Say("lobby", "@salesbot are you here"); said.Delivery != nil {
		t.Error("a mention reached the bot in a channel it is not in")
	}
	w.As("ana").Say("#partners", "@salesbot our number?")
	m := <-heard
	if m.Text != "<@U0SALESBOT> our number?" || m.Channel != "C0PARTNERS" || !external {
		t.Errorf("mention %+v, external %v", m, external)
	}
}

func TestAnEditThatMentionsTheBotReachesItOnce(t *testing.T) {
	heard := make(chan *slackevents.AppMentionEvent, 4)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		heard <- inner(e).(*slackevents.AppMentionEvent)
	})
	ana := w.As("ana")
	said := ana.Say("sales", "number?")
	edited := ana.Do("edit", map[string]any{"channel": "sales", "ts": said.TS, "text": "@salesbot number?"})
	if edited.Delivery == nil {
		t.Fatal("the edit did not reach the bot")
	}
	if m := <-heard; m.TimeStamp != said.TS {
		t.Errorf("the mention has another ts: %+v", m)
	}
	if again := ana.Do("edit", map[string]any{"channel": "sales", "ts": said.TS, "text": "@salesbot number please?"}); again.Delivery != nil {
		t.Error("an edit of a mention reached the bot again")
	}
}

func TestEditsAndDeletionsOfDirectMessagesReachTheBot(t *testing.T) {
	subtypes := make(chan string, 4)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		m := inner(e).(*slackevents.MessageEvent)
		subtypes <- m.SubType
		if m.SubType == "message_changed" && (m.Message.Text != "two" || m.PreviousMessage.Text != "one") {
			b.t.Errorf("changed %+v from %+v", m.Message, m.PreviousMessage)
		}
	})
	ana := w.As("ana")
	said := ana.Say("dm", "one")
	ana.Do("edit", map[string]any{"channel": "dm", "ts": said.TS, "text": "two"})
	if m := ana.See("dm")[0]; m.Text != "two" || m.Edited["user"] != "U0ANA" {
		t.Errorf("after the edit: %+v", m)
	}
	ana.Do("delete", map[string]any{"channel": "dm", "ts": said.TS})
	if got := []string{<-subtypes, <-subtypes, <-subtypes}; fmt.Sprint(got) != "[ message_changed message_deleted]" {
		t.Errorf("subtypes %q", got)
	}
	if seen := ana.See("dm"); len(seen) != 0 {
		t.Errorf("after the deletion: %+v", seen)
	}
}

func TestThreads(t *testing.T) {
	w, b := online(t, sales(), acking)
	ana := w.As("ana")
	root := ana.Say("sales", "question").TS
	_, reply, err := b.PostMessage("C0SALES", slack.MsgOptionText("answer", false), slack.MsgOptionTS(root))
	if err != nil {
		t.Fatal(err)
	}
	seen := ana.See("sales")
	if len(seen) != 1 || seen[0].ReplyCount != 1 || seen[0].ThreadTS != root {
		t.Errorf("channel %+v", seen)
	}
	thread := ana.Thread("sales", root)
	if len(thread) != 2 || thread[1].TS != reply {
		t.Errorf("thread %+v", thread)
	}
	replies, _, _, err := b.GetConversationReplies(&slack.GetConversationRepliesParameters{ChannelID: "C0SALES", Timestamp: root})
	if err != nil || len(replies) != 2 || replies[0].ReplyCount != 1 {
		t.Errorf("replies %+v: %v", replies, err)
	}
	ana.Do("delete", map[string]any{"channel": "sales", "ts": root})
	if seen := ana.See("sales"); len(seen) != 1 || !seen[0].Deleted || strings.Contains(seen[0].Text, "question") {
		t.Errorf("a deleted root with replies leaves a tombstone: %+v", seen)
	}
}

func TestEphemeralMessagesAreSeenByOnePersonAndLeaveNoHistory(t *testing.T) {
	w, b := online(t, sales(), acking)
	if _, err := b.PostEphemeral("C0SALES", "U0ANA", slack.MsgOptionText("only you", false)); err != nil {
		t.Fatal(err)
	}
	if seen := w.As("ana").See("sales"); len(seen) != 1 || !seen[0].Ephemeral {
		t.Errorf("ana sees %+v", seen)
	}
	if seen := w.As("bo").See("sales"); len(seen) != 0 {
		t.Errorf("bo sees %+v", seen)
	}
	history, err := b.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C0SALES"})
	if err != nil || len(history.Messages) != 0 {
		t.Errorf("history %+v: %v", history, err)
	}
	_, err = b.PostEphemeral("C0SALES", "U0GUS", slack.MsgOptionText("only you", false))
	wantError(t, err, "user_not_in_channel")
}

func TestWhereTheBotMayNotPost(t *testing.T) {
	w := workspacetest.Start(t, sales())
	b := apiFor(w)
	for channel, code := range map[string]string{
		"C0LOBBY": "not_in_channel", "C0SECRET": "channel_not_found", "C0NONE": "channel_not_found", "C0OLD": "is_archived",
	} {
		_, _, err := b.PostMessage(channel, slack.MsgOptionText("hi", false))
		wantError(t, err, code)
	}
	_, _, err := b.PostMessage("C0SALES")
	wantError(t, err, "no_text")
	_, _, err = b.PostMessage("C0SALES", slack.MsgOptionText("x", false), slack.MsgOptionTS("1.000000"))
	wantError(t, err, "thread_not_found")
}

func TestPeopleSeeOnlyWhatTheyMay(t *testing.T) {
	w := workspacetest.Start(t, sales())
	if a := w.As("ana").Try("say", map[string]any{"channel": "secret", "text": "hi"}); a.Error != "not_in_channel" {
		t.Errorf("ana wrote into a private channel of others: %+v", a)
	}
	if a := w.As("gus").Try("say", map[string]any{"channel": "sales", "text": "hi"}); a.Error != "not_in_channel" {
		t.Errorf("a guest wrote into a channel they are not in: %+v", a)
	}
	if a := w.As("nobody").Try("say", map[string]any{"channel": "sales", "text": "hi"}); a.Error != "user_not_found" {
		t.Errorf("somebody unknown wrote: %+v", a)
	}
	if a := w.As("ana").Try("say", map[string]any{"channel": "sales", "txet": "hi"}); a.Error != "invalid_json" {
		t.Errorf("a misspelt field was taken: %+v", a)
	}
}

func TestUpdateAndDelete(t *testing.T) {
	w, b := online(t, sales(), acking)
	ana := w.As("ana")
	_, ts, err := b.PostMessage("C0SALES", slack.MsgOptionText("one", false))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := b.UpdateMessage("C0SALES", ts, slack.MsgOptionText("two", false)); err != nil {
		t.Fatal(err)
	}
	if m := ana.See("sales")[0]; m.Text != "two" || m.Edited == nil {
		t.Errorf("updated %+v", m)
	}
	_, _, _, err = b.UpdateMessage("C0SALES", ts, slack.MsgOptionText(strings.Repeat("x", 4001), false))
	wantError(t, err, "msg_too_long")
	theirs := ana.Say("sales", "mine").TS
	_, _, _, err = b.UpdateMessage("C0SALES", theirs, slack.MsgOptionText("two", false))
	wantError(t, err, "cant_update_message")
	_, _, err = b.DeleteMessage("C0SALES", theirs)
	wantError(t, err, "cant_delete_message")
	if _, _, err := b.DeleteMessage("C0SALES", ts); err != nil {
		t.Fatal(err)
	}
	_, _, _, err = b.UpdateMessage("C0SALES", ts, slack.MsgOptionText("two", false))
	wantError(t, err, "message_not_found")
}

func TestMetadataIsReadBackOnlyWhenAskedFor(t *testing.T) {
	w, b := online(t, sales(), acking)
	metadata := slack.SlackMetadata{EventType: "salesbot_post", EventPayload: map[string]any{"key": "k-1"}}
	if _, _, err := b.PostMessage("D0ANA", slack.MsgOptionText("digest", false), slack.MsgOptionMetadata(metadata)); err != nil {
		t.Fatal(err)
	}
	for all, want := range map[bool]any{true: "k-1", false: nil} {
		history, err := b.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "D0ANA", IncludeAllMetadata: all})
		if err != nil || len(history.Messages) != 1 {
			t.Fatalf("history %+v: %v", history, err)
		}
		got := history.Messages[0].Metadata
		if got.EventType != "salesbot_post" || got.EventPayload["key"] != want {
			t.Errorf("include_all_metadata=%v gave %+v", all, got)
		}
	}
	_ = w
}

func TestHistoryIsPagedAndBounded(t *testing.T) {
	w, b := online(t, sales(), acking)
	var stamps []string
	for i := range 5 {
		stamps = append(stamps, w.As("ana").Say("sales", fmt.Sprint(i)).TS)
	}
	page, err := b.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C0SALES", Limit: 2})
	if err != nil || !page.HasMore || page.Messages[0].Text != "4" {
		t.Fatalf("first page %+v: %v", page, err)
	}
	page, err = b.GetConversationHistory(&slack.GetConversationHistoryParameters{
		ChannelID: "C0SALES", Limit: 10, Cursor: page.ResponseMetaData.NextCursor,
	})
	if err != nil || page.HasMore || len(page.Messages) != 3 {
		t.Fatalf("second page %+v: %v", page, err)
	}
	page, err = b.GetConversationHistory(&slack.GetConversationHistoryParameters{ChannelID: "C0SALES", Oldest: stamps[1], Latest: stamps[4]})
	if err != nil || len(page.Messages) != 2 || page.Messages[0].Text != "3" {
		t.Errorf("bounded %+v: %v", page, err)
	}
}

func TestTimestampsGrowWhenTheClockStandsStill(t *testing.T) {
	cfg := sales()
	cfg.Now = newClock().Now
	w := workspacetest.Start(t, cfg)
	first, second := w.As("ana").Say("sales", "a").TS, w.As("ana").Say("sales", "b").TS
	if first >= second || !strings.HasPrefix(first, "1795341600.") {
		t.Errorf("timestamps %s, %s", first, second)
	}
}

func TestDirectory(t *testing.T) {
	w := workspacetest.Start(t, sales())
	b := apiFor(w)
	who, err := b.AuthTest()
	if err != nil || who.UserID != "U0SALESBOT" || who.BotID != "B0SALESBOT" || who.TeamID != "T0LOCAL" {
		t.Errorf("auth.test %+v: %v", who, err)
	}
	ana, err := b.GetUserByEmail("ANA@example.com")
	if err != nil || ana.ID != "U0ANA" || ana.TZOffset == 0 || !ana.IsEmailConfirmed {
		t.Errorf("ana is %+v: %v", ana, err)
	}
	_, err = b.GetUserByEmail("nobody@example.com")
	wantError(t, err, "users_not_found")
	sam, err := b.GetUserInfo("U0SAM")
	if err != nil || !sam.IsStranger {
		t.Errorf("sam is %+v: %v", sam, err)
	}
	users, err := b.GetUsers()
	if err != nil || len(users) != 5 {
		t.Errorf("%d users: %v", len(users), err)
	}
	partners, err := b.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C0PARTNERS"})
	if err != nil || !partners.IsExtShared || !partners.IsMember || partners.IsPrivate {
		t.Errorf("partners is %+v: %v", partners, err)
	}
	_, err = b.GetConversationInfo(&slack.GetConversationInfoInput{ChannelID: "C0SECRET"})
	wantError(t, err, "channel_not_found")
	members, _, err := b.GetUsersInConversation(&slack.GetUsersInConversationParameters{ChannelID: "C0SALES"})
	if err != nil || fmt.Sprint(members) != "[U0ANA U0BO U0SALESBOT]" {
		t.Errorf("members %v: %v", members, err)
	}
	mine, _, err := b.GetConversationsForUser(&slack.GetConversationsForUserParameters{Types: []string{"public_channel", "private_channel"}, ExcludeArchived: true})
	if err != nil || len(mine) != 3 {
		t.Errorf("channels of the bot %+v: %v", mine, err)
	}
	dm, _, _, err := b.OpenConversation(&slack.OpenConversationParameters{Users: []string{"U0ANA"}})
	if err != nil || dm.ID != "D0ANA" {
		t.Errorf("opened %+v: %v", dm, err)
	}
}

func TestReactions(t *testing.T) {
	w, b := online(t, sales(), acking)
	ana := w.As("ana")
	ts := ana.Say("sales", "won it").TS
	ref := slack.NewRefToMessage("C0SALES", ts)
	if err := b.AddReaction("tada", ref); err != nil {
		t.Fatal(err)
	}
	wantError(t, b.AddReaction("tada", ref), "already_reacted")
	ana.Do("react", map[string]any{"channel": "sales", "ts": ts, "name": "tada"})
	if r := ana.See("sales")[0].Reactions; len(r) != 1 || r[0].Count != 2 {
		t.Errorf("reactions %+v", r)
	}
	if err := b.RemoveReaction("tada", ref); err != nil {
		t.Fatal(err)
	}
	wantError(t, b.RemoveReaction("tada", ref), "no_reaction")
}

func TestFiles(t *testing.T) {
	w, b := online(t, sales(), acking)
	_, err := b.UploadFile(slack.UploadFileParameters{
		Filename: "deals.csv", Content: "a,b\n1,2\n", FileSize: 8, Title: "Deals", Channel: "D0ANA", InitialComment: "your export",
	})
	if err != nil {
		t.Fatal(err)
	}
	m := w.As("ana").WaitForText("dm", "your export")
	if len(m.Files) != 1 || m.Files[0].Title != "Deals" || m.Files[0].Size != 8 {
		t.Fatalf("files %+v", m.Files)
	}
	response := get(t, w.URL+m.Files[0].URLPrivate)
	defer response.Body.Close()
	if !strings.HasPrefix(response.Header.Get("Content-Disposition"), "attachment") {
		t.Error("a file must not open as a page of the workspace")
	}
}

func TestPeopleShareFiles(t *testing.T) {
	heard := make(chan *slackevents.MessageEvent, 1)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		heard <- inner(e).(*slackevents.MessageEvent)
	})
	w.As("ana").Do("say", map[string]any{
		"channel": "dm", "text": "import this", "files": []map[string]any{{"name": "crm.csv", "content": "id\n1\n"}},
	})
	m := <-heard
	if m.SubType != "file_share" || len(m.Message.Files) != 1 || m.Message.Files[0].Name != "crm.csv" {
		t.Fatalf("message %+v", m)
	}
	for token, want := range map[string]string{"xoxb-any": "id\n1\n", "xapp-any": "<!doctype html>", "": "<!doctype html>"} {
		if got := getAs(t, token, m.Message.Files[0].URLPrivateDownload); !strings.HasPrefix(got, want) {
			t.Errorf("with the token %q the file reads %.40q, want %q", token, got, want)
		}
	}
}

// getAs reads an address with a token.
func getAs(t *testing.T, token, address string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestAFileOfBytesArrivesAsItIs(t *testing.T) {
	heard := make(chan *slackevents.MessageEvent, 1)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		heard <- inner(e).(*slackevents.MessageEvent)
	})
	w.As("ana").Do("say", map[string]any{
		"channel": "dm", "files": []map[string]any{{"name": "crm 1.zip", "base64": []byte("PK\x03\x04\xff\x00")}},
	})
	if got := getAs(t, "xoxb-any", (<-heard).Message.Files[0].URLPrivateDownload); got != "PK\x03\x04\xff\x00" {
		t.Errorf("the file reads %q", got)
	}
}

func TestJoiningAndInviting(t *testing.T) {
	joined := make(chan *slackevents.MemberJoinedChannelEvent, 2)
	w, _ := online(t, sales(), func(b *bot, e socketmode.Event) {
		b.ack(e)
		joined <- inner(e).(*slackevents.MemberJoinedChannelEvent)
	})
	w.As("ana").Do("invite", map[string]any{"channel": "lobby", "user": "salesbot"})
	if e := <-joined; e.User != "U0SALESBOT" || e.Channel != "C0LOBBY" || e.Inviter != "U0ANA" {
		t.Errorf("joined %+v", e)
	}
	w.As("bo").Do("leave", map[string]any{"channel": "sales"})
	if a := w.As("bo").Try("say", map[string]any{"channel": "sales", "text": "hi"}); a.Error != "not_in_channel" {
		t.Errorf("bo left and still writes: %+v", a)
	}
}

func TestVersionsLetAPageWaitForChanges(t *testing.T) {
	w := workspacetest.Start(t, sales())
	arrived := make(chan workspacetest.Message)
	go func() {
		arrived <- w.As("ana").WaitFor("sales", "bo's words", func(m workspacetest.Message) bool { return m.Text == "there" })
	}()
	w.As("bo").Say("sales", "hello")
	w.As("bo").Say("sales", "there")
	select {
	case m := <-arrived:
		if m.Name != "bo" {
			t.Errorf("saw %+v", m)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody told ana")
	}
}

func wantError(tb testing.TB, err error, code string) {
	tb.Helper()
	var refused slack.SlackErrorResponse
	if !errors.As(err, &refused) || refused.Err != code {
		tb.Errorf("error %v, want %s", err, code)
	}
}
