package main

import (
	"strings"
	"testing"

	"salesbot/bot/workspace/workspacetest"
)

func TestAnEditedQuestionIsAnsweredAnewInItsPlace(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Farouk")
	answers := func() (out []workspacetest.Message) {
		for _, m := range priya.See("dm") {
			if m.Bot {
				out = append(out, m)
			}
		}
		return out
	}
	first := priya.Say("dm", "my win rate this year")
	priya.WaitForText("dm", "Win rate")
	second := priya.Say("dm", "only last year")
	priya.WaitForText("dm", "Changed")
	stood := answers()[1].TS

	priya.Edit("dm", second.TS, "by quarter")
	edited := priya.WaitFor("dm", "the answer to what was edited", func(m workspacetest.Message) bool { return m.Bot && strings.Contains(m.Text, "Changed: breakdown") })
	if edited.TS != stood || len(answers()) != 2 {
		t.Errorf("it is answered in %s of %d messages, and not in the place of %s", edited.TS, len(answers()), stood)
	}
	if !strings.Contains(edited.Text, "· this year") || strings.Contains(edited.Text, "· last year") {
		t.Errorf("it goes on from what it said before it was edited:\n%s", edited.Text)
	}

	// The first one is not the last question any more: it stands alone, and what
	// follows still goes on from the second.
	priya.Edit("dm", first.TS, "my won revenue this year")
	priya.WaitForText("dm", "Won revenue")
	priya.Say("dm", "only q1 2025")
	follow := priya.WaitFor("dm", "what follows", func(m workspacetest.Message) bool {
		return m.Bot && strings.Contains(m.Text, "Changed: period") && strings.Contains(m.Text, "Q1 2025")
	})
	if len(answers()) != 3 || !strings.Contains(follow.Text, "Win rate") {
		t.Errorf("%d answers, and the last one is\n%s", len(answers()), follow.Text)
	}
}

func TestADeletedQuestionIsForgotten(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Farouk")
	priya.Say("dm", "my win rate this year")
	priya.WaitForText("dm", "Win rate")
	second := priya.Say("dm", "only last year")
	shown := priya.WaitForText("dm", "Changed")
	priya.Delete("dm", second.TS)
	gone := priya.WaitForText("dm", "You deleted this question")
	if gone.TS != shown.TS || strings.Contains(gone.Words(), "Win rate") {
		t.Errorf("the answer still says\n%s", gone.Words())
	}
	priya.Say("dm", "by quarter")
	follow := priya.WaitFor("dm", "what follows", func(m workspacetest.Message) bool { return m.Bot && strings.Contains(m.Text, "Changed: breakdown") })
	if !strings.Contains(follow.Text, "this year") {
		t.Errorf("it goes on from what was deleted:\n%s", follow.Text)
	}
	var kept int
	if err := open(t, h.settings.DatabaseURL).QueryRow(`select count(*) from inbox where payload::text like '%only last year%' and key like 'msg:%'`).Scan(&kept); err != nil || kept != 0 {
		t.Errorf("the words of the deleted question are kept %d times, %v", kept, err)
	}
}

func TestTwoQuestionsInOneMessageHaveTwoAnswersThatFollowItsEdits(t *testing.T) {
	h := startHouse(t, "company")
	priya := h.person(t, "Priya Farouk")
	answers := func() (out []string) {
		for _, m := range priya.See("dm") {
			if m.Bot {
				out = append(out, m.Text)
			}
		}
		return out
	}
	say := func(want ...string) {
		t.Helper()
		got := answers()
		if len(got) != len(want) {
			t.Fatalf("there are %d answers, want %d:\n%s", len(got), len(want), strings.Join(got, "\n---\n"))
		}
		for i := range want {
			if !strings.Contains(got[i], want[i]) {
				t.Errorf("answer %d does not say %q:\n%s", i+1, want[i], got[i])
			}
		}
	}
	first := priya.Say("dm", "my win rate this year and won revenue of Tom Farouk this year")
	priya.WaitForText("dm", "You may not see the figures of Tom Farouk")
	say("Win rate", "You may not see the figures of Tom Farouk")

	priya.Edit("dm", first.TS, "my won revenue this year")
	priya.WaitForText("dm", "it does not ask this any more")
	say("Won revenue", "it does not ask this any more")

	priya.Edit("dm", first.TS, "my open deals; my win rate this year; my won deals this year")
	priya.WaitForText("dm", "Won deals")
	say("Open deals", "Win rate", "Won deals")

	priya.Edit("dm", first.TS, "my open deals; my lost deals this year; my win rate last year")
	priya.WaitFor("dm", "the third answer, anew", func(m workspacetest.Message) bool { return m.Bot && strings.Contains(m.Text, "last year") })
	say("Open deals", "Lost deals", "Win rate")

	priya.Delete("dm", first.TS)
	priya.WaitFor("dm", "the last answer to be gone", func(workspacetest.Message) bool {
		return !strings.Contains(strings.Join(answers(), ""), "Win rate")
	})
	say("You deleted this question", "You deleted this question", "You deleted this question")
}
