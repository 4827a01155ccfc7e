package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answersOnThePage are the questions of docs/asking.md, in the order in which
// they stand there: who asks, and what.
var answersOnThePage = []struct{ who, text string }{
	{"priya.adeyemi@tidewater.example", "whats my number"},
	{"priya.adeyemi@tidewater.example", "how much pipe do i have closing this month"},
	{"ingrid.solheim@tidewater.example", "win rate last quarter by territory"},
	{"ingrid.solheim@tidewater.example", "top 3 reps in my team by revenue this year"},
	{"ingrid.solheim@tidewater.example", "reps below 50% attainment"},
	{"ingrid.solheim@tidewater.example", "won revenue this quarter vs same time last year"},
	{"ingrid.solheim@tidewater.example", "open pipeline by stage as of last friday"},
	{"ingrid.solheim@tidewater.example", "what changed in the pipeline of emea north since last week"},
	{"ingrid.solheim@tidewater.example", "why did velocity change last quarter"},
	{"ingrid.solheim@tidewater.example", "are we on pace"},
	{"ingrid.solheim@tidewater.example", "overdue deals by rep"},
	{"ingrid.solheim@tidewater.example", "pipeline stuck for over 60 days by stage"},
	{"emeka.obi-lindgren@tidewater.example", "lost deals last 6 months by loss reason"},
	{"emeka.obi-lindgren@tidewater.example", "pipeline last quarter"},
	{"emeka.obi-lindgren@tidewater.example", "revenue by favourite colour"},
	{"priya.adeyemi@tidewater.example", "won revenue of tom kowalczyk this quarter"},
}

const (
	answersBegin = "<!-- answers, from the made-up company -->\n"
	answersEnd   = "<!-- end of the answers -->\n"
)

// The page of what can be asked shows answers as they are given.
func TestThePageOfAskingShowsRealAnswers(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	var said strings.Builder
	for _, q := range answersOnThePage {
		said.WriteString("```\n" + q.text + "\n\n" + shownAnswer(t, environ, q.who, q.text) + "```\n\n")
	}
	page := filepath.Join("..", "..", "docs", "asking.md")
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(data), answersBegin)
	was, after, ends := strings.Cut(rest, answersEnd)
	if !ok || !ends {
		t.Fatal("the page has no place for answers")
	}
	if *update {
		if err := os.WriteFile(page, []byte(before+answersBegin+said.String()+answersEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		was = said.String()
	}
	if diff := cmp.Diff(was, said.String()); diff != "" {
		t.Errorf("the page shows other answers; make golden writes it anew (-page +answers)\n%s", diff)
	}
}

// shownAnswer is an answer at nine o'clock of the company's day, without what is
// new each time and what could be asked next.
func shownAnswer(t *testing.T, environ []string, who, text string) string {
	t.Helper()
	var out bytes.Buffer
	p := program{In: strings.NewReader(""), Environ: environ, Out: &out, Err: &out, Now: func() time.Time { return anchor.Add(9 * time.Hour) }}
	if code := p.run(t.Context(), []string{"ask", "--as", who, text}); code != 0 {
		t.Fatalf("%q ends with %d: %s", text, code, out.String())
	}
	answer, _, _ := strings.Cut(out.String(), "\nReceipt")
	answer, _, _ = strings.Cut(answer, "\nTry:")
	return strings.TrimRight(answer, "\n") + "\n"
}
