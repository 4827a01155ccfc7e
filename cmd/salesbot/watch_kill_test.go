package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights/store/pgserver"
)

const (
	droppedPeople = "external_id,name\nW-1,Wilma Watch\n"
	droppedDeals  = "external_id,owner,stage,amount,close_on\nWD-1,W-1,Won,1200,2026-11-02\nWD-2,W-1,Won,800,2026-11-03\n"
)

// dropInto puts files into a folder as a program does that knows of none who
// watches it.
func dropInto(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var stamp = regexp.MustCompile(`\d{8}-\d{6}-`)

// undated are the files below a folder, their dates left out.
func undated(t *testing.T, dir string) []string {
	t.Helper()
	files := filesIn(t, dir)
	for i, name := range files {
		files[i] = stamp.ReplaceAllString(name, "")
	}
	slices.Sort(files)
	return files
}

// ends waits until nothing is left to be done in a folder.
func ends(t *testing.T, dir string, want ...string) {
	t.Helper()
	slices.Sort(want)
	until(t, "all to be in its place", func() (string, bool) {
		got := undated(t, dir)
		return strings.Join(got, "\n"), slices.Equal(got, want)
	})
}

func TestAWatcherThatIsKilledLosesNothingAndImportsNothingTwice(t *testing.T) {
	t.Parallel()
	for _, moment := range []step{stepListed, stepTaken, stepImported, stepReported, stepMoved} {
		t.Run(string(moment), func(t *testing.T) {
			t.Parallel()
			dsn := loaded(t, "company")
			dir := t.TempDir()
			environ := []string{"DATABASE_URL=" + dsn}
			dropInto(t, dir, map[string]string{"people.csv": droppedPeople, "opportunities.csv": droppedDeals})

			first := startProcess(t, moment, environ, "import", "--watch", dir)
			first.waitFor("held")
			first.kill()
			second := startProcess(t, "", environ, "import", "--watch", dir)
			ends(t, dir, "done/2-files/opportunities.csv", "done/2-files/people.csv", "done/2-files.report.txt")
			second.stop()

			db := open(t, dsn)
			if got := text(t, db, `select count(*) || ' ' || sum(amount_minor) from opportunity where external_id like 'WD-%'`); got != "2 200000" {
				t.Errorf("deals and amount: %s", got)
			}
			if got := text(t, db, `select count(*) from import`); got != "2" {
				t.Errorf("there are %s imports, want that of the company and one more", got)
			}
			if report := reportIn(t, dir, "done"); !strings.Contains(report, "Imported as revision 2") {
				t.Errorf("the report is not that of the import:\n%s", report)
			}
		})
	}
}

func TestAWatcherThatIsKilledDuringTheImportLeavesItToTheNext(t *testing.T) {
	t.Parallel()
	dsn := loaded(t, "company")
	before := rowsOf(t, dsn)
	dir := t.TempDir()
	environ := []string{"DATABASE_URL=" + dsn}
	db := open(t, dsn)
	dropInto(t, dir, map[string]string{"people.csv": droppedPeople})
	release := locked(t, db, lockNumbering)
	first := startProcess(t, "", environ, "import", "--watch", dir)
	await(t, db, "the import to be about to be numbered", seenNumbering, "1")
	first.kill()
	release()
	await(t, db, "its session to end", sessions, "0")
	if diff := cmp.Diff(before, rowsOf(t, dsn)); diff != "" {
		t.Fatalf("it left (-before +after)\n%s", diff)
	}
	second := startProcess(t, "", environ, "import", "--watch", dir)
	ends(t, dir, "done/people.csv", "done/people.csv.report.txt")
	second.stop()
}

// reportIn is the only report in a folder of the watched one.
func reportIn(t *testing.T, dir, folder string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, folder, "*"+reportEnd))
	if err != nil || len(found) != 1 {
		t.Fatalf("reports in %s: %v (%v)", folder, found, err)
	}
	report, err := os.ReadFile(found[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(report)
}

func TestTwoWatchersOfOneFolderTakeEachFileOnce(t *testing.T) {
	t.Parallel()
	dsn := loaded(t, "company")
	dir := t.TempDir()
	environ := []string{"DATABASE_URL=" + dsn}
	first := startProcess(t, "", environ, "import", "--watch", dir)
	until(t, "the first to have the folder", func() (string, bool) {
		return first.log.String(), exists(filepath.Join(dir, takenFolder, lockFile))
	})
	second := startProcess(t, "", environ, "import", "--watch", dir)
	until(t, "the second to wait", func() (string, bool) {
		return second.log.String(), strings.Contains(second.log.String()+first.log.String(), errAttended.Error())
	})
	dropInto(t, dir, map[string]string{"people.csv": droppedPeople})
	ends(t, dir, "done/people.csv", "done/people.csv.report.txt")
	first.kill()
	dropInto(t, dir, map[string]string{"accounts.csv": "external_id,name\nW-A,Watched Works\n", "broken.csv": "what,is\nthis,?\n"})
	ends(t, dir, "done/people.csv", "done/people.csv.report.txt",
		"failed/2-files/accounts.csv", "failed/2-files/broken.csv", "failed/2-files.report.txt")
	second.stop()
	if n := text(t, open(t, dsn), `select count(*) from import`); n != "2" {
		t.Errorf("there are %s imports, want 2", n)
	}
}

func TestAWatcherWaitsForTheDatabase(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	cfg := pgserver.Config{Dir: openDir(t), Fast: true, Offline: true}
	server := startPostgres(t, cfg)
	environ := []string{"DATABASE_URL=" + server.DSN()}
	if _, errOut, code := salesbot(t, environ, "migrate"); code != 0 {
		t.Fatal(errOut)
	}
	dir := t.TempDir()
	watcher := startProcess(t, "", environ, "import", "--watch", dir)
	until(t, "the folder to be watched", func() (string, bool) {
		return watcher.log.String(), exists(filepath.Join(dir, takenFolder, lockFile))
	})
	if err := stopWithin(server.Stop); err != nil {
		t.Fatal(err)
	}
	dropInto(t, dir, map[string]string{"people.csv": droppedPeople})
	until(t, "the database to be missed", func() (string, bool) {
		return watcher.log.String(), strings.Contains(watcher.log.String(), "database")
	})
	startPostgres(t, cfg)
	ends(t, dir, "done/people.csv", "done/people.csv.report.txt")
	watcher.stop()
}
