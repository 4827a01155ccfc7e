package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"salesbot/bot/workspace"
	"salesbot/bot/workspace/workspacetest"
	"salesbot/insights/store/pgserver"
)

// patience is how long anything is waited for here.
const patience = 90 * time.Second

// killing is a moment of an import at which its process is killed.
type killing struct {
	name string
	lock string // held by somebody else, so that the import waits there; empty: it is caught running
	// seen counts the sessions that have come there; empty: so many bytes of the
	// file have been read.
	seen string
	read int64
}

// killings go through an import from its beginning to its end.
func killings(size int64) []killing {
	const copying = `select count(*) from pg_stat_activity where datname = current_database() and query like 'copy staged_opportunity%'`
	return []killing{
		{name: "before it reads", lock: `lock table stage in access exclusive mode`, seen: seenWaiting},
		{name: "when it reads the first bytes", read: 1},
		{name: "when it has read half of the file", read: size / 2},
		{name: "while it copies", seen: copying},
		{name: "while it waits for another import", lock: `select from head for update`, seen: seenWaiting},
		{name: "when it looks for owners", lock: `lock table person in access exclusive mode`, seen: seenWaiting},
		{name: "when it compares deals", lock: `lock table opportunity in access exclusive mode`, seen: seenWaiting},
		{name: "when it writes deals", lock: `lock table opportunity in exclusive mode`, seen: seenWaiting},
		{name: "when it writes the log", lock: `lock table opportunity_change in exclusive mode`, seen: seenWaiting},
		{name: "when it keeps what it replaces", lock: `lock table import_before in exclusive mode`, seen: seenWaiting},
		{name: "when all is written but it is not numbered", lock: lockNumbering, seen: seenNumbering},
	}
}

func TestAnImportThatIsKilledLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	dsn := loaded(t, "company")
	before := rowsOf(t, dsn)
	file := filepath.Join(manyDeals(t), "opportunities.csv")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	environ := []string{"DATABASE_URL=" + dsn}
	db := open(t, dsn)
	for _, k := range killings(info.Size()) {
		release := locked(t, db, k.lock)
		p := startProcess(t, "", environ, "import", file)
		if k.seen != "" {
			await(t, db, "the import to be caught "+k.name, k.seen, "1")
		} else {
			p.waitUntilRead(file, k.read)
		}
		p.kill()
		release()
		await(t, db, "the sessions of the killed import to end", sessions, "0")
		if diff := cmp.Diff(before, rowsOf(t, dsn)); diff != "" {
			t.Fatalf("killed %s, it left (-before +after)\n%s", k.name, diff)
		}
	}
	out, errOut, code := salesbot(t, environ, "import", file)
	if code != 0 || !strings.Contains(out, "Imported as revision 2") {
		t.Fatalf("the same import then ends with %d:\n%s%s", code, out, errOut)
	}
	wantManyDeals(t, db)
}

func TestAnImportThatIsKilledWhenItIsDoneLeavesAllOfIt(t *testing.T) {
	t.Parallel()
	dsn := loaded(t, "company")
	dir := manyDeals(t)
	environ := []string{"DATABASE_URL=" + dsn}
	p := startProcess(t, stepPrinted, environ, "import", dir)
	p.waitFor("held")
	p.kill()
	wantManyDeals(t, open(t, dsn))
	out, errOut, code := salesbot(t, environ, "import", dir)
	if code != 0 || !strings.Contains(out, "Nothing is new: still at revision 2") {
		t.Fatalf("the same import then ends with %d:\n%s%s", code, out, errOut)
	}
}

func wantManyDeals(t *testing.T, db *sql.DB) {
	t.Helper()
	if n := text(t, db, `select count(*) from opportunity where external_id like 'BIG-%'`); n != strconv.Itoa(many) {
		t.Errorf("%s deals are there, want %d", n, many)
	}
}

