package pgserver

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lib/pq"
)

// programVariable makes the test binary act as a program that uses the server
// in the folder named, until it is killed.
const programVariable = "PGSERVER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(programVariable); dir != "" {
		runProgram(dir)
	}
	os.Exit(m.Run())
}

func runProgram(dir string) {
	_, err := Start(context.Background(), Config{Dir: dir, Fast: true})
	fmt.Fprintln(os.Stdout, "started", err)
	select {}
}

func TestAColdStartMakesADatabaseForAnOrdinaryRole(t *testing.T) {
	dir := tempDir(t)
	var said []string
	s := start(t, Config{Dir: dir, Progress: func(line string) { said = append(said, line) }})

	if !s.Owned() {
		t.Error("the program that started the server does not own it")
	}
	if len(said) != 1 || !strings.Contains(said[0], dir) {
		t.Errorf("it must say once where the database is made, and said %q", said)
	}
	if got := query[string](t, s.DSN(), "select rolsuper || ' ' || rolbypassrls from pg_roles where rolname = current_user"); got != "false false" {
		t.Errorf("the application's role: superuser and bypassing row security are %s", got)
	}
	if got := query[bool](t, s.DSN(), "select similarity('acme', 'amce') > 0"); !got {
		t.Error("pg_trgm finds no similarity")
	}
	execute(t, s.DSN(), "create table kept (n int)")
	execute(t, s.AdminDSN(), "create database another owner salesbot")
	if got := query[string](t, s.at.dsn(appName, "another"), "select show_trgm('acme')::text"); got == "" {
		t.Error("a new database lacks pg_trgm")
	}
}

func TestASecondStartFindsTheDataOfTheFirst(t *testing.T) {
	dir := tempDir(t)
	first := start(t, Config{Dir: dir, Fast: true})
	execute(t, first.DSN(), "create table kept as select 7 as n")
	stop(t, first)
	mustNotRun(t, dir)

	second := start(t, Config{Dir: dir, Fast: true})
	if got := query[int](t, second.DSN(), "select n from kept"); got != 7 {
		t.Errorf("kept %d, want 7", got)
	}
}

