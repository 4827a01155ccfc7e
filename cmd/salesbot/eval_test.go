package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalTellsEachVerdictApart(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	file := filepath.Join(t.TempDir(), "some.questions")
	if err := os.WriteFile(file, []byte(`# What is right, and what is said to be though it is not.
## Figures
as ingrid.solheim@tidewater.example
on 2026-11-20 09:00
whats our win rate last q => win rate last quarter
↳ and by rep => win rate by person last quarter
won revenue this quarter => won revenue last quarter
## Others
won revenue by favourite colour !!
won revenue by favourite colour => won revenue
pipeline last quarter ??
pipeline last quarter => open pipeline
pipeline last quarter ?? all that is open
help => "Ask me about won revenue"
what was our pipeline !! not_available
won revenue this quarter !! not_allowed
`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errOut, code := salesbot(t, environ, "eval", file)
	if code != 1 {
		t.Errorf("eval ends with %d though answers were wrong", code)
	}
	for _, want := range []string{
		`some.questions:7: wrong: "won revenue this quarter"`,
		`some.questions:10: missed: "won revenue by favourite colour"`,
		`some.questions:12: asked back: "pipeline last quarter"`,
		`some.questions:13: asked back: "pipeline last quarter"`,
	} {
		if !strings.Contains(out, want) {
			t.Errorf("eval does not say %q", want)
		}
	}
	rows := strings.Split(strings.TrimSpace(out), "\n")
	if got, want := strings.Join(strings.Fields(rows[len(rows)-1]), " "), "11 6 2 0 1 2 1 all"; got != want {
		t.Errorf("all in all %s, want %s:\n%s%s", got, want, out, errOut)
	}
}

func TestEvalRefusesALineThatWantsNothing(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	file := filepath.Join(t.TempDir(), "some.questions")
	if err := os.WriteFile(file, []byte("win rate\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, errOut, code := salesbot(t, environ, "eval", file)
	if code != 1 || !strings.Contains(errOut, `some.questions:1: the line does not say what is wanted: "win rate"`) {
		t.Errorf("it ends with %d and says %s", code, errOut)
	}
}