// waitUntilRead waits until the process has read so many bytes of a file, which
// it has open: the kernel knows where it is.
func (p *process) waitUntilRead(file string, bytes int64) {
	p.t.Helper()
	of := filepath.Join("/proc", strconv.Itoa(p.command.Process.Pid))
	if _, err := os.Stat(of); err != nil {
		p.t.Skipf("no %s, so nobody can tell how far a process has read", of)
	}
	until(p.t, "so much to be read", func() (string, bool) {
		open, err := os.ReadDir(filepath.Join(of, "fd"))
		if err != nil {
			return err.Error(), false
		}
		for _, fd := range open {
			if path, err := os.Readlink(filepath.Join(of, "fd", fd.Name())); err != nil || path != file {
				continue
			}
			var at int64
			info, err := os.ReadFile(filepath.Join(of, "fdinfo", fd.Name()))
			if _, scanErr := fmt.Sscanf(string(info), "pos: %d", &at); err == nil && scanErr == nil && at >= bytes {
				return "", true
			}
		}
		return "", false
	})
}

// Sessions of the program, and those that wait for a lock.
const (
	sessions    = `select count(*) from pg_stat_activity where datname = current_database() and application_name = 'salesbot' and pid <> pg_backend_pid()`
	seenWaiting = sessions + ` and wait_event_type = 'Lock'`
)

// The last step of an import, and how to hold an import before it.
const (
	lockNumbering = `lock table import in exclusive mode`
	seenNumbering = `select count(*) from pg_stat_activity
		where datname = current_database() and wait_event_type = 'Lock' and query like '%insert into import %'`
)

const many = 50_000

// manyDeals writes an export that is large enough to be caught in the middle.
func manyDeals(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("external_id,owner,stage,amount,close_on,account\n")
	for i := range many {
		fmt.Fprintf(&b, "BIG-%d,M%d,Won,%d.50,2026-%02d-%02d,\n", i, i%6+1, 1000+i, i%9+1, i%28+1)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "opportunities.csv"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return dir
}

// locked holds a lock until it is released.
func locked(t *testing.T, db *sql.DB, lock string) (release func()) {
	t.Helper()
	if lock == "" {
		return func() {}
	}
	tx, err := db.BeginTx(context.WithoutCancel(t.Context()), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(lock); err != nil {
		t.Fatal(err)
	}
	return func() { _ = tx.Rollback() }
}

// await asks the database until it answers what is wanted.
func await(t *testing.T, db *sql.DB, what, query, want string) {
	t.Helper()
	until(t, what, func() (string, bool) {
		got := text(t, db, query)
		return got, got == want
	})
}

// until looks again and again until what is looked for is there.
func until(t *testing.T, what string, look func() (got string, ok bool)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	often := time.NewTicker(5 * time.Millisecond)
	defer often.Stop()
	for {
		got, ok := look()
		if ok {
			return
		}
		select {
		case <-often.C:
		case <-ctx.Done():
			t.Fatalf("waited in vain for %s; last seen: %s", what, got)
		}
	}
}

// Three people ask: one in a direct message, one with a command, one with a
// mention. Only what is said in a direct message can be looked up afterwards.
func TestABotThatIsKilledLosesNothingAndSaysNothingTwice(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		hold    step
		faults  []map[string]any
		seen    map[string]int    // answers each of them sees in the end
		records map[string]string // the ledger, by the way of saying
	}{
		{name: "before what was asked is acknowledged", hold: stepKept, seen: seenBy(1, 1, 1), records: ledger("sent", "sent", "sent")},
		{name: "before the answer is recorded", hold: stepAnswered, seen: seenBy(1, 1, 1), records: ledger("sent", "sent", "sent")},
		{name: "before the answer is said", hold: stepRecorded, seen: seenBy(1, 0, 0), records: ledger("sent", "unconfirmed", "unconfirmed")},
		{name: "while Slack is taking the answer", faults: eachWay(map[string]any{"delay_ms": 60_000}),
			seen: seenBy(1, 1, 1), records: ledger("sent", "unconfirmed", "unconfirmed")},
		{name: "before Slack's answer is on record", hold: stepConcluded, seen: seenBy(1, 1, 1), records: ledger("sent", "unconfirmed", "unconfirmed")},
		{name: "when Slack's answer was lost", hold: stepConcluded, faults: eachWay(map[string]any{"error": "lost_response"}),
			seen: seenBy(1, 1, 1), records: ledger("sent", "unconfirmed", "unconfirmed")},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			for _, f := range test.faults {
				s.Fault(f)
			}
			first := s.serve(test.hold)
			s.WaitForConnections(2)
			if acked := s.ask(); acked != (test.hold != stepKept) {
				t.Errorf("all was acknowledged: %v", acked)
			}
			if test.hold != "" {
				first.waitHeld(3)
			} else {
				s.waitForFaults()
			}
			first.kill()
			s.WaitForConnections(0)

			second := s.serve("")
			s.WaitForConnections(2)
			s.Socket("retry")
			await(t, s.db, "everything to be finished", `
				select (select count(*) from inbox where done_at is null) || ' ' || (select count(*) from delivery where finished_at is null)
				       || ' ' || (select count(*) from inbox) || ' ' || (select count(*) from audit)`, "0 0 3 3")
			second.stop()
			if diff := cmp.Diff(test.seen, s.answers()); diff != "" {
				t.Errorf("answers seen (-want +got)\n%s", diff)
			}
			if diff := cmp.Diff(test.records, s.ledger()); diff != "" {
				t.Errorf("the ledger (-want +got)\n%s", diff)
			}
		})
	}
}