func TestTheServerOfAKilledProgramIsAdopted(t *testing.T) {
	dir := tempDir(t)
	program := startProgram(t, dir)
	neighbour, err := Adopt(t.Context(), Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	execute(t, neighbour.DSN(), "create table kept as select 7 as n")
	before := pid(t, neighbour)
	stop(t, neighbour)
	kill(t, program)

	s := start(t, Config{Dir: dir, Fast: true})
	if s.Owned() {
		t.Error("an adopted server must not count as one's own")
	}
	if got := pid(t, s); got != before {
		t.Errorf("another server runs: process %d, not %d", got, before)
	}
	if got := query[int](t, s.DSN(), "select n from kept"); got != 7 {
		t.Errorf("kept %d, want 7", got)
	}
	stop(t, s)
	mustNotRun(t, dir)
}

func TestAKilledServerRecoversAtTheNextStart(t *testing.T) {
	dir := tempDir(t)
	first := start(t, Config{Dir: dir})
	execute(t, first.DSN(), "create table kept as select 7 as n")
	if err := syscall.Kill(pid(t, first), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}

	second := start(t, Config{Dir: dir})
	if got := query[int](t, second.DSN(), "select n from kept"); got != 7 {
		t.Errorf("kept %d, want 7", got)
	}
	stop(t, first) // it holds nothing any more, and must not disturb the second
	query[int](t, second.DSN(), "select n from kept")
}

func TestTwoProgramsOnAnEmptyFolderShareOneServerAndTheLastStopsIt(t *testing.T) {
	dir := tempDir(t)
	var servers [2]*Server
	var together sync.WaitGroup
	for i := range servers {
		together.Go(func() { servers[i] = start(t, Config{Dir: dir, Fast: true}) })
	}
	together.Wait()
	if t.Failed() {
		return
	}
	owner, adopter := servers[0], servers[1]
	if !owner.Owned() {
		owner, adopter = adopter, owner
	}
	if !owner.Owned() || adopter.Owned() {
		t.Fatalf("one must own the server and the other adopt it: %v and %v", owner.Owned(), adopter.Owned())
	}
	stop(t, owner)
	query[int](t, adopter.DSN(), "select 1")
	stop(t, adopter)
	mustNotRun(t, dir)
}

func TestStoppingTwiceDoesNothing(t *testing.T) {
	s := start(t, Config{Dir: tempDir(t), Fast: true})
	stop(t, s)
	stop(t, s)
}

func TestAServerThatLingersStopsWhenTheOthersHaveLeft(t *testing.T) {
	dir := tempDir(t)
	keeper := start(t, Config{Dir: dir, Fast: true})
	visitor := start(t, Config{Dir: dir, Fast: true})
	ended := make(chan error)
	go func() { ended <- keeper.Linger(t.Context(), time.Millisecond) }()

	query[int](t, visitor.DSN(), "select 1")
	select {
	case err := <-ended:
		t.Fatalf("it stopped under a visitor: %v", err)
	default:
	}
	stop(t, visitor)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	mustNotRun(t, dir)
}

func TestAFolderTooDeepForASocketIsServedWithAPassword(t *testing.T) {
	dir := filepath.Join(tempDir(t), strings.Repeat("deep/", 30))
	s := start(t, Config{Dir: dir, Fast: true})
	if !strings.Contains(s.DSN(), "host=127.0.0.1") {
		t.Fatalf("it listens at %s", s.at.socketDir)
	}
	query[int](t, s.DSN(), "select 1")
	guess := strings.Replace(s.DSN(), quote(s.at.password), "'guess'", 1)
	if err := ping(guess); err == nil {
		t.Error("any password opens the database")
	}
	info, err := os.Stat(s.home.password())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the password's file: %v %v", info, err)
	}
	adopter := start(t, Config{Dir: dir, Fast: true})
	query[int](t, adopter.DSN(), "select 1")
}

func TestDataOfAnotherVersionAreRefusedAndUntouched(t *testing.T) {
	dir := tempDir(t)
	data := filepath.Join(dir, "data")
	write(t, filepath.Join(data, "PG_VERSION"), "9\n")
	write(t, filepath.Join(data, "base", "1"), "precious")

	_, err := Start(t.Context(), Config{Dir: dir, Offline: true})
	mustSay(t, err, "version 9", "untouched", "apt-get install postgresql-9", "SALESBOT_POSTGRES_BIN")
	mustHold(t, filepath.Join(data, "base", "1"), "precious")
}

func TestAFolderWithOtherFilesIsRefusedAndUntouched(t *testing.T) {
	dir := tempDir(t)
	thesis := filepath.Join(dir, "data", "thesis.txt")
	write(t, thesis, "precious")

	_, err := Start(t.Context(), Config{Dir: dir})
	mustSay(t, err, "no database", "nothing was changed", "SALESBOT_DATA")
	mustHold(t, thesis, "precious")
}

func TestAnInterruptedCreationIsBegunAgain(t *testing.T) {
	dir := tempDir(t)
	write(t, filepath.Join(dir, unfinishedPrefix+"1", "PG_VERSION"), "15")
	start(t, Config{Dir: dir, Fast: true})
	left, err := filepath.Glob(filepath.Join(dir, unfinishedPrefix+"*"))
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// After a crash and a reboot the number in the lock file may belong to any
// program of the same user. Postgres alone would refuse to start.
func TestALockFileThatNamesAnotherProgramDoesNotStopTheStart(t *testing.T) {
	dir := tempDir(t)
	first := start(t, Config{Dir: dir, Fast: true})
	note := filepath.Join(dir, "data", "postmaster.pid")
	text, err := os.ReadFile(note)
	if err != nil {
		t.Fatal(err)
	}
	stop(t, first)
	bystander := exec.Command("sleep", "600")
	bystander.SysProcAttr = first.home.account.process()
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(t, bystander) })
	_, rest, _ := strings.Cut(string(text), "\n")
	write(t, note, fmt.Sprintf("%d\n%s", bystander.Process.Pid, rest))
	if err := first.home.account.own(note); err != nil {
		t.Fatal(err)
	}

	s := start(t, Config{Dir: dir, Fast: true})
	if !s.Owned() {
		t.Error("it adopted a program that is no Postgres")
	}
}

