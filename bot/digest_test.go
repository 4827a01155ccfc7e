package bot_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"salesbot/bot/workspace"
	"salesbot/handlers"
	"salesbot/insights"
)

// DueDigest reads a digest that was put into the memory.
func (m *memory) DueDigest(_ context.Context, id int64, now time.Time) (insights.Digest, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, d := range m.digests {
		if d.ID == id && d.State == insights.DigestActive && !d.LookAt.After(now) {
			return d, true, m.down
		}
	}
	return insights.Digest{}, false, m.down
}

func (m *memory) OverdueDigests(_ context.Context, before time.Time) ([]insights.Digest, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var late []insights.Digest
	for _, d := range m.digests {
		if d.LookAt.Before(before) {
			late = append(late, d)
		}
	}
	return late, m.down
}

// monday is a digest for Ana that was due at the moment given.
func monday(at time.Time) insights.Digest {
	return insights.Digest{
		ID: 7, Team: "T0LOCAL", Owner: "U0ANA", Words: "won revenue, this week", State: insights.DigestActive,
		Schedule: insights.Schedule{Days: []time.Weekday{at.UTC().Weekday()}, Hour: at.UTC().Hour(), Minute: at.UTC().Minute(), Zone: "UTC"},
		NextAt:   at, LookAt: at,
	}
}

// onTime answers a digest as the desk does.
func onTime(_ context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
	if r.Digest == nil {
		return handlers.Answer{Status: handlers.Answered, Headline: "answer to " + r.Text}, insights.Turn{}
	}
	change := &insights.DigestChange{Digest: *r.Digest, Run: &insights.DigestRun{At: r.At, Outcome: insights.DigestSent}}
	return handlers.Answer{Status: handlers.Answered, Headline: "digest of " + r.At.UTC().Format(time.RFC3339) + r.Actor.Barred}, insights.Turn{Digest: change}
}

func TestADigestIsSentToItsOwnerAlone(t *testing.T) {
	asked := make(chan handlers.Request, 1)
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		asked <- r
		return onTime(ctx, r)
	})
	at := time.Now().Add(-time.Minute).Truncate(time.Minute)
	s.store.digests = []insights.Digest{monday(at)}
	if err := s.bot.Digest(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	m := s.As("ana").WaitForText("dm", "digest of "+at.UTC().Format(time.RFC3339))
	d := s.store.only(t, insights.Sent)
	if d.Channel != m.Channel || d.TS != m.TS || !strings.HasPrefix(d.Key, "digest:7:") || m.Ephemeral {
		t.Errorf("the ledger says %+v of the message %+v", d, m)
	}
	r := <-asked
	if r.Origin != handlers.FromDigest || !r.At.Equal(at) || !r.Now.After(at) || r.Actor.Email != "ana@example.com" || r.Actor.Zone == "" {
		t.Errorf("it was asked as %+v", r)
	}
	s.As("ana").Say("dm", "by rep")
	s.As("ana").WaitForText("dm", "answer to by rep")
	if reply := <-asked; reply.Thread != r.Thread {
		t.Errorf("a reply belongs to %q, the digest to %q", reply.Thread, r.Thread)
	}
}

func TestADigestThatIsNotDueIsNotAsked(t *testing.T) {
	s := start(t, onTime)
	d := monday(time.Now().Add(time.Hour))
	s.store.digests = []insights.Digest{d}
	if err := s.bot.Digest(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if _, deliveries := s.store.counts(); deliveries != 0 {
		t.Error("it was sent")
	}
}

func TestADigestOfSomebodyGoneIsSaidToNobody(t *testing.T) {
	cfg := company()
	cfg.Users = append(cfg.Users, workspace.User{Name: "left", Email: "left@example.com", Deleted: true})
	barred := make(chan string, 2)
	s := startIn(t, cfg, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		barred <- r.Actor.Barred
		return onTime(ctx, r)
	})
	for i, owner := range []string{"U0LEFT", "U0NOBODY"} {
		d := monday(time.Now().Add(-time.Minute).Truncate(time.Minute))
		d.ID, d.Owner = int64(i+1), owner
		s.store.digests = append(s.store.digests, d)
		if err := s.bot.Digest(t.Context(), d.ID); err != nil {
			t.Fatal(err)
		}
		if reason := <-barred; reason == "" {
			t.Errorf("%s is not barred", owner)
		}
	}
	if _, deliveries := s.store.counts(); deliveries != 0 {
		t.Error("somebody was written to")
	}
}

func TestADigestThatCannotBeMadeIsTriedAgain(t *testing.T) {
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) { panic("a fault") })
	s.store.digests = []insights.Digest{monday(time.Now().Add(-time.Minute).Truncate(time.Minute))}
	if err := s.bot.Digest(t.Context(), 7); err == nil {
		t.Error("a digest that failed counts as made")
	}
	s.Fault(map[string]any{"method": "users.info", "error": "internal_error", "times": 5})
	s.store.digests[0].Owner = "U0MAX"
	if err := s.bot.Digest(t.Context(), 7); err == nil {
		t.Error("a digest for somebody unrecognised counts as made")
	}
	if _, deliveries := s.store.counts(); deliveries != 0 {
		t.Error("something was said")
	}
}

func TestADigestOfAnotherWorkspaceIsLeftAlone(t *testing.T) {
	s := start(t, onTime)
	d := monday(time.Now().Add(-time.Minute).Truncate(time.Minute))
	d.Team = "T0OTHER"
	s.store.digests = []insights.Digest{d}
	if err := s.bot.Digest(t.Context(), 7); err == nil {
		t.Error("it counts as made")
	}
}

func TestLateDigestsAreWarnedOf(t *testing.T) {
	s := start(t, onTime)
	s.bot.WatchDigests(t.Context())
	if strings.Contains(s.log.String(), "were not sent") {
		t.Error("warned of nothing")
	}
	s.store.digests = []insights.Digest{monday(time.Now().Add(-6 * time.Minute))}
	s.bot.WatchDigests(t.Context())
	if !strings.Contains(s.log.String(), "digests are due and were not sent") {
		t.Errorf("no warning in:\n%s", s.log.String())
	}
}

func TestASilentRunSaysNothing(t *testing.T) {
	s := start(t, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		answer, turn := onTime(ctx, r)
		turn.Digest.Silent = true
		return answer, turn
	})
	s.store.digests = []insights.Digest{monday(time.Now().Add(-time.Minute).Truncate(time.Minute))}
	if err := s.bot.Digest(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	if _, deliveries := s.store.counts(); deliveries != 0 {
		t.Error("it said something")
	}
}

func TestALostDigestIsLookedUpAndNotSaidTwice(t *testing.T) {
	s := start(t, onTime)
	s.Fault(map[string]any{"method": "chat.postMessage", "error": "lost_response"})
	s.store.digests = []insights.Digest{monday(time.Now().Add(-time.Minute).Truncate(time.Minute))}
	if err := s.bot.Digest(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	d := s.store.only(t, insights.Sent)
	var payload struct{ Text string }
	if err := json.Unmarshal(d.Payload, &payload); err != nil || payload.Text == "" || s.answers("ana", "dm") != 1 {
		t.Errorf("said %d times: %q (%v)", s.answers("ana", "dm"), payload.Text, err)
	}
}
