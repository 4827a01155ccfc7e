package main

import (
	"path/filepath"
	"strings"
	"testing"

	"salesbot/handlers/ask/llm/llmtest"
)

// Whatever a model says, it makes no answer of the project's own questions
// wrong, and none that was right without it anything else.
func TestAModelMakesNoAnswerToTheProjectsOwnQuestionsWorse(t *testing.T) {
	dsn := loaded(t, "company")
	file := filepath.Join("testdata", "eval", "company.questions")
	notRight := func(t *testing.T, more ...string) map[string]bool {
		_, environ := testProgram(t, dsn, more...)
		out, errOut, _ := salesbot(t, environ, "eval", file)
		if !strings.Contains(out, "kind") {
			t.Fatalf("nothing was counted:\n%s%s", out, errOut)
		}
		found := map[string]bool{}
		for line := range strings.Lines(out) {
			if at, said, ok := strings.Cut(line, ": "); ok && strings.HasPrefix(at, file) {
				found[at] = true
				if strings.HasPrefix(said, string(verdictWrong)) {
					t.Errorf("%v: %s", more, line)
				}
			}
		}
		return found
	}
	without := notRight(t)
	scripts := map[string]llmtest.Reply{ // nonsense and refusals are not drafts at all
		"another figure": draft(map[string]any{"metric": "won_revenue"}),
		"everybody's":    draft(map[string]any{"metric": "won_revenue", "by": []string{"person"}, "period": "this year"}),
	}
	for name, reply := range scripts {
		t.Run(name, func(t *testing.T) {
			server := llmtest.Start(t, llmtest.Say(reply))
			for at := range notRight(t, "SALESBOT_MODEL=scripted", "SALESBOT_MODEL_URL="+server.URL, "SALESBOT_MODEL_KEY=sk-secret") {
				if !without[at] {
					t.Errorf("%s was right without the model", at)
				}
			}
			if len(server.Asked()) == 0 {
				t.Error("the model was not asked anything")
			}
		})
	}
}
