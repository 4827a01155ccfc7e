package storetest_test

import (
	"sync/atomic"
	"testing"

	"github.com/jmoiron/sqlx"
	"go.uber.org/goleak"

	"salesbot/insights/store/storetest"
	"salesbot/migrations"
)

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	a, b := storetest.New(t), storetest.New(t)
	a.MustExec("create table only_here (n int)")
	if get[bool](t, b, "select to_regclass('only_here') is not null") {
		t.Error("a table made in one database is there in another")
	}
}

func TestADatabaseIsMigratedAndBelongsToAnOrdinaryRole(t *testing.T) {
	db := storetest.New(t)
	n, _, err := migrations.Pending(t.Context(), db.DB)
	if err != nil || n != 0 {
		t.Errorf("%d migrations are missing, %v", n, err)
	}
	if get[bool](t, db, "select rolsuper or rolbypassrls from pg_roles where rolname = current_user") {
		t.Error("the tests' role is bound by no row-level security")
	}
	db.MustExec("create table probe (n int)")
	db.MustExec("alter table probe enable row level security")
}

func TestADatabaseIsGoneWhenItsTestEnds(t *testing.T) {
	var name string
	t.Run("a test", func(t *testing.T) {
		name = get[string](t, storetest.New(t), "select current_database()")
	})
	if get[bool](t, storetest.New(t), "select exists (select from pg_database where datname = '"+name+"')") {
		t.Errorf("%s is still there", name)
	}
}

func TestADataSetIsLoadedOnceAndCopiedForEachTest(t *testing.T) {
	var loads atomic.Int32
	load := func(dsn string) {
		loads.Add(1)
		db := sqlx.MustConnect("postgres", dsn)
		defer db.Close()
		db.MustExec("create table item as select generate_series(1, 1000) as n")
	}
	for _, name := range []string{"first", "second", "third"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Template(t, "items", load)
			db := storetest.From(t, "items")
			if got := get[int](t, db, "select count(*) from item"); got != 1000 {
				t.Errorf("%d items, want 1000", got)
			}
			if got := get[int](t, db, "select reltuples from pg_class where relname = 'item'"); got != 1000 {
				t.Errorf("the planner expects %d items, want 1000", got)
			}
			db.MustExec("delete from item")
		})
	}
	t.Cleanup(func() {
		if loads.Load() > 1 {
			t.Errorf("loaded %d times", loads.Load())
		}
	})
}

func TestNothingStaysOpenInTheTestProcess(t *testing.T) {
	storetest.New(t) // the server is there before we look
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("a test", func(t *testing.T) { storetest.New(t).MustExec("select 1") })
}

func get[T any](t *testing.T, db *sqlx.DB, query string) (value T) {
	t.Helper()
	if err := db.Get(&value, query); err != nil {
		t.Fatal(err)
	}
	return value
}
