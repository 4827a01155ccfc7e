package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/cmd/salesbot/company"
	"salesbot/handlers"
	"salesbot/insights/store/storetest"
)

// anchor is the day on which the made-up company of the tests stands still.
var anchor = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)

// clock goes on from nine o'clock of that day, so that what the scripts call
// "this quarter" has deals in it whenever they are run.
func clock() time.Time { return anchor.Add(9*time.Hour + time.Since(started)) }

var started = time.Now()

// house is the whole program: a real Postgres with a data set, the local
// workspace, and the bot connected to it over a real socket.
type house struct {
	workspace *workspacetest.Workspace
	users     []workspace.User
	desk      *handlers.Desk
	db        *database
	settings  settings
}

// startHouse runs the program on a copy of a data set, and with more in its
// environment, until the test ends.
func startHouse(t testing.TB, data string, more ...string) *house {
	t.Helper()
	p, env := testProgram(t, loaded(t, data), more...)
	s, err := readSettings(env)
	if err != nil {
		t.Fatal(err)
	}
	s.Admins = append(s.Admins, demoAdmin.Email)
	db, err := p.openDatabase(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	people, err := db.People(t.Context(), clock())
	if err != nil {
		t.Fatal(err)
	}
	cfg := demoWorkspace(people)
	cfg.Now = clock
	slack := workspacetest.Start(t, cfg)
	s.AppToken, s.BotToken, s.SlackAPI = "xapp-test", "xoxb-test", slack.URL+"/api/"
	ctx, cancel := context.WithCancel(t.Context())
	ready, done := make(chan struct{}), make(chan error, 1)
	go func() {
		done <- p.serve(ctx, s, db, func(context.Context) error { close(ready); return nil })
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the bot stopped with: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	select {
	case <-ready:
	case err := <-done:
		done <- err
		t.Fatalf("the bot did not start: %v", err)
	}
	return &house{workspace: slack, users: cfg.Users, desk: p.desk(s, db), db: db, settings: s}
}

func (h *house) person(t testing.TB, realName string) *workspacetest.Person {
	t.Helper()
	for _, u := range h.users {
		if u.RealName == realName {
			return h.workspace.As(u.ID)
		}
	}
	t.Fatalf("nobody is called %q", realName)
	return nil
}

// testProgram is a run of salesbot on a database, its log in the test's.
func testProgram(t testing.TB, dsn string, env ...string) (program, []string) {
	t.Helper()
	environ := append([]string{"DATABASE_URL=" + dsn, "SALESBOT_LOG=warn"}, env...)
	return program{In: strings.NewReader(""), Environ: environ, Out: io.Discard, Err: &testLog{t: t}, Now: clock}, environ
}

// testLog writes lines into a test's log while the test runs.
type testLog struct {
	mu sync.Mutex
	t  testing.TB
}

func (l *testLog) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.t.Context().Err() == nil {
		l.t.Log(strings.TrimRight(string(b), "\n"))
	}
	return len(b), nil
}

// loaded returns a database of its own with a data set in it. Each set is
// imported once a run and copied for each test.
func loaded(t testing.TB, data string) string {
	t.Helper()
	args := importArguments(t, data)
	storetest.Template(t, data, func(dsn string) {
		_, environ := testProgram(t, dsn)
		if out, errOut, code := salesbot(t, environ, args...); code != 0 {
			t.Fatalf("loading %s failed:\n%s%s", data, out, errOut)
		}
	})
	return storetest.FromDSN(t, data)
}

func importArguments(t testing.TB, data string) []string {
	t.Helper()
	if data == "maven" {
		return []string{"import", "--mapping", "maven", testdata(t, "maven_crm")}
	}
	dir := filepath.Join(t.TempDir(), "company")
	if err := company.Write(dir, anchor); err != nil {
		t.Fatal(err)
	}
	return []string{"import", dir}
}

// testdata is a folder of exports that others wrote.
func testdata(t testing.TB, folder string) string {
	t.Helper()
	root := os.Getenv("SALESBOT_TESTDATA")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "data")
	}
	dir := filepath.Join(root, folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no %s: set SALESBOT_TESTDATA to the folder that holds it", dir)
	}
	return dir
}

// salesbot runs one command line and returns what it printed.
func salesbot(t testing.TB, environ []string, args ...string) (out, errOut string, code int) {
	t.Helper()
	return salesbotAt(t, clock, environ, args...)
}

// salesbotAt runs the program by another clock.
func salesbotAt(t testing.TB, now func() time.Time, environ []string, args ...string) (out, errOut string, code int) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := program{In: strings.NewReader(""), Environ: environ, Out: &stdout, Err: &stderr, Now: now}
	code = p.run(t.Context(), args)
	return stdout.String(), stderr.String(), code
}
