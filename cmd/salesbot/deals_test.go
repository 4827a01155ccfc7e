package main

import (
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A list says in words what a person sees; the same list as CSV is whole, and
// adds up to the figure.
func TestTheDealsBehindAFigureAreListed(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	nine := func() time.Time { return anchor.Add(9 * time.Hour) } // leads that nobody answered wait longer by the minute
	var seen strings.Builder
	for _, args := range [][]string{
		{"list won deals last quarter, limit 3"},
		{"deals behind win rate last quarter, latest first, limit 3, skip 347"},
		{"deals behind gross margin last quarter, limit 2"},
		{"deals behind coverage"},
		{"deals behind quota"},
		{"list lost deals of Ingrid Solheim"},
		{"leads behind lead response time this month, limit 4"},
		{"--as", "Priya Adeyemi", "leads behind lead conversion last quarter"},
		{"activities behind calls this month for Priya Adeyemi, limit 3"},
		{"reps behind share of people at quota last quarter, limit 4"},
		{"leads behind lead response time, highest first"},
		{"deals lost in what changed in open pipeline closing this quarter since last month, limit 3"},
		{"--as", "Priya Adeyemi", "deals created in what changed in open pipeline closing this quarter since last month"},
		{"--as", "Priya Adeyemi", "deals pushed out in what changed in open pipeline since last week"},
		{"--as", "Priya Adeyemi", "list won deals last quarter, limit 2"},
		{"--as", "Priya Adeyemi", "deals behind gross margin"},
		{"--as", "Priya Adeyemi", "deals behind won revenue for Jonas Galloway"},
	} {
		out, errOut, _ := salesbotAt(t, nine, environ, append([]string{"ask"}, args...)...)
		seen.WriteString("$ salesbot ask " + strings.Join(args, " ") + "\n" + out + errOut + "\n")
	}
	path := filepath.Join("testdata", "deals.golden")
	if *update {
		if err := os.WriteFile(path, []byte(seen.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), seen.String()); diff != "" {
		t.Errorf("it reads otherwise (-want +got)\n%s", diff)
	}
}

func TestAListAsCSVIsWholeAndAddsUpToTheFigure(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	out, errOut, code := salesbot(t, environ, "ask", "--csv", "list won deals last quarter")
	if code != 0 || !strings.HasPrefix(errOut, "121 deals, $4,810,550:") || !strings.Contains(errOut, "All 121 deals are shown") {
		t.Fatalf("exit %d, and on standard error:\n%s", code, errOut)
	}
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || len(rows) != 122 {
		t.Fatalf("%d rows (%v)", len(rows), err)
	}
	sum := new(big.Rat)
	for _, row := range rows[1:] {
		amount, ok := new(big.Rat).SetString(row[2])
		if !ok || row[1] != "USD" || len(row[6]) != len("2026-07-03") {
			t.Fatalf("%v is not under %v", row, rows[0])
		}
		sum.Add(sum, amount)
	}
	if sum.RatString() != "4810550" {
		t.Errorf("the rows add up to %s", sum.RatString())
	}
}

func TestNothingButRowsIsPrintedAsCSV(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	for question, code := range map[string]int{"wibble": 1, "deals behind forecast of week 3": 1, "won revenue by wibble": 1} {
		out, errOut, got := salesbot(t, environ, "ask", "--csv", question)
		if out != "" || errOut == "" || got != code {
			t.Errorf("%s: exit %d, printed %q, and said %q", question, got, out, errOut)
		}
	}
	if _, errOut, code := salesbot(t, environ, "ask", "--csv", "won revenue", "win rate"); code != 2 || !strings.Contains(errOut, "one question") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestAListIsProvedByItsReceipt(t *testing.T) {
	_, environ := testProgram(t, loaded(t, "company"))
	out, errOut, _ := salesbot(t, environ, "ask", "--json", "--as", "Priya Adeyemi", "list won deals last quarter, latest first, limit 2")
	var answer struct{ Receipt string }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s%s", err, out, errOut)
	}
	out, errOut, code := salesbot(t, environ, "prove", answer.Receipt)
	if code != 0 || !strings.HasPrefix(out, "Proved. 4 of 121 deals, those you may see, $65,100: of what Won revenue, last quarter") {
		t.Errorf("exit %d:\n%s%s", code, out, errOut)
	}
}