// The job that looks after a question dies with the process that has begun it.
func TestAQuestionWhoseSecondBotIsKilledTooIsAnsweredByTheThird(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	for _, hold := range []step{stepKept, stepClaimed} {
		p := s.serve(hold)
		s.WaitForConnections(2)
		if hold == stepKept {
			s.As("ingrid").Say("dm", "won revenue")
		}
		p.waitHeld(1)
		p.kill()
		s.WaitForConnections(0)
	}
	third := s.serve("")
	s.WaitForConnections(2)
	await(t, s.db, "everything to be finished", `
		select (select count(*) from inbox where done_at is null) || ' ' || (select count(*) from delivery where finished_at is null)
		       || ' ' || (select count(*) from delivery)`, "0 0 1")
	third.stop()
	if n := s.heard("ingrid", "dm"); n != 1 {
		t.Errorf("the question has %d answers", n)
	}
}

func seenBy(direct, command, mention int) map[string]int {
	return map[string]int{"direct message": direct, "command": command, "mention": mention}
}

func ledger(direct, command, mention string) map[string]string {
	return map[string]string{"channel": direct, "response_url": command, "ephemeral": mention}
}

func eachWay(fault map[string]any) []map[string]any {
	var out []map[string]any
	for _, method := range []string{"chat.postMessage", "response_url", "chat.postEphemeral"} {
		f := maps.Clone(fault)
		f["method"] = method
		out = append(out, f)
	}
	return out
}

// scene is a workspace and a database in which processes come and go.
type scene struct {
	*workspacetest.Workspace
	t   *testing.T
	dsn string
	db  *sql.DB
}

func newScene(t *testing.T) *scene {
	t.Helper()
	dsn := loaded(t, "company")
	return &scene{Workspace: workspacetest.Start(t, smallWorkspace()), t: t, dsn: dsn, db: open(t, dsn)}
}

// smallWorkspace has people of the made-up company. What was not acknowledged
// is sent again only when the test says so.
func smallWorkspace() workspace.Config {
	cfg := workspace.Config{
		RetryDelays: []time.Duration{time.Hour, time.Hour, time.Hour},
	}
	everybody := []string{"salesbot"}
	for _, name := range []string{"Ingrid Solheim", "Tobias Renner", "Haruka Nomura", "Odile Marchetti"} {
		handle := strings.ToLower(strings.Fields(name)[0])
		email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@tidewater.example"
		cfg.Users = append(cfg.Users, workspace.User{Name: handle, RealName: name, Email: email})
		everybody = append(everybody, handle)
	}
	cfg.Channels = []workspace.Channel{{Name: "sales", Members: everybody}}
	return cfg
}

