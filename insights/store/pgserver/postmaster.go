package pgserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	poll       = 10 * time.Millisecond
	patience   = 30 * time.Second // for a predecessor to answer, or to be gone
	maxLogSize = 10 << 20
)

// postmaster is a server process that we started.
type postmaster struct {
	pid    int
	exited chan struct{}
	logAt  int64 // where its part of the log begins
}

// adopt joins the server that runs on the data, if there is one.
func (s *Server) adopt(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		file, err := s.home.readPID()
		if err != nil || !isPostgres(file.pid) {
			return false, err
		}
		if !sameFolder(file.data, s.home.data()) {
			return false, fmt.Errorf("%s looks like a copy of %s, made while Postgres (process %d) ran there; nothing was changed; stop that server, copy again, and start salesbot", s.home.data(), file.data, file.pid)
		}
		s.at = s.home.endpointOf(file)
		if s.isOurs(ctx) {
			return true, nil
		}
		if pause(ctx, poll) != nil {
			return false, fmt.Errorf("a Postgres (process %d) runs on %s but does not answer; the data are kept; stop it with \"kill -INT %d\" and start salesbot again", file.pid, s.home.data(), file.pid)
		}
	}
}

// isOurs reports whether the server that answers is the one on our data.
func (s *Server) isOurs(ctx context.Context) bool {
	db, err := s.connect(adminName)
	if err != nil {
		return false
	}
	defer db.Close()
	var data string
	err = db.QueryRowContext(ctx, "show data_directory").Scan(&data)
	return err == nil && sameFolder(data, s.home.data())
}

func sameFolder(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// launch creates the data when there are none and starts the server.
func (s *Server) launch(ctx context.Context) error {
	major, err := s.home.dataVersion()
	if err != nil {
		return err
	}
	bin, err := s.resolver().find(ctx, major)
	if err != nil {
		return err
	}
	if major == 0 {
		s.cfg.Progress(fmt.Sprintf("creating a database in %s with Postgres %s", s.home.dir, bin.version))
		if err := s.home.create(ctx, bin, s.cfg.Fast); err != nil {
			return err
		}
	}
	return s.startPatiently(ctx, bin)
}

// startPatiently starts again for a while when a predecessor that was killed is
// still leaving, or when another program took the port.
func (s *Server) startPatiently(ctx context.Context, bin binaries) error {
	limited, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.startOnce(ctx, bin)
		var refused *refusal
		if !errors.As(err, &refused) || !refused.passing() {
			return err
		}
		if pause(limited, 100*time.Millisecond) != nil {
			return err
		}
	}
}

func (s *Server) startOnce(ctx context.Context, bin binaries) error {
	at, err := s.home.newEndpoint()
	if err != nil {
		return err
	}
	s.at = at
	child, err := s.home.spawn(bin, at, s.cfg.Fast)
	if err != nil {
		return fmt.Errorf("starting Postgres: %w", err)
	}
	s.child = child
	if err := s.awaitReady(ctx); err != nil {
		s.child = nil
		return err
	}
	return nil
}

