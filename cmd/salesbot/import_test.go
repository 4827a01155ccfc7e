package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAnImportOfWhichTooMuchCannotBeUsedChangesNothing(t *testing.T) {
	dsn := loaded(t, "company")
	environ := []string{"DATABASE_URL=" + dsn}
	dir := t.TempDir()
	file, rejects := filepath.Join(dir, "accounts.csv"), filepath.Join(dir, "rejects.csv")
	text := "external_id,name,parent\nR-1,Rope Works,\nR-2,Rudder,NOBODY\n,Nameless,\nR-4,\"Reed, Ltd\",\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	before := rowsOf(t, dsn)

	out, errOut, code := salesbot(t, environ, "import", "--max-rejected", "20%", "--rejects", rejects, file)
	if code == 0 || !strings.Contains(errOut, "2 of 4 rows cannot be used (50.0 %), and at most 20 % may be. Nothing was loaded.") {
		t.Errorf("it ends with %d and says:\n%s", code, errOut)
	}
	for _, said := range []string{"4 rows read: 2 used, 0 unchanged, 2 rejected.", "parent names an account that is neither stored nor in these files", "Nothing was loaded"} {
		if !strings.Contains(out, said) {
			t.Errorf("the report does not say %q:\n%s", said, out)
		}
	}
	unchanged(t, before, rowsOf(t, dsn))
	written, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	want := "file,line,column,value,reason\n" +
		"accounts.csv,3,parent,NOBODY,names an account that is neither stored nor in these files\n" +
		"accounts.csv,4,external_id,,\"is empty, and every account needs its key\"\n"
	if diff := cmp.Diff(want, string(written)); diff != "" {
		t.Errorf("the rejects are (-want +got)\n%s", diff)
	}

	out, errOut, code = salesbot(t, environ, "import", "--max-rejected", "0.5", file)
	if code != 0 || !strings.Contains(out, "Imported as revision 2") {
		t.Errorf("within the limit it ends with %d and says:\n%s%s", code, out, errOut)
	}
}

func TestALimitThatIsNoShareIsRefused(t *testing.T) {
	for _, limit := range []string{"many", "101%", "-1%", "2", "%", "NaN"} {
		if share, err := readLimit(limit); err == nil {
			t.Errorf("%q is taken for %g", limit, *share)
		}
	}
	for limit, want := range map[string]float64{"2%": 0.02, "2 %": 0.02, "0.02": 0.02, "0": 0, "100%": 1} {
		if share, err := readLimit(limit); err != nil || *share != want {
			t.Errorf("%q: %v, %v, want %g", limit, share, err, want)
		}
	}
}
