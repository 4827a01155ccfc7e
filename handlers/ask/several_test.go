package ask

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"salesbot/insights/metric"
)

// outcomes writes the Readings of a message the way the corpus does.
func outcomes(p *Parser, all []Reading) string {
	if len(all) == 1 {
		return outcome(p, all[0])
	}
	said := make([]string, len(all))
	for i, r := range all {
		said[i] = strings.TrimPrefix(outcome(p, r), "=> ")
	}
	return "=> " + strings.Join(said, " && ")
}

// What a message is asked back with stands for just the questions that its
// choice says.
func TestChoicesOfTwoQuestionsAreThoseQuestions(t *testing.T) {
	p := testParser()
	for _, text := range []string{"won revenue and win rate by rep", "my pipeline and win rate", "pipeline and won revenue this quarter"} {
		all, err := p.ParseEach(t.Context(), Asked{Text: text, At: testNow, Viewer: dustin})
		if err != nil || len(all) != 1 || len(all[0].Choices) < 2 {
			t.Fatalf("%q: %+v %v", text, all, err)
		}
		for _, c := range all[0].Choices {
			again, err := p.ParseEach(t.Context(), Asked{Text: c.Command, At: testNow, Viewer: dustin})
			if want := "=> " + strings.ReplaceAll(c.Command, "; ", " && "); err != nil || outcomes(p, again) != want {
				t.Errorf("%q offers %q, which is read as %s (%v)", text, c.Command, outcomes(p, again), err)
			}
		}
	}
}

// Two questions in words, with what parts questions between them, are read as
// those two, whatever they ask.
func TestTwoQuestionsInWordsAreReadAsThose(t *testing.T) {
	p := testParser()
	rapid.Check(t, func(t *rapid.T) {
		c := newCalendar(testNow, p.Company)
		first, second := drawQuery(t, p, c), drawQuery(t, p, c)
		said := p.Say(first) + "; " + p.Say(second)
		all, err := p.ParseEach(t.Context(), Asked{Text: said, At: testNow, Viewer: dustin})
		if err != nil || len(all) != 2 {
			t.Fatalf("%q: %s (%v)", said, outcomes(p, all), err)
		}
		for i, want := range []metric.Query{first, second} {
			if diff := cmp.Diff(want, *all[i].Query, sameQuery); diff != "" {
				t.Fatalf("%q, part %d (-said +read):\n%s", said, i+1, diff)
			}
		}
	})
}
