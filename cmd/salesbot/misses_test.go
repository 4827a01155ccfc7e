package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMissesAreGroupedByTheWordsInTheWay(t *testing.T) {
	dsn := loaded(t, "company")
	_, environ := testProgram(t, dsn)
	for who, questions := range map[string][]string{
		"priya.adeyemi@tidewater.example":  {"my dosh this quarter", "won revenue this quarter", "how much did priya hustle"},
		"ingrid.solheim@tidewater.example": {"/kpi dosh last quarter", "dosh by rep"},
	} {
		for _, q := range questions {
			if _, errOut, code := salesbot(t, environ, "ask", "--as", who, q+" "); code != 0 {
				t.Fatal(errOut)
			}
		}
	}
	out, _, code := salesbot(t, environ, "misses")
	first, rest, _ := strings.Cut(out, "\n")
	if code != 0 || first != "dosh: 3 times, asked by manager, rep" && first != "dosh: 3 times, asked by rep, manager" ||
		!strings.Contains(rest, "hustle") || strings.Contains(out, "won revenue this quarter") || strings.Contains(out, "$") {
		t.Errorf("it ends with %d and says\n%s", code, out)
	}

	own := filepath.Join(t.TempDir(), "own.yaml")
	refused := func(teach, want string) {
		t.Helper()
		_, errOut, code := salesbot(t, environ, "misses", "--teach", teach, "--catalog", own)
		if code == 0 || !strings.Contains(errOut, want) {
			t.Errorf("teaching %s ends with %d and says\n%s", teach, code, errOut)
		}
		if _, err := os.Stat(own); err == nil {
			t.Errorf("teaching %s left a file", teach)
		}
	}
	refused("dosh", "not of the form word=metric")
	refused("dosh=commission", `there is no metric "commission"`)
	refused("pipe=won_revenue", `"pipe" already means open_pipeline`)
	refused("won revenue this=open_pipeline", "1 question would be read otherwise than now, so nothing was changed:\n  won revenue this quarter")

	out, errOut, code := salesbot(t, environ, "misses", "--teach", "dosh=won_revenue", "--catalog", own)
	if code != 0 || !strings.Contains(out, `own.yaml now knows "dosh" as won_revenue. Of 5 kept questions, none is read otherwise, and 3 that were not understood now are.`) {
		t.Fatalf("teaching ends with %d and says\n%s%s", code, out, errOut)
	}
	if out, errOut, code = salesbot(t, environ, "misses", "--teach", "kaching=won_count", "--catalog", own); code != 0 {
		t.Fatalf("teaching more says\n%s%s", out, errOut)
	}
	text, err := os.ReadFile(own)
	if err != nil || string(text) != "extends: default\nsynonyms:\n  - metric: won_count\n    words: [\"kaching\"]\n  - metric: won_revenue\n    words: [\"dosh\"]\n" {
		t.Errorf("the catalogue is\n%s", text)
	}
	out, errOut, code = salesbot(t, append(environ, "SALESBOT_CATALOG="+own), "ask", "my dosh this quarter ", "--as", "priya.adeyemi@tidewater.example")
	if code != 0 || !strings.Contains(out, "Won revenue, person Priya Adeyemi, this quarter") {
		t.Errorf("with the word taught, it ends with %d and says\n%s%s", code, out, errOut)
	}
}

func TestAWordIsAddedWhereTheFileHasPlaceForIt(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "extends: default\nsynonyms:\n  - metric: m\n    words: [\"w\"]\n"},
		{"extends: default # ours\nmodels: []\n", "extends: default # ours\nmodels: []\n\nsynonyms:\n  - metric: m\n    words: [\"w\"]\n"},
		{"extends: default\nsynonyms:\n  - metric: a # first\n    words: [b]\nmodels: []\n", "extends: default\nsynonyms:\n  - metric: m\n    words: [\"w\"]\n  - metric: a # first\n    words: [b]\nmodels: []\n"},
	} {
		if got := withSynonym(c.text, "w", "m"); got != c.want {
			t.Errorf("%q becomes %q, want %q", c.text, got, c.want)
		}
	}
}
