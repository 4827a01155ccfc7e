package store_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store"
	"salesbot/insights/store/pgserver"
	"salesbot/insights/store/storetest"
	"salesbot/migrations"
)

const password = "hunter2"

func TestWhyADatabaseCannotBeOpenedIsSaidWithoutThePassword(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := closed.Addr().String()
	closed.Close()
	dsn := storetest.DSN(t)
	cases := map[string]struct{ dsn, code string }{
		"no address":          {"postgres://bob:" + password + "@host:port/db", "bad_database_url"},
		"a strange parameter": {"host=localhost password=" + password + " nonsense", "bad_database_url"},
		"nobody there":        {"postgres://bob:" + password + "@" + gone + "/db", "database_unreachable"},
		"an unknown host":     {"postgres://bob:" + password + "@nowhere.invalid/db", "database_unreachable"},
		"an unknown database": {dsn + " dbname=nothing_of_the_kind password=" + password, "database_unknown"},
		"an unknown user":     {dsn + " user=nobody_of_the_kind password=" + password, "database_login"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := store.Open(t.Context(), c.dsn)
			var told *insights.Error
			if !errors.As(err, &told) {
				t.Fatalf("got %v", err)
			}
			if told.Code != c.code || told.Hint == "" {
				t.Errorf("told %q: %s", told.Code, told)
			}
			for _, text := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprint(told.Err)} {
				if strings.Contains(text, password) {
					t.Errorf("the password is in %q", text)
				}
			}
		})
	}
}

func TestADatabaseWithoutTablesIsToldApart(t *testing.T) {
	t.Parallel()
	server := private(t, privateDir(t))
	_, err := store.Open(t.Context(), server.DSN())
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "not_migrated" {
		t.Errorf("got %v", err)
	}
}

func TestTheStoreReconnectsWhenTheDatabaseComesBack(t *testing.T) {
	t.Parallel()
	dir := privateDir(t)
	server := private(t, dir)
	s, err := store.Connect(t.Context(), server.DSN())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := migrations.Up(t.Context(), s.DB(), func(string) {}); err != nil {
		t.Fatal(err)
	}
	apply(t, s, acme())

	if err := server.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(t.Context(), nil)
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "database_unreachable" {
		t.Errorf("while it is down: %v", err)
	}
	private(t, dir)
	if r, err := s.Read(t.Context(), nil); err != nil || r.Revision != 1 {
		t.Errorf("when it is back: %+v, %v", r, err)
	}
}

func TestTheDeadlineOfAQuestionIsKept(t *testing.T) {
	s, began := open(t), time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := s.Read(ctx, []metric.Statement{{SQL: `select 1`}, {SQL: `select pg_sleep(0.05)`}, {SQL: `select pg_sleep(20)`}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	for running := true; running; { // until the server has heard of it
		err := s.DB().QueryRowContext(t.Context(), `
			select exists (select from pg_stat_activity where datname = current_database() and state = 'active' and query like '%pg_sleep(20)%' and pid <> pg_backend_pid())`).Scan(&running)
		if err != nil {
			t.Fatal(err)
		}
		if time.Since(began) > 10*time.Second {
			t.Fatal("the server still counts what nobody waits for")
		}
	}
	if _, err := s.Read(t.Context(), nil); err != nil {
		t.Errorf("and afterwards: %v", err)
	}
}

// privateDir is a folder for a Postgres of the test's own, open to the user
// that it may have to run as.
func privateDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "store") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// private starts Postgres on a folder, which this test alone uses.
func private(t *testing.T, dir string) *pgserver.Server {
	t.Helper()
	server, err := pgserver.Start(t.Context(), pgserver.Config{Dir: dir, Offline: true, Fast: true})
	if errors.Is(err, pgserver.ErrNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), patience)
		defer cancel()
		if err := server.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
	return server
}
