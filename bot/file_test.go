package bot_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"salesbot/bot"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
	"salesbot/insights"
)

// reader answers with what is in the files, or with the fault.
func reader(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
	files := r.Files
	if len(files) == 0 && r.Above != nil {
		above, err := r.Above(ctx)
		if err != nil {
			return handlers.Answer{Status: handlers.Failed, Headline: err.Error()}, insights.Turn{}
		}
		files = above
	}
	var read []string
	for _, f := range files {
		in, err := f.Open(ctx)
		if err != nil {
			return handlers.Answer{Status: handlers.Failed, Headline: err.Error()}, insights.Turn{}
		}
		content, err := io.ReadAll(in)
		_ = in.Close()
		if err != nil {
			return handlers.Answer{Status: handlers.Failed, Headline: err.Error()}, insights.Turn{}
		}
		read = append(read, f.Name+" holds "+string(content))
	}
	return handlers.Answer{Status: handlers.Answered, Headline: strings.TrimSpace("I read "+r.Text) + ": " + strings.Join(read, ", ")}, insights.Turn{}
}

func share(p *workspacetest.Person, fields map[string]any) (ts string) {
	fields["channel"] = "dm"
	fields["files"] = []map[string]any{{"name": "crm.csv", "content": "id,name"}}
	return p.Do("say", fields).TS
}

func saying(text string) func(workspacetest.Message) bool {
	return func(m workspacetest.Message) bool { return m.Bot && strings.Contains(m.Text, text) }
}

func TestFilesAreReadAndAnsweredInTheThreadOnThem(t *testing.T) {
	s := start(t, reader)
	ana := s.As("ana")
	sent := share(ana, map[string]any{})
	ana.WaitForReply("dm", sent, "what is in the file", saying("I read: crm.csv holds id,name"))
	ana.Reply("dm", sent, "once more")
	ana.WaitForReply("dm", sent, "the same for a reply", saying("I read once more: crm.csv holds id,name"))
	if log := s.log.String(); strings.Contains(log, "xoxb") {
		t.Errorf("the token is in the log:\n%s", log)
	}
}

func TestAFileThatSlackDoesNotGiveIsSaidSo(t *testing.T) {
	cfg := company()
	cfg.Scopes = []string{"chat:write", "im:history", "users:read", "users:read.email"}
	s := startIn(t, cfg, reader)
	ana := s.As("ana")
	sent := share(ana, map[string]any{})
	ana.WaitForReply("dm", sent, "the missing scope", saying("files:read"))
}

func TestWhatTakesLongIsSaidMeanwhileAndHeld(t *testing.T) {
	goOn := make(chan struct{})
	s := startWith(t, company(), func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		if err := r.Meanwhile(ctx, handlers.Answer{Status: handlers.Answered, Headline: "I am reading"}); err != nil {
			return handlers.Answer{Status: handlers.Failed, Headline: err.Error()}, insights.Turn{}
		}
		select {
		case <-goOn:
			return handlers.Answer{Status: handlers.Answered, Headline: "It is read"}, insights.Turn{}
		case <-ctx.Done():
			return handlers.Answer{Status: handlers.Failed, Headline: "There was no time"}, insights.Turn{}
		}
	}, func(c *bot.Config) { c.AnswerWithin, c.ReceivedLease = 200*time.Millisecond, 600*time.Millisecond })
	ana := s.As("ana")
	sent := share(ana, map[string]any{})
	ana.WaitForReply("dm", sent, "what is said meanwhile", saying("I am reading"))
	s.store.until(t, "the lease is renewed", func() bool { return s.store.held > 1 })
	close(goOn)
	ana.WaitForReply("dm", sent, "the answer", saying("It is read"))
}
