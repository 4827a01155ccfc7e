// Package storetest gives every test a Postgres database of its own.
//
//	db := storetest.New(t) // migrated, empty, dropped when the test ends
//
// All test processes of a machine share one private Postgres, without fsync and
// in memory where there is room. A keeper process holds it, stops it and
// removes its data once no test has used it for a minute, so that it outlives
// each test process but not the day's work. SALESBOT_TEST_DSN names another
// server to use instead; its user must be a superuser.
//
// Databases are copied from a template that is migrated once. Without a
// Postgres, tests are skipped on a developer's machine and fail in CI.
package storetest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/insights/store/pgserver"
	"salesbot/migrations"
)

// New answers a fresh, migrated database, as the application's role, which is
// no superuser. It is dropped when the test ends.
func New(tb testing.TB) *sqlx.DB {
	tb.Helper()
	return open(tb, DSN(tb))
}

// DSN is New for tests that connect by themselves. Connections that are open
// when the test ends are cut.
func DSN(tb testing.TB) string {
	tb.Helper()
	s := serverFor(tb)
	if err := s.ensure(tb.Context(), baseTemplate(), s.migrate); err != nil {
		tb.Fatalf("migrating the template database: %v", err)
	}
	return fresh(tb, s, baseTemplate())
}

// Empty answers a fresh database with no tables at all, for the migrations' own
// tests.
func Empty(tb testing.TB) *sqlx.DB {
	tb.Helper()
	return open(tb, fresh(tb, serverFor(tb), "template1"))
}

// Template makes the data set called name available to From: a migrated
// database on which load, which is given its DSN, has run. It runs once for a test binary and its name,
// however many tests and processes ask, so load must depend on nothing else; a
// changed test binary loads anew.
func Template(tb testing.TB, name string, load func(dsn string)) {
	tb.Helper()
	s := serverFor(tb)
	template := dataTemplate(tb, name)
	err := s.ensure(tb.Context(), template, func(ctx context.Context, building string) error {
		return s.load(ctx, building, load)
	})
	if err != nil {
		tb.Fatalf("loading the data set %q: %v", name, err)
	}
}

// From answers a fresh copy of the data set that Template made under this name.
// It is dropped when the test ends.
func From(tb testing.TB, name string) *sqlx.DB {
	tb.Helper()
	return open(tb, FromDSN(tb, name))
}

// FromDSN is From for tests that connect by themselves.
func FromDSN(tb testing.TB, name string) string {
	tb.Helper()
	s := serverFor(tb)
	template := dataTemplate(tb, name)
	if !s.isReady(template) {
		tb.Fatalf("the data set %q does not exist: call storetest.Template first", name)
	}
	return fresh(tb, s, template)
}

func open(tb testing.TB, dsn string) *sqlx.DB {
	tb.Helper()
	db, err := sqlx.Open("postgres", dsn)
	if err != nil {
		tb.Fatalf("opening the test's database: %v", err)
	}
	db.SetMaxOpenConns(10) // many tests share the server
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func fresh(tb testing.TB, s *server, template string) string {
	tb.Helper()
	ctx := tb.Context()
	name := testPrefix + strings.ToLower(rand.Text()[:16])
	if err := s.exec(ctx, create(name, template)); err != nil {
		tb.Fatalf("creating the test's database: %v", err)
	}
	tb.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
		defer cancel()
		if err := s.exec(ctx, drop(name)); err != nil {
			tb.Errorf("dropping the test's database: %v", err)
		}
	})
	return s.dsn(name)
}

// serverFor answers the shared server, or ends the test when there is none.
func serverFor(tb testing.TB) *server {
	tb.Helper()
	s, err := sharedServer()
	if errors.Is(err, pgserver.ErrNoPostgres) && os.Getenv("CI") == "" {
		tb.Skipf("this test needs Postgres: %v", err)
	}
	if err != nil {
		tb.Fatalf("this test needs Postgres: %v", err)
	}
	return s
}

const (
	basePrefix = "salesbot_base_"
	dataPrefix = "salesbot_data_"
	testPrefix = "salesbot_test_"
)

// How many databases of each kind are kept on a server that never rests: stale
// templates, and what killed tests left behind. Both are far above what runs at
// one time.
var retained = map[string]int{basePrefix: 10, dataPrefix: 30, testPrefix: 200}

var baseTemplate = sync.OnceValue(func() string { return basePrefix + migrations.Hash() })

// dataTemplate tells apart data sets that were loaded by different code: the
// server outlives a run of the tests, and the next one may load differently.
func dataTemplate(tb testing.TB, name string) string {
	tb.Helper()
	binary, err := binaryHash()
	if err != nil {
		tb.Fatalf("reading the test binary: %v", err)
	}
	sum := sha256.Sum256([]byte(migrations.Hash() + " " + binary + " " + name))
	return dataPrefix + hex.EncodeToString(sum[:])[:24]
}

var binaryHash = sync.OnceValues(func() (string, error) {
	path, err := os.Executable()
	if err != nil {
		return "", err
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return hex.EncodeToString(sum.Sum(nil)), err
})

func drop(name string) string {
	return "drop database if exists " + pq.QuoteIdentifier(name) + " with (force)"
}

func create(name, template string) string {
	return fmt.Sprintf("create database %s owner %s template %s",
		pq.QuoteIdentifier(name), role, pq.QuoteIdentifier(template))
}
