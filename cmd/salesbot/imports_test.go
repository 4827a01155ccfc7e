package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/store/storetest"
)

// TestImportsAreListedShownAndTakenBack plays what an administrator does after
// a wrong file. What they read stands in testdata/imports.golden.
func TestImportsAreListedShownAndTakenBack(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"people.csv":   "external_id,name\nP-1,Una Fable\nP-2,Otto Nobody\n",
		"accounts.csv": "external_id,name,parent\nA-1,Harbour Works,\nA-2,Quay Supplies,A-1\nA-2,Other Supplies,\nA-3,Lantern Quay,A-9\n",
		"again.csv":    "external_id,name\nP-2,Otto Somebody\nP-3,Ida Invented\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	again := filepath.Join(dir, "wrong", "people.csv")
	if err := os.MkdirAll(filepath.Dir(again), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(dir, "again.csv"), again); err != nil {
		t.Fatal(err)
	}
	environ := []string{"DATABASE_URL=" + storetest.DSN(t)}
	var played strings.Builder
	for _, line := range []string{
		"imports",
		"import DIR/people.csv DIR/accounts.csv",
		"import DIR/wrong/people.csv",
		"imports",
		"imports --limit 1 --json",
		"imports show 1",
		"imports show 7",
		"imports undo 1",
		"imports undo --dry-run 2",
		"imports undo 2",
		"imports",
		"imports show 3",
		"imports undo",
		"imports show last",
		"imports --limit 0",
	} {
		out, errOut, code := salesbot(t, environ, strings.Fields(strings.ReplaceAll(line, "DIR", dir))...)
		played.WriteString("$ salesbot " + line + "\n" + out + errOut)
		if code != 0 {
			played.WriteString("(exit code " + string(rune('0'+code)) + ")\n")
		}
		played.WriteString("\n")
	}
	got := strings.NewReplacer(operator(), "OPERATOR", dir, "DIR").Replace(played.String())
	got = regexp.MustCompile(`2026-11-20[T ]09:0[\d:.]*Z?`).ReplaceAllString(got, "NOW")
	golden := filepath.Join("testdata", "imports.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("it reads otherwise (-want +got)\n%s", diff)
	}
}

func TestEachImportIsOneJSONObject(t *testing.T) {
	out, errOut, code := salesbot(t, []string{"DATABASE_URL=" + loaded(t, "company")}, "imports", "--json")
	if code != 0 {
		t.Fatal(errOut)
	}
	var i importJSON
	if err := json.Unmarshal([]byte(out), &i); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	if r := i.Rows; i.Revision != 1 || r.Read == 0 || r.Read != r.Used+r.Unchanged+r.Rejected || i.Added["opportunity"] == 0 {
		t.Errorf("the import of the company is %+v", i)
	}
}
