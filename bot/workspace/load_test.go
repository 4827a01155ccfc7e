package workspace_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackevents"
	"github.com/slack-go/slack/socketmode"

	"salesbot/bot/workspace/workspacetest"
)

func TestManyPeopleAtOnce(t *testing.T) {
	answer := func(b *bot, e socketmode.Event) {
		b.ack(e, nil)
		if c, ok := e.Data.(slack.InteractionCallback); ok {
			_, _, err := b.PostMessage("", slack.MsgOptionText("pressed", false), slack.MsgOptionReplaceOriginal(c.ResponseURL))
			if err != nil {
				b.t.Error(err)
			}
			return
		}
		m, isMessage := inner(e).(*slackevents.MessageEvent)
		if !isMessage || m.BotID != "" || m.SubType != "" {
			return
		}
		if _, _, err := b.PostMessage(m.Channel, slack.MsgOptionText("answer to "+m.Text, false), slack.MsgOptionBlocks(button("more"))); err != nil {
			b.t.Error(err)
		}
	}
	w, _ := online(t, sales(), answer)
	connect(t, w, answer)
	w.WaitForConnections(2)
	var people sync.WaitGroup
	for _, name := range []string{"ana", "bo", "gus", "sam"} {
		people.Go(func() {
			who := w.As(name)
			for i := range 5 {
				who.Say("dm", fmt.Sprint("question ", i))
				m := who.WaitFor("dm", "an answer", func(m workspacetest.Message) bool { return m.Text == fmt.Sprint("answer to question ", i) })
				who.Act(m, "more", nil)
				who.WaitFor("dm", "its replacement", func(seen workspacetest.Message) bool { return seen.TS == m.TS && seen.Text == "pressed" })
			}
		})
	}
	people.Wait()
	for _, name := range []string{"ana", "bo", "gus", "sam"} {
		if seen := w.As(name).See("dm"); len(seen) != 10 {
			t.Errorf("%s sees %d messages, want 10", name, len(seen))
		}
	}
}