// spawn starts a server process that outlives us, should we be killed.
func (h home) spawn(bin binaries, at endpoint, fast bool) (*postmaster, error) {
	log, err := h.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close()
	logAt, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	args := append([]string{"-D", h.data()}, at.settings(fast)...)
	// No context may end the server: Stop does.
	cmd := exec.CommandContext(context.Background(), filepath.Join(bin.dir, "postgres"), args...)
	cmd.Dir, cmd.SysProcAttr = "/", h.account.process()
	cmd.Env = environment(h.staleProcess()...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	child := &postmaster{pid: cmd.Process.Pid, exited: make(chan struct{}), logAt: logAt}
	go func() {
		_ = cmd.Wait() // the log has the reason
		close(child.exited)
	}()
	return child, nil
}

// staleProcess tells Postgres that the process named in a left-over lock file
// is no server: it has died without being reaped, or its number went to another
// program. Postgres itself only sees that the number is in use, and would
// refuse. It still checks that no child of the former server is left.
func (h home) staleProcess() []string {
	file, err := h.readPID()
	if err != nil || file.pid == 0 || isPostgres(file.pid) {
		return nil
	}
	return []string{"PG_GRANDPARENT_PID=" + strconv.Itoa(file.pid)}
}

func (h home) openLog() (*os.File, error) {
	if info, err := os.Stat(h.log()); err == nil && info.Size() > maxLogSize {
		if err := os.Truncate(h.log(), 0); err != nil {
			return nil, err
		}
	}
	return os.OpenFile(h.log(), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
}

// awaitReady waits for the first answer. After a crash this includes the
// recovery, however long that takes; only the context ends the wait.
func (s *Server) awaitReady(ctx context.Context) error {
	slow := time.NewTimer(5 * time.Second)
	defer slow.Stop()
	for !s.isOurs(ctx) {
		select {
		case <-s.child.exited:
			return &refusal{log: s.home.logFrom(s.child.logAt), path: s.home.log()}
		case <-slow.C:
			s.cfg.Progress("Postgres is still starting, perhaps recovering from a crash; its log is " + s.home.log())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the database did not become ready in time: %w; the data are kept; its log is %s", ctx.Err(), s.home.log()), s.abandon())
		case <-time.After(poll):
		}
	}
	return nil
}

func (h home) logFrom(offset int64) string {
	log, err := os.ReadFile(h.log())
	if err != nil || int64(len(log)) < offset {
		return ""
	}
	return string(log[offset:])
}

// refusal is a server process that ended before it was ready.
type refusal struct {
	log  string
	path string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("the database did not start; the data are kept; its log, %s, ends with:\n%s", r.path, lastLines(r.log))
}

// passing reports whether the reason goes away by itself.
func (r *refusal) passing() bool {
	for _, sign := range []string{
		`lock file "postmaster.pid" already exists`,
		"pre-existing shared memory block",
		"Address already in use",
	} {
		if strings.Contains(r.log, sign) {
			return true
		}
	}
	return false
}

// shutdown asks the server to stop and waits until it has. The caller holds the
// gate.
func (s *Server) shutdown(ctx context.Context) error {
	file, err := s.home.readPID()
	if err != nil {
		return err
	}
	if isPostgres(file.pid) && sameFolder(file.data, s.home.data()) {
		// SIGINT is the fast shutdown: it cuts connections and keeps all that
		// was committed.
		if err := syscall.Kill(file.pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping Postgres (process %d): %w", file.pid, err)
		}
	}
	for isPostgres(file.pid) {
		if err := pause(ctx, poll); err != nil {
			return fmt.Errorf("the database (process %d) is still stopping and will finish by itself: %w", file.pid, err)
		}
	}
	if s.child != nil {
		<-s.child.exited
	}
	return nil
}

// pidFile is Postgres's own note of the server that runs on the data.
type pidFile struct {
	pid       int
	data      string
	port      string
	socketDir string
}

// readPID answers an empty note when there is none, or when it is still being
// written.
func (h home) readPID() (pidFile, error) {
	text, err := os.ReadFile(filepath.Join(h.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return pidFile{}, nil
	}
	if err != nil {
		return pidFile{}, fmt.Errorf("looking for a running Postgres: %w", err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) < 5 {
		return pidFile{}, nil
	}
	pid, err := strconv.Atoi(lines[0])
	if err != nil {
		return pidFile{}, nil //nolint:nilerr // half-written
	}
	return pidFile{pid: pid, data: lines[1], port: lines[3], socketDir: lines[4]}, nil
}

// isPostgres reports whether the process lives and is a Postgres: after a
// crash its number may belong to anybody, or to a process that is dead but not
// yet reaped.
func isPostgres(pid int) bool {
	if pid <= 0 || errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	state, name := processState(pid)
	return strings.Contains(name, "postgres") && !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// processState reads /proc where there is one: small images have no ps.
func processState(pid int) (state, name string) {
	if _, err := os.Stat("/proc/self/stat"); err == nil {
		stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		_, rest, _ := strings.Cut(string(stat), "(")
		end := strings.LastIndex(rest, ") ")
		if end < 0 {
			return "", ""
		}
		return rest[end+2:], rest[:end]
	}
	out, _ := exec.CommandContext(context.Background(), "ps", "-o", "state=,comm=", "-p", strconv.Itoa(pid)).Output()
	state, name, _ = strings.Cut(strings.TrimSpace(string(out)), " ")
	return state, name
}