func (s *scene) serve(hold step) *process {
	s.t.Helper()
	return startProcess(s.t, hold, slackEnviron(s.Workspace, "DATABASE_URL="+s.dsn), "serve")
}

func slackEnviron(w *workspacetest.Workspace, more ...string) []string {
	return append([]string{"SLACK_APP_TOKEN=xapp-test", "SLACK_BOT_TOKEN=xoxb-test", "SLACK_API_URL=" + w.URL + "/api/", "SALESBOT_LOG=warn"}, more...)
}

// ask has three people ask, and reports whether all of it was acknowledged. It
// does not wait for answers.
func (s *scene) ask() (acked bool) {
	s.t.Helper()
	direct := s.As("ingrid").Say("dm", "won revenue")
	command := s.As("tobias").Command("sales", "/kpi", "won revenue")
	mention := s.As("haruka").Say("sales", "@salesbot won revenue")
	return direct.Delivery.Acked && command.Delivery.Acked && mention.Delivery.Acked
}

// answers counts what the bot said to each of those who asked.
func (s *scene) answers() map[string]int {
	s.t.Helper()
	return map[string]int{
		"direct message": s.heard("ingrid", "dm"), "command": s.heard("tobias", "sales"), "mention": s.heard("haruka", "sales"),
	}
}

func (s *scene) heard(who, channel string) int {
	s.t.Helper()
	n := 0
	for _, m := range s.As(who).See(channel) {
		if m.Name == "salesbot" {
			n++
		}
	}
	return n
}

func (s *scene) ledger() map[string]string {
	s.t.Helper()
	states := map[string]string{}
	for _, line := range texts(s.t, s.db, `select (target->>'kind') || ' ' || state from delivery`) {
		kind, state, _ := strings.Cut(line, " ")
		states[kind] = state
	}
	return states
}

// waitForFaults waits until all faults have struck: the calls are under way.
func (s *scene) waitForFaults() {
	s.t.Helper()
	until(s.t, "the calls to be under way", func() (string, bool) {
		response, err := http.Get(s.URL + "/sim/state")
		if err != nil {
			s.t.Fatal(err)
		}
		defer response.Body.Close()
		var state struct{ Faults []any }
		if err := json.NewDecoder(response.Body).Decode(&state); err != nil {
			s.t.Fatal(err)
		}
		return fmt.Sprint(state.Faults), len(state.Faults) == 0
	})
}

func TestTwoReplicasAnswerEachQuestionOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	first, second := s.serve(""), s.serve("")
	s.WaitForConnections(4)
	people := []string{"ingrid", "tobias", "haruka", "odile"}
	const rounds = 3
	// Slack sends every event twice, as it does when an ack is lost: the
	// second time, perhaps, to the other replica.
	s.Fault(map[string]any{"method": "events_api", "error": "duplicate", "times": rounds * len(people)})
	for range rounds {
		for _, who := range people {
			s.As(who).Say("dm", "won revenue")
		}
	}
	await(t, s.db, "everything to be said",
		`select count(*) filter (where state = 'sent') || ' of ' || count(*) from delivery`, fmt.Sprintf("%[1]d of %[1]d", rounds*len(people)))
	first.stop()
	second.stop()
	for _, who := range people {
		if n := s.heard(who, "dm"); n != rounds {
			t.Errorf("%s hears %d answers to %d questions", who, n, rounds)
		}
	}
}