func TestRootRunsTheServerAsSomebodyElse(t *testing.T) {
	asRoot(t)
	s := start(t, Config{Dir: tempDir(t), Fast: true})
	info, err := os.Stat(fmt.Sprintf("/proc/%d", pid(t, s)))
	if err != nil {
		t.Skip(err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 {
		t.Error("Postgres runs as root")
	}
}

func TestRootIsToldWhichFolderIsClosed(t *testing.T) {
	asRoot(t)
	closed := filepath.Join(tempDir(t), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), Config{Dir: filepath.Join(closed, "salesbot")})
	mustSay(t, err, "cannot enter "+closed, "nothing was changed", "SALESBOT_DATA")
}

func TestAdoptingWhereNothingRunsSaysSo(t *testing.T) {
	if _, err := Adopt(t.Context(), Config{Dir: tempDir(t)}); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v", err)
	}
}

func TestAStartThatIsCalledOffLeavesNothingRunning(t *testing.T) {
	dir := tempDir(t)
	stop(t, start(t, Config{Dir: dir, Fast: true}))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Config{Dir: dir, Fast: true}); err == nil {
		t.Error("it started all the same")
	}
	mustNotRun(t, dir)
}

func TestRootKeepsDataWhereAnotherUserReachesThem(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/data/of/the/user")
	want := "/data/of/the/user/salesbot"
	if os.Geteuid() == 0 {
		want = "/var/lib/salesbot"
	}
	if got, err := DefaultDir("salesbot"); got != want || err != nil {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// tempDir is in memory where possible and, unlike t.TempDir, open to the user
// that root runs Postgres as.
func tempDir(t *testing.T) string {
	t.Helper()
	parent := "/dev/shm"
	if _, err := os.Stat(parent); err != nil {
		parent = ""
	}
	dir, err := os.MkdirTemp(parent, "pgserver") //nolint:usetesting // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	cfg.Offline = true
	s, err := Start(t.Context(), cfg)
	if errors.Is(err, ErrNoPostgres) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	if err != nil {
		t.Error(err)
		return nil
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func startProgram(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), programVariable+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(t, cmd) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if line != "started <nil>\n" {
		t.Fatalf("the other program says %q, %v", line, err)
	}
	return cmd
}

func kill(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Error(err)
	}
	_ = cmd.Wait()
}

func pid(t *testing.T, s *Server) int {
	t.Helper()
	file, err := s.home.readPID()
	if err != nil || file.pid == 0 {
		t.Fatalf("no server runs: %v", err)
	}
	return file.pid
}

func mustNotRun(t *testing.T, dir string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, "data", "postmaster.pid")); !os.IsNotExist(err) {
		t.Errorf("a server still runs: %v", err)
	}
}

func mustSay(t *testing.T, err error, words ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("the error lacks %q: %v", word, err)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func mustHold(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); string(got) != want {
		t.Errorf("%s holds %q, %v", path, got, err)
	}
}

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root switches to another user")
	}
}

func query[T any](t *testing.T, dsn, text string) (value T) {
	t.Helper()
	err := with(dsn, func(db *sql.DB) error { return db.QueryRow(text).Scan(&value) })
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func execute(t *testing.T, dsn, text string) {
	t.Helper()
	err := with(dsn, func(db *sql.DB) error { _, err := db.Exec(text); return err })
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func ping(dsn string) error {
	return with(dsn, (*sql.DB).Ping)
}

func with(dsn string, use func(*sql.DB) error) error {
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	return use(db)
}
