package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"salesbot/handlers"
	"salesbot/insights/metric"
)

// TestWhatIsOfferedIsNeverRefused presses every button below the answers to the
// project's own questions and to the examples of the catalogue: an offer leads to
// an answer, or to a question back.
func TestWhatIsOfferedIsNeverRefused(t *testing.T) {
	p, _ := testProgram(t, loaded(t, "company"))
	s, err := readSettings(p.Environ)
	if err != nil {
		t.Fatal(err)
	}
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	e := &evaluation{program: p, settings: s, db: db, talk: &unkept{database: db, last: map[string]*metric.Query{}}}
	e.desk = p.desk(s, e.talk)
	questions, err := readQuestions(filepath.Join("testdata", "eval", "company.questions"))
	if err != nil {
		t.Fatal(err)
	}
	pressed := map[string]bool{}
	questions = append(questions, examples(s.Metrics)...)
	for _, text := range aimedElsewhere {
		questions = append(questions, evalQuestion{at: "elsewhere", asker: "priya.adeyemi@tidewater.example", text: text, thread: text})
	}
	for _, q := range questions {
		e.pressAll(t, q, pressed)
	}
	if len(pressed) < len(questions) {
		t.Errorf("only %d offers were pressed", len(pressed))
	}
}

// examples are what the catalogue gives as examples, asked by a manager.
func examples(c *metric.Catalog) []evalQuestion {
	var out []evalQuestion
	for _, m := range c.Metrics() {
		for _, text := range m.Examples {
			out = append(out, evalQuestion{at: m.Name, asker: "ingrid.solheim@tidewater.example", text: text, thread: m.Name})
		}
	}
	return out
}

// aimedElsewhere are texts that no figure answers, asked by a rep.
var aimedElsewhere = []string{
	"what will we close this quarter", "forecast vs target", "pipeline vs quota", "who on my team is behind", "who hasnt closed anything this quarter", "are we growing", "new vs renewal revenue",
	"whats our cac", "when does fjord foods close", "what should i work on today", "am i top 5", "is fjord foods a customer", "and the discounts?", "set my quota to 2m", "this insight is wrong",
	"retention rate", "nrr trend", "which accounts in my patch dont have an opp", "quota attainment trend", "is pipeline growing", "is our win rate improving",
	"conversion from discovery to proposal", "how many get from discovery to proposal", "won vs lost by rep", "forecast by category this quarter", "how many customers do we have", "% of pipeline older than 90 days",
	"reps below 50% attainment", "who is above 100%", "which territories have no owner", "who is my manager", "logo retention",
}

// pressAll asks a question and presses what is offered below its answers, each once.
func (e *evaluation) pressAll(t *testing.T, q evalQuestion, pressed map[string]bool) {
	t.Helper()
	r, err := e.request(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	answer, turn := e.desk.Handle(t.Context(), r)
	e.talk.last[r.Thread] = turn.LastQuery
	for _, one := range answer.Each() {
		if name := internalName(one); name != "" {
			t.Errorf("%s: %q (%s) is answered with an internal name: %s", q.at, r.Text, q.asker, name)
		}
		for _, c := range one.Choices {
			if pressed[c.Command] || strings.HasPrefix(c.Command, "/") {
				continue
			}
			pressed[c.Command] = true
			button := r
			button.Origin, button.Text = handlers.FromButton, c.Command
			got, _ := e.desk.Handle(t.Context(), button)
			for _, one := range got.Each() {
				if name := internalName(one); name != "" {
					t.Errorf("%s: %q (%s) is answered with an internal name: %s", q.at, c.Command, q.asker, name)
				}
			}
			if refused := slices.IndexFunc(got.Each(), isRefusal); refused >= 0 {
				t.Errorf("%s, below %q (%s): pressing %q is refused: %s", q.at, r.Text, q.asker, c.Command, got.Each()[refused].Headline)
			}
		}
	}
}

var nameOfOurs = regexp.MustCompile(`\pL_\pL`)

// internalName is what an answer says with a name that only we write so, as in
// "win_rate": it is nothing that people read, or type. Files are called by it, and
// sources are cited in the words of others.
func internalName(a handlers.Answer) string {
	said := append([]string{a.Headline}, a.Notes...)
	for _, c := range a.Choices {
		said = append(said, c.Label, c.Command)
	}
	i := slices.IndexFunc(said, func(text string) bool {
		return nameOfOurs.MatchString(text) && !strings.Contains(text, ".csv") && !strings.Contains(text, "Source: ")
	})
	if i < 0 {
		return ""
	}
	return said[i]
}

func isRefusal(a handlers.Answer) bool {
	return a.Status != handlers.Answered && a.Status != handlers.AskedBack
}