func TestTwoProgramsShareADataFolderAndOutliveEachOther(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	data := openDir(t)
	w := workspacetest.Start(t, smallWorkspace())
	environ := slackEnviron(w, "SALESBOT_DATA="+data)
	ingrid := w.As("ingrid")

	first := startProcess(t, "", environ, "serve")
	w.WaitForConnections(2) // it has created the database and started Postgres
	importCompany(t, environ)
	want := won(t, environ)
	ingrid.Say("dm", "won revenue")
	ingrid.WaitForText("dm", want)

	// The one that started Postgres is killed: the next adopts what runs.
	second := startProcess(t, "", environ, "serve")
	w.WaitForConnections(4)
	first.kill()
	w.WaitForConnections(2)
	if got := won(t, environ); got != want {
		t.Errorf("after a kill the answer is %q, want %q", got, want)
	}
	ingrid.Say("dm", "won revenue by quarter")
	ingrid.WaitForText("dm", "by quarter")

	// Both are killed, the program and its Postgres: the next recovers it.
	note, err := os.ReadFile(filepath.Join(data, homeFolder, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.Fields(string(note))[0])
	if err != nil {
		t.Fatal(err)
	}
	second.kill()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := won(t, environ); got != want {
		t.Errorf("after killing Postgres too the answer is %q, want %q", got, want)
	}
}

// won is the answer to a question from the terminal.
func won(t *testing.T, environ []string) string {
	t.Helper()
	out, errOut, code := salesbot(t, environ, "ask", "--json", "won revenue")
	var answer struct{ Headline string }
	if err := json.Unmarshal([]byte(out), &answer); code != 0 || err != nil || answer.Headline == "" {
		t.Fatalf("asking ends with %d (%v):\n%s%s", code, err, out, errOut)
	}
	return answer.Headline
}

func importCompany(t *testing.T, environ []string) {
	t.Helper()
	if out, errOut, code := salesbot(t, environ, importArguments(t, "company")...); code != 0 {
		t.Fatalf("importing ends with %d:\n%s%s", code, out, errOut)
	}
}

// needPostgres skips where there is no Postgres to start, as storetest does.
func needPostgres(t *testing.T) {
	t.Helper()
	_ = loaded(t, "company")
}

func TestTheDatabaseMayRestartWhileTheBotServes(t *testing.T) {
	t.Parallel()
	needPostgres(t)
	cfg := pgserver.Config{Dir: openDir(t), Fast: true, Offline: true}
	server := startPostgres(t, cfg)
	w := workspacetest.Start(t, smallWorkspace())
	environ := slackEnviron(w, "DATABASE_URL="+server.DSN())
	if _, errOut, code := salesbot(t, environ, "migrate"); code != 0 {
		t.Fatal(errOut)
	}
	importCompany(t, environ)
	want := won(t, environ)
	bot := startProcess(t, "", environ, "serve")
	w.WaitForConnections(2)
	ingrid, tobias := w.As("ingrid"), w.As("tobias")
	ingrid.Say("dm", "won revenue")
	ingrid.WaitForText("dm", want)

	if err := stopWithin(server.Stop); err != nil {
		t.Fatal(err)
	}
	if d := ingrid.Say("dm", "won revenue by quarter").Delivery; d.Acked {
		t.Error("an event was acknowledged that nobody kept")
	}
	ack, _ := tobias.Command("sales", "/kpi", "won revenue").Delivery.Payload["text"].(string)
	if !strings.Contains(ack, "nothing of this was kept") {
		t.Errorf("the command was acknowledged with %q", ack)
	}

	again := startPostgres(t, cfg)
	if again.DSN() != server.DSN() {
		t.Fatalf("the database came back elsewhere: %s", again.DSN())
	}
	w.Socket("retry")
	ingrid.WaitForText("dm", "by quarter")
	tobias.Command("sales", "/kpi", "won revenue")
	tobias.WaitForText("sales", want)
	bot.stop()
	if n := len(w.Calls("chat.postMessage")); n != 2 {
		t.Errorf("%d messages for 2 questions", n)
	}
}

func startPostgres(t *testing.T, cfg pgserver.Config) *pgserver.Server {
	t.Helper()
	server, err := pgserver.Start(t.Context(), cfg)
	if errors.Is(err, pgserver.ErrNoPostgres) {
		t.Skipf("this test needs Postgres: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stopWithin(server.Stop); err != nil {
			t.Error(err)
		}
	})
	return server
}
