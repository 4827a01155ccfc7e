package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/store/storetest"
)

// TestWhatChangedInTheExampleCompany takes apart six weeks of the company of the
// guide, and expects what its history.csv and opportunities.csv say, added up by
// hand. On 15 February 2026 these were open, by the history's stages of that day:
// d-02 22,500, d-04 75,000, d-09 31,000, d-11 4,800, d-12 9,600 and d-14 1,200 in
// euros, and d-05 18,400, d-08 3,900 and d-10 54,000 in dollars. Until the end of
// March d-05, d-11 and d-12 were won, d-08 and d-14 lost, and d-06 15,200, d-13
// 7,200 and d-07, which has no amount, were entered. d-02 was put off from March
// to April on 30 March. d-15 was deleted.
func TestWhatChangedInTheExampleCompany(t *testing.T) {
	_, environ := testProgram(t, storetest.DSN(t))
	if out, errOut, code := salesbot(t, environ, "import", "../../docs/examples/company"); code != 0 {
		t.Fatalf("the import ends with %d:\n%s%s", code, out, errOut)
	}
	for question, want := range map[string][]string{
		"what changed in pipeline as of 2026-03-31 vs as of 2026-02-15": {
			"opening EUR 6 144100", "created EUR 1 unknown", "won EUR 2 -14400", "lost EUR 1 -1200", "closing EUR 4 128500",
			"opening USD 3 76300", "created USD 3 22400", "won USD 1 -18400", "lost USD 1 -3900", "closing USD 4 76400",
		},
		"what changed in pipeline closing q1 2026 as of 2026-03-31 vs as of 2026-02-15": {
			"opening EUR 4 38100", "won EUR 2 -14400", "lost EUR 1 -1200", "pushed_out EUR 1 -22500", "closing EUR 0 0",
			"opening USD 2 22300", "won USD 1 -18400", "lost USD 1 -3900", "closing USD 0 0",
		},
		"deals won in what changed in pipeline as of 2026-03-31 vs as of 2026-02-15": {
			"USD -18400 d-05", "EUR -9600 d-12", "EUR -4800 d-11",
		},
		"deals created in what changed in pipeline as of 2026-03-31 vs as of 2026-02-15": {
			"15200 d-06", "7200 d-13", "unknown d-07",
		},
		"deals pushed out in what changed in pipeline closing q1 2026 as of 2026-03-31 vs as of 2026-02-15": {"-22500 d-02"},
	} {
		if diff := cmp.Diff(want, partsAsked(t, environ, question)); diff != "" {
			t.Errorf("%s (-by hand +product)\n%s", question, diff)
		}
	}
}

// partsAsked are the rows of a change in words; of deals in one of its parts, what
// they add, behind the currency where there are several, and their ids.
func partsAsked(t *testing.T, environ []string, question string) []string {
	t.Helper()
	out, errOut, code := salesbot(t, environ, "ask", "--json", "--at", "2026-04-10T12:00:00Z", question)
	var answer struct {
		Table struct{ Rows [][]*string }
	}
	if err := json.Unmarshal([]byte(out), &answer); err != nil || code != 0 {
		t.Fatalf("asking %q ends with %d: %v\n%s%s", question, code, err, out, errOut)
	}
	var rows []string
	for _, row := range answer.Table.Rows {
		if strings.HasPrefix(question, "deals ") {
			row = append(slices.Clone(row[1:len(row)-8]), row[len(row)-1])
		}
		var cells []string
		for _, cell := range row {
			if cell == nil {
				cells = append(cells, "unknown")
			} else {
				cells = append(cells, *cell)
			}
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return rows
}
