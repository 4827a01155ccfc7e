package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/insights"
)

// drop is a watched folder without a database: what is imported is written down.
type drop struct {
	*watched
	t        *testing.T
	clock    time.Time
	imported []string // the names of the files of each import
	fail     error    // what the next imports end with
}

func newDrop(t *testing.T) *drop {
	t.Helper()
	d := &drop{t: t, clock: anchor.Add(9 * time.Hour)}
	d.watched = &watched{dir: t.TempDir(), settle: 10 * time.Second, now: func() time.Time { return d.clock }, told: func(outcome) {}}
	d.load = func(_ context.Context, _ string, paths []string, _ string) (string, error) {
		if passing(t.Context(), d.fail) {
			return "", d.fail
		}
		var names []string
		for _, path := range paths {
			names = append(names, filepath.Base(path))
		}
		d.imported = append(d.imported, strings.Join(names, " "))
		return "the report of " + strings.Join(names, " ") + "\n", d.fail
	}
	t.Cleanup(d.leave)
	return d
}

func (d *drop) write(name, content string) {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o750), os.WriteFile(path, []byte(content), 0o600)); err != nil {
		d.t.Fatal(err)
	}
}

// after lets time pass, and then looks.
func (d *drop) after(passed time.Duration) {
	d.t.Helper()
	d.clock = d.clock.Add(passed)
	if err := d.visit(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// holds are all files in the folder, without the lock.
func (d *drop) holds() []string {
	d.t.Helper()
	return filesIn(d.t, d.dir)
}

func filesIn(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) { // it was moved meanwhile
			return nil
		}
		name, relErr := filepath.Rel(dir, path)
		if err == nil && !entry.IsDir() && name != filepath.Join(takenFolder, lockFile) {
			all = append(all, name)
		}
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func (d *drop) want(what string, imported, holds []string) {
	d.t.Helper()
	if diff := cmp.Diff(imported, d.imported); diff != "" {
		d.t.Errorf("%s: imported (-want +got)\n%s", what, diff)
	}
	slices.Sort(holds)
	got := d.holds()
	slices.Sort(got)
	if diff := cmp.Diff(holds, got); diff != "" {
		d.t.Errorf("%s: the folder holds (-want +got)\n%s", what, diff)
	}
}

func TestAFileIsTakenWhenItHasBeenStill(t *testing.T) {
	d := newDrop(t)
	d.write("deals.csv", "half")
	d.after(0)
	d.after(9 * time.Second)
	d.write("deals.csv", "half and half")
	d.after(5 * time.Second)
	d.after(9 * time.Second)
	d.want("while it arrives", nil, []string{"deals.csv"})
	d.after(time.Second)
	d.want("when it has been still for ten seconds", []string{"deals.csv"}, []string{
		"done/20261120-090024-deals.csv", "done/20261120-090024-deals.csv.report.txt",
	})
}

func TestFilesThatArriveTogetherAreOneImportAndFoldersOneEach(t *testing.T) {
	d := newDrop(t)
	d.write("people.csv", "p")
	d.write("week 46/Account.csv", "a")
	d.write("week 46/Opportunity.csv", "o")
	d.after(0)
	d.after(8 * time.Second)
	d.write("deals.csv", "d")
	d.after(4 * time.Second)
	d.want("the folder is still, and one of the files is not", []string{"week 46"}, []string{
		"deals.csv", "people.csv",
		"done/20261120-090012-week 46/Account.csv", "done/20261120-090012-week 46/Opportunity.csv", "done/20261120-090012-week 46.report.txt",
	})
	d.after(10 * time.Second)
	d.want("both files are still", []string{"week 46", "deals.csv people.csv"}, []string{
		"done/20261120-090012-week 46/Account.csv", "done/20261120-090012-week 46/Opportunity.csv", "done/20261120-090012-week 46.report.txt",
		"done/20261120-090022-2-files/deals.csv", "done/20261120-090022-2-files/people.csv", "done/20261120-090022-2-files.report.txt",
	})
}

func TestWhatIsNoFinishedExportIsLeftAlone(t *testing.T) {
	d := newDrop(t)
	left := []string{
		".hidden.csv", "deals.csv.part", "deals.csv.tmp", "deals.csv.crdownload", "mapping.yaml", "notes.txt",
		"week 47/Account.csv", "week 47/Opportunity.csv.part",
	}
	for _, name := range left {
		d.write(name, "x")
	}
	d.after(0)
	d.after(time.Hour)
	d.want("an hour later", nil, left)
}

func TestTheSameNameAgainOverwritesNothing(t *testing.T) {
	d := newDrop(t)
	for range 2 {
		d.write("deals.csv", "x")
		d.after(0)
		d.after(10 * time.Second)
		d.clock = d.clock.Add(-10 * time.Second) // the clock was set back
	}
	d.want("after two of one name", []string{"deals.csv", "deals.csv"}, []string{
		"done/20261120-090010-deals.csv", "done/20261120-090010-deals.csv.report.txt",
		"done/20261120-090010-2-deals.csv", "done/20261120-090010-2-deals.csv.report.txt",
	})
}

func TestWhatCannotBeImportedGoesToFailedWithTheReason(t *testing.T) {
	d := newDrop(t)
	if f, failed := lastFailure(d.dir); failed {
		t.Errorf("before there is a failure: %+v", f)
	}
	d.fail = &insights.Error{Code: "empty_file", Message: "deals.csv is empty.", Hint: "Export it again."}
	d.write("deals.csv", "")
	d.after(0)
	d.after(10 * time.Second)
	d.want("it fails", []string{"deals.csv"}, []string{
		"failed/20261120-090010-deals.csv", "failed/20261120-090010-deals.csv.report.txt",
	})
	report, err := os.ReadFile(filepath.Join(d.dir, "failed/20261120-090010-deals.csv.report.txt"))
	if want := "deals.csv is empty.\nExport it again.\n\nthe report of deals.csv\n"; err != nil || string(report) != want {
		t.Errorf("the report is %q (%v), want %q", report, err, want)
	}
	if f, failed := lastFailure(d.dir); !failed || f.Name != "20261120-090010-deals.csv" || f.Reason != "deals.csv is empty." {
		t.Errorf("the last failure is %+v, %v", f, failed)
	}
}

func TestADatabaseThatIsAwayIsWaitedFor(t *testing.T) {
	d := newDrop(t)
	d.write("deals.csv", "x")
	d.after(0)
	away := &insights.Error{Code: "database_unreachable", Message: "The database does not answer."}
	d.fail = away
	d.clock = d.clock.Add(10 * time.Second)
	if err := d.visit(t.Context()); !errors.Is(err, away) {
		t.Fatalf("the visit ends with %v", err)
	}
	d.want("while it is away", nil, []string{".salesbot/20261120-090010-deals.csv/deals.csv", ".salesbot/20261120-090010-deals.csv.list"})
	d.fail = nil
	d.after(time.Minute)
	d.want("when it is back", []string{"deals.csv"}, []string{
		"done/20261120-090010-deals.csv", "done/20261120-090010-deals.csv.report.txt",
	})
}

func TestOneProcessLooksAfterAFolder(t *testing.T) {
	first := newDrop(t)
	second := newDrop(t)
	second.dir = first.dir
	first.after(0)
	if err := second.visit(t.Context()); !errors.Is(err, errAttended) {
		t.Fatalf("the second is told %v", err)
	}
	first.leave()
	second.write("deals.csv", "x")
	second.after(0)
	second.after(10 * time.Second)
	second.want("when the first has gone", []string{"deals.csv"}, []string{
		"done/20261120-090010-deals.csv", "done/20261120-090010-deals.csv.report.txt",
	})
}

func TestWhatStandsInTheWayIsToldOnceAndTriedAgain(t *testing.T) {
	d := newDrop(t)
	ctx, cancel := context.WithCancel(t.Context())
	ticks := make(chan time.Time)
	var told []string
	d.trouble = func(err error) { told = append(told, err.Error()) }
	d.fail = &insights.Error{Code: "database_unreachable", Message: "The database does not answer."}
	d.write("deals.csv", "x")
	d.settle = 0
	ended := make(chan struct{})
	go func() {
		d.attend(ctx, ticks)
		close(ended)
	}()
	for range 3 {
		ticks <- time.Time{}
	}
	cancel()
	<-ended
	if diff := cmp.Diff([]string{"The database does not answer."}, told); diff != "" {
		t.Errorf("told (-want +got)\n%s", diff)
	}
}

// errKilled stands for kill -9: a panic that runs nothing of what would follow.
var errKilled = errors.New("killed")

func TestAProcessThatDiesAnywhereLeavesWhatTheNextOneFinishes(t *testing.T) {
	arrivals := map[string]struct {
		files []string
		ends  []string
	}{
		"a file":        {[]string{"deals.csv"}, []string{"done/20261120-090010-deals.csv"}},
		"several files": {[]string{"a.csv", "b.csv"}, []string{"done/20261120-090010-2-files/a.csv", "done/20261120-090010-2-files/b.csv"}},
		"a folder":      {[]string{"week 46/a.csv"}, []string{"done/20261120-090010-week 46/a.csv"}},
	}
	for what, arrival := range arrivals {
		for _, moment := range []step{stepListed, stepTaken, stepImported, stepReported, stepMoved} {
			t.Run(what+", "+string(moment), func(t *testing.T) {
				d := newDrop(t)
				for _, name := range arrival.files {
					d.write(name, "x")
				}
				d.after(0)
				d.clock = d.clock.Add(10 * time.Second)
				d.reached = func(here step) {
					if here == moment {
						panic(errKilled)
					}
				}
				d.visitAndDie()

				next := newDrop(t)
				next.dir, next.clock = d.dir, d.clock.Add(time.Minute)
				next.after(0)
				next.after(time.Hour)
				report := "done/20261120-090010-" + reportName(arrival.files) + reportEnd
				next.imported = append(d.imported, next.imported...)
				if moment != stepImported && len(next.imported) != 1 {
					t.Errorf("it was imported %d times", len(next.imported))
				}
				next.imported = nil
				next.want("in the end", nil, append([]string{report}, arrival.ends...))
			})
		}
	}
}

func reportName(files []string) string {
	if len(files) > 1 {
		return "2-files"
	}
	name, _, _ := strings.Cut(files[0], "/")
	return name
}

func (d *drop) visitAndDie() {
	d.t.Helper()
	defer d.leave() // as the kernel does
	defer func() {
		if died := recover(); died != errKilled { //nolint:errorlint // the very same
			d.t.Fatalf("it did not die: %v", died)
		}
	}()
	_ = d.visit(d.t.Context())
}
