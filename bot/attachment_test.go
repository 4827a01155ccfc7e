package bot_test

import (
	"context"
	"testing"
	"time"

	"salesbot/bot/workspace/workspacetest"
	"salesbot/handlers"
	"salesbot/insights"
)

// sending answers with a file for the asker alone.
func sending(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
	answer, turn := echo(ctx, r)
	answer.Notices = []handlers.Notice{{
		Key: "file:" + r.Key, To: insights.Target{Kind: insights.ToPerson, User: r.Actor.ID},
		Answer: handlers.Answer{Status: handlers.Answered, Headline: "Deals <of> March"},
		File: &handlers.Attachment{
			Name: "deals.csv", Content: []byte("deal\nPumps\n"),
			Instead: handlers.Answer{Status: handlers.Failed, Headline: "I could not send you deals.csv."},
		},
	}}
	return answer, turn
}

// files counts the messages with a file that ana sees in her direct message.
func (s *stage) files() int {
	n := 0
	for _, m := range s.As("ana").See("dm") {
		n += len(m.Files)
	}
	return n
}

// sent waits until the file's delivery came to an end, and returns it.
func (s *stage) sent(t *testing.T, state insights.DeliveryState) insights.Delivery {
	t.Helper()
	s.store.until(t, "the file is "+string(state), func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[1].State == state
	})
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	return s.store.deliveries[1]
}

func TestAFileIsSentToTheAskerAlone(t *testing.T) {
	s := start(t, sending)
	s.As("ana").Command("sales", "/kpi", "pipeline as csv")
	s.sent(t, insights.Sent)
	s.As("ana").WaitForText("dm", "Deals &lt;of&gt; March")
	if n := s.files(); n != 1 {
		t.Errorf("%d files in the direct message", n)
	}
	for _, m := range s.As("max").See("sales") {
		if len(m.Files) > 0 {
			t.Errorf("others see %+v", m)
		}
	}
}

func TestAFileWhoseAnswerWasLostIsFoundByItsID(t *testing.T) {
	s := start(t, sending)
	s.Fault(map[string]any{"method": "files.completeUploadExternal", "error": "lost_response"})
	s.As("ana").Command("sales", "/kpi", "pipeline")
	if d := s.sent(t, insights.Sent); d.TS == "" || d.Target.File == "" || d.Attempt != 1 {
		t.Errorf("not found by its file: %+v", d)
	}
	if n := s.files(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestAFileThatADeadProcessLeftIsLookedUpFirst(t *testing.T) {
	s := start(t, sending)
	s.As("ana").Command("sales", "/kpi", "pipeline")
	d := s.sent(t, insights.Sent)
	s.store.mu.Lock()
	s.store.deliveries[1].State = insights.Sending
	s.store.mu.Unlock()
	s.clock.advance(31 * time.Second)
	s.lookAt(t, d.ID)
	s.sent(t, insights.Sent)
	if n := s.files(); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

func TestAFileThatWasUploadedAndNeverSharedIsSent(t *testing.T) {
	s := start(t, sending)
	s.Fault(map[string]any{"method": "upload", "error": "lost_response"}) // the bytes are there, and nobody sees them
	s.As("ana").Command("sales", "/kpi", "pipeline")
	s.store.until(t, "it waits", func() bool {
		return len(s.store.deliveries) == 2 && s.store.deliveries[1].State == insights.Pending
	})
	s.clock.advance(31 * time.Second)
	s.lookAt(t, 2)
	s.sent(t, insights.Sent)
	if n, looked := s.files(), len(s.Calls("conversations.history")); n != 1 || looked != 0 {
		t.Errorf("sent %d times, after %d looks at the history", n, looked)
	}
}

func TestWhoCannotBeSentAFileIsTold(t *testing.T) {
	cfg := company()
	cfg.Scopes = []string{"app_mentions:read", "chat:write", "commands", "im:write", "im:read", "im:history", "users:read", "users:read.email", "channels:read"}
	s := startIn(t, cfg, sending)
	s.As("ana").Command("sales", "/kpi", "pipeline")
	s.sent(t, insights.Sent)
	s.As("ana").WaitFor("dm", "the excuse", func(m workspacetest.Message) bool { return m.Text == "I could not send you deals.csv." })
}
