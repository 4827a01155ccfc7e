package migrations_test

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/store/storetest"
	"salesbot/migrations"
)

var (
	one = fstest.MapFS{"00001_one.sql": file("create table one (n int)")}
	two = fstest.MapFS{
		"00001_one.sql": file("create table one (n int)"),
		"00002_two.sql": file("create table two (n int)"),
	}
)

func TestUpBringsAnEmptyDatabaseToTheLatestSchema(t *testing.T) {
	db := storetest.Empty(t)
	before, latest, err := migrations.Pending(t.Context(), db.DB)
	if err != nil || before == 0 || latest == 0 {
		t.Fatalf("%d pending up to %d, %v; want some", before, latest, err)
	}
	if err := migrations.Up(t.Context(), db.DB, silent); err != nil {
		t.Fatal(err)
	}
	if after, _, err := migrations.Pending(t.Context(), db.DB); err != nil || after != 0 {
		t.Errorf("%d are still pending, %v", after, err)
	}
	mustExist(t, db, "river_job", true)
}

func TestUpASecondTimeDoesNothing(t *testing.T) {
	db := storetest.New(t)
	err := migrations.Up(t.Context(), db.DB, func(line string) { t.Errorf("it did something: %s", line) })
	if err != nil {
		t.Fatal(err)
	}
}

func TestOfProgramsThatMigrateAtOnceEachMigrationIsAppliedByOne(t *testing.T) {
	db := storetest.Empty(t)
	var mu sync.Mutex
	var applied []string
	var programs sync.WaitGroup
	for range 3 {
		programs.Go(func() {
			err := migrations.UpWith(t.Context(), db.DB, two, func(line string) {
				mu.Lock()
				defer mu.Unlock()
				applied = append(applied, strings.Fields(line)[1])
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	programs.Wait()
	if len(applied) != 3 || !slices.Equal(applied[:2], []string{"00001_one.sql", "00002_two.sql"}) {
		t.Errorf("applied %q, want each file once, in order, and River's migrations once", applied)
	}
}

func TestANewerDatabaseIsRefusedAndLeftAlone(t *testing.T) {
	db := storetest.Empty(t)
	if err := migrations.UpWith(t.Context(), db.DB, two, silent); err != nil {
		t.Fatal(err)
	}
	older := fstest.MapFS{"00001_one.sql": one["00001_one.sql"]}
	err := migrations.UpWith(t.Context(), db.DB, older, silent)
	mustBeNewer(t, err, "version 2", "up to 1")
	_, _, err = migrations.PendingWith(t.Context(), db.DB, older)
	mustBeNewer(t, err, "version 2", "up to 1")
}

func TestANewerJobQueueIsRefused(t *testing.T) {
	db := storetest.New(t)
	db.MustExec("insert into river_migration (line, version) values ('main', 99)")
	mustBeNewer(t, migrations.Up(t.Context(), db.DB, silent), "job queue", "99")
}

func TestAFailedMigrationIsNamedAndTheEarlierOnesStay(t *testing.T) {
	db := storetest.Empty(t)
	broken := fstest.MapFS{
		"00001_one.sql": one["00001_one.sql"],
		"00002_bad.sql": file("create table half (n int); select no_such_function()"),
	}
	err := migrations.UpWith(t.Context(), db.DB, broken, silent)
	if err == nil || !strings.Contains(err.Error(), "00002_bad.sql") {
		t.Errorf("the error does not name the file: %v", err)
	}
	mustExist(t, db, "one", true)
	mustExist(t, db, "half", false)
	if err := migrations.UpWith(t.Context(), db.DB, two, silent); err != nil {
		t.Errorf("after the file was mended: %v", err)
	}
}

func TestAskingWhatIsPendingWritesNothing(t *testing.T) {
	db := storetest.Empty(t)
	if _, _, err := migrations.Pending(t.Context(), db.DB); err != nil {
		t.Fatal(err)
	}
	var tables int
	if err := db.Get(&tables, "select count(*) from pg_tables where schemaname = 'public'"); err != nil {
		t.Fatal(err)
	}
	if tables != 0 {
		t.Errorf("it made %d tables", tables)
	}
}

func TestAPoolOfOneConnectionIsRefusedRatherThanHanging(t *testing.T) {
	db := storetest.Empty(t)
	db.SetMaxOpenConns(1)
	err := migrations.Up(t.Context(), db.DB, silent)
	if err == nil || !strings.Contains(err.Error(), "two connections") {
		t.Errorf("got %v", err)
	}
}

func TestTheHashTellsSchemasApart(t *testing.T) {
	renamed := fstest.MapFS{"00001_uno.sql": one["00001_one.sql"]}
	edited := fstest.MapFS{"00001_one.sql": file("create table one (m int)")}
	seen := map[string]bool{}
	for _, fsys := range []fs.FS{one, two, renamed, edited, migrations.Files} {
		seen[migrations.HashOf(fsys)] = true
	}
	if len(seen) != 5 {
		t.Errorf("five schemas have %d hashes", len(seen))
	}
	if migrations.Hash() != migrations.HashOf(migrations.Files) {
		t.Error("the hash is not that of the embedded files")
	}
}

func TestTheMigrationsOnlyGoForward(t *testing.T) {
	names, err := fs.Glob(migrations.Files, "*.sql")
	if err != nil || len(names) == 0 {
		t.Fatalf("no migrations: %v", err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "+goose Down") {
			t.Errorf("%s can be taken back; write a further file instead", name)
		}
	}
}

func file(statements string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + statements + ";\n")}
}

func silent(string) {}

func mustBeNewer(t *testing.T, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, migrations.ErrNewer) {
		t.Fatalf("got %v, want ErrNewer", err)
	}
	for _, word := range append(words, "nothing was changed", "latest version") {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error lacks %q: %v", word, err)
		}
	}
}

func mustExist(t *testing.T, db *sqlx.DB, table string, want bool) {
	t.Helper()
	var exists bool
	if err := db.Get(&exists, "select to_regclass($1) is not null", table); err != nil {
		t.Fatal(err)
	}
	if exists != want {
		t.Errorf("table %s exists: %v, want %v", table, exists, want)
	}
}
