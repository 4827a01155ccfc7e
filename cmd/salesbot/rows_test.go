package main

import (
	"context"
	"database/sql"
	"maps"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// open connects to a database until the test ends.
func open(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(2) // many tests share the server
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// rowsOf sums up all rows of each table, so that two sums are equal when
// nothing was changed between them. The queue's notes about which program
// leads it are no data.
func rowsOf(t *testing.T, dsn string) map[string]string {
	t.Helper()
	db := open(t, dsn)
	defer db.Close()
	sums := map[string]string{}
	for _, table := range texts(t, db, `
		select quote_ident(tablename) from pg_tables
		where schemaname = 'public' and tablename not in ('river_leader', 'river_queue', 'river_client', 'river_client_queue')`) {
		sums[table] = text(t, db, `
			select count(*) || ' rows ' || coalesce(md5(string_agg(md5(r::text), '' order by md5(r::text))), '') from `+table+` r`)
	}
	return sums
}

// facts leaves out when the facts were last confirmed.
func facts(sums map[string]string) map[string]string {
	sums = maps.Clone(sums)
	delete(sums, "head")
	return sums
}

func unchanged(t *testing.T, before, after map[string]string) {
	t.Helper()
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the database was changed (-before +after)\n%s", diff)
	}
}

// text is the one value that a query answers.
func text(t *testing.T, db *sql.DB, query string, args ...any) string {
	t.Helper()
	found := texts(t, db, query, args...)
	if len(found) != 1 {
		t.Fatalf("%d rows instead of one: %s", len(found), query)
	}
	return found[0]
}

// texts are the values of the one column that a query answers.
func texts(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(context.WithoutCancel(t.Context()), query, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	defer rows.Close()
	var found []string
	for rows.Next() {
		var value string
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
		found = append(found, value)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

// openDir is a folder that the user whom Postgres runs as may enter, which
// t.TempDir is not.
func openDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "salesbot") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}
