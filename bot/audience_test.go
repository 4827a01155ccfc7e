package bot_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/bot/workspace"
	"salesbot/handlers"
	"salesbot/insights"
)

// office is a workspace of full members and of others, and its channels.
func office() workspace.Config {
	cfg := company()
	cfg.Users = append(cfg.Users,
		workspace.User{Name: "zoe", RealName: "Zoe Old", Email: "zoe@example.com", Deleted: true},
		workspace.User{Name: "poller", RealName: "Poller", Bot: true},
	)
	cfg.Channels = []workspace.Channel{
		{Name: "closed", Private: true, Members: []string{"ana", "max", "zoe", "salesbot"}},
		{Name: "mixed", Private: true, Members: []string{"ana", "guest", "new", "poller", "salesbot"}},
		{Name: "general", Members: []string{"ana", "guest", "salesbot"}},
		{Name: "partners", ExtShared: true, Members: []string{"ana", "far", "salesbot"}},
		{Name: "theirs", Private: true, Members: []string{"max", "salesbot"}},
		{Name: "open", Members: []string{"max", "salesbot"}},
		{Name: "elsewhere", Members: []string{"ana", "max"}},
		{Name: "hidden", Private: true, Members: []string{"ana", "max"}},
		{Name: "over", Archived: true, Members: []string{"ana", "salesbot"}},
	}
	return cfg
}

// asAna gives what Ana's Request knows of channels.
func asAna(t *testing.T, cfg workspace.Config) (*stage, handlers.Channels) {
	t.Helper()
	got := make(chan handlers.Request, 1)
	s := startIn(t, cfg, func(ctx context.Context, r handlers.Request) (handlers.Answer, insights.Turn) {
		got <- r
		return echo(ctx, r)
	})
	s.As("ana").Say("dm", "hello")
	return s, (<-got).Channels
}

func TestTheAudienceOfAChannelIsWhoeverCanReadIt(t *testing.T) {
	_, channels := asAna(t, office())
	for channel, want := range map[string]string{
		"C0CLOSED":    "Ana Ruiz <ana@example.com>, Max Weber <max@example.com>",
		"C0MIXED":     "Ana Ruiz <ana@example.com>, Gus Guest (a guest in Slack), Nia New (without a confirmed e-mail address), Poller (another app)",
		"C0GENERAL":   "everybody: Ana Ruiz <ana@example.com>, Max Weber <max@example.com>, Gus Guest (a guest in Slack), Nia New (without a confirmed e-mail address)",
		"C0PARTNERS":  "#partners is shared outside this workspace, so nothing is posted there.",
		"C0THEIRS":    "You are not in #theirs: only its members share there.",
		"C0OPEN":      "You are not in #open: only its members share there.",
		"C0ELSEWHERE": "I am not in that channel. Somebody in it can add me: /invite and my name.",
		"C0HIDDEN":    "I am not in that channel. Somebody in it can add me: /invite and my name.",
		"C0NOTHING":   "I am not in that channel. Somebody in it can add me: /invite and my name.",
		"C0OVER":      "#over is archived.",
		"D0ANA":       "This is no channel. I share answers in channels only.",
	} {
		a, err := channels.Audience(t.Context(), channel)
		if err != nil {
			t.Fatal(err)
		}
		if got := inWords(a); got != want {
			t.Errorf("%s: %s\nwant %s", channel, got, want)
		}
	}
}

func inWords(a handlers.Audience) string {
	if a.Barred != "" {
		return a.Barred
	}
	var all []string
	for _, r := range a.Readers {
		switch {
		case r.Barred != "":
			all = append(all, r.Name+" ("+r.Barred+")")
		default:
			all = append(all, r.Name+" <"+r.Email+">")
		}
	}
	words := strings.Join(all, ", ")
	if a.Public {
		words = "everybody: " + words
	}
	return words
}

func TestAnswersAreSharedInChannelsThatBothAreIn(t *testing.T) {
	_, channels := asAna(t, office())
	common, err := channels.Common(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []handlers.Place{
		{ID: "C0CLOSED", Name: "closed", Channel: true}, {ID: "C0GENERAL", Name: "general", Channel: true},
		{ID: "C0MIXED", Name: "mixed", Channel: true}, {ID: "C0PARTNERS", Name: "partners", Channel: true},
	}
	if diff := cmp.Diff(want, common); diff != "" {
		t.Error(diff)
	}
}

func TestALargeChannelIsReadToItsLastPage(t *testing.T) {
	cfg := office()
	var members []string
	for i := range 1100 {
		name := fmt.Sprintf("rep%04d", i)
		cfg.Users = append(cfg.Users, workspace.User{Name: name, RealName: name, Email: name + "@example.com"})
		members = append(members, name)
	}
	cfg.Users[len(cfg.Users)-1].Restricted = true
	cfg.Channels = append(cfg.Channels, workspace.Channel{Name: "large", Private: true, Members: append(members, "ana", "salesbot")})
	_, channels := asAna(t, cfg)
	a, err := channels.Audience(t.Context(), "C0LARGE")
	if err != nil || len(a.Readers) != 1101 {
		t.Fatalf("%d can read it (%v)", len(a.Readers), err)
	}
	if last := a.Readers[1100]; last.Name != "rep1099" || last.Barred == "" {
		t.Errorf("the last one is %+v", last)
	}
}

func TestWhoCanReadIsNotGuessed(t *testing.T) {
	for name, c := range map[string]struct {
		fault  map[string]any
		scopes []string
		code   string
	}{
		"Slack fails on the channel":    {fault: map[string]any{"method": "conversations.info", "error": "internal_error"}, code: "slack_unreachable"},
		"Slack fails on its members":    {fault: map[string]any{"method": "conversations.members", "error": "internal_error"}, code: "slack_unreachable"},
		"Slack fails on the people":     {fault: map[string]any{"method": "users.list", "error": "internal_error"}, code: "slack_unreachable"},
		"the app may not look at it":    {scopes: []string{"chat:write", "im:history", "im:write", "users:read", "users:read.email"}, code: "slack_scope"},
		"the app may not list channels": {fault: map[string]any{"method": "conversations.info", "error": "missing_scope"}, code: "slack_scope"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := office()
			cfg.Scopes = c.scopes
			s, channels := asAna(t, cfg)
			if c.fault != nil {
				s.Fault(c.fault)
			}
			a, err := channels.Audience(t.Context(), "C0GENERAL")
			var got *insights.Error
			if !errors.As(err, &got) || got.Code != c.code || got.Hint == "" {
				t.Errorf("it is said to be %+v (%v)", a, err)
			}
		})
	}
}
