package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"salesbot/insights/store/storetest"
)

const hubspotExport = `Record ID,Deal Name,Pipeline,Deal Stage,Amount,Close Date
1,Mill,Sales,Signed,"1,500",2024-03-31
2,Lamp,Sales,Demo,900.50,2024-04-30
`

// From the question to the figures: what a file is taken for, what it leaves
// open, the mapping that says it, and the import with and without.
func TestAnExportIsExplainedBeforeItIsLoaded(t *testing.T) {
	dir := openDir(t)
	export, mapping := filepath.Join(dir, "deals.csv"), filepath.Join(dir, "ours.yaml")
	if err := os.WriteFile(export, []byte(hubspotExport), 0o600); err != nil {
		t.Fatal(err)
	}
	offline := []string{"DATABASE_URL=postgres://nobody@127.0.0.1:1/none"} // explaining needs no database
	out, errOut, code := salesbot(t, offline, "import", "--explain", export)
	for _, want := range []string{"deals.csv: HubSpot deals (hubspot), because it has Record ID, Deal Name, Deal Stage", "Question: ", "Signed (Sales): is it won, lost or open?", "As a mapping"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Fatalf("--explain does not say %q (%d):\n%s%s", want, code, out, errOut)
		}
	}
	if out, errOut, code = salesbot(t, offline, "import", "--explain", "--stage", "Signed=won", "--write-mapping", mapping, export); code != 0 {
		t.Fatalf("%s%s", out, errOut)
	}
	if _, errOut, code = salesbot(t, offline, "import", "--explain", "--write-mapping", mapping, export); code == 0 || !strings.Contains(errOut, "is there already") {
		t.Errorf("a mapping was overwritten (%d): %s", code, errOut)
	}

	_, environ := testProgram(t, storetest.DSN(t))
	_, errOut, code = salesbot(t, environ, "import", export)
	if code == 0 || !strings.Contains(errOut, `--stage "NAME=won"`) {
		t.Fatalf("stages were guessed (%d): %s", code, errOut)
	}
	out, errOut, code = salesbot(t, environ, "import", "--stage", "Signed=won", export)
	if code != 0 || !strings.Contains(out, "2 rows read: 2 used") || !strings.Contains(out, "Guessed: the stages of Sales") {
		t.Fatalf("the import says (%d):\n%s%s", code, out, errOut)
	}
	out, errOut, code = salesbot(t, environ, "import", "--mapping", mapping, export)
	if code != 0 || !strings.Contains(out, "2 rows read: 0 used, 2 unchanged") {
		t.Fatalf("by its mapping the import says (%d):\n%s%s", code, out, errOut)
	}
}
