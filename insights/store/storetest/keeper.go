package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"salesbot/insights/store/pgserver"
)

// No test process can stop the shared server: none knows whether it is the last
// of the run, and Go tells a test process nothing when it ends. So a keeper
// does, a detached copy of a test binary that does nothing else.

const (
	keeperVariable = "SALESBOT_TEST_KEEPER" // the folder to keep
	keeperPipe     = 3                      // the first inherited file after stderr
	idle           = time.Minute
)

// What the keeper says through the pipe before it closes it.
const (
	saidReady   = "ready"
	saidBusy    = "busy" // another keeper is at work
	saidMissing = "missing: "
)

// A test binary that is started with keeperVariable becomes a keeper before any
// test is looked at.
func init() {
	if dir := os.Getenv(keeperVariable); dir != "" {
		keep(dir)
		os.Exit(0)
	}
}

func serverConfig(dir string) pgserver.Config {
	return pgserver.Config{Dir: filepath.Join(dir, "server"), Fast: true, Offline: true}
}

// keep runs the server until nobody has used it for a while, then removes it.
// Only the holder of the keeper's lock starts a server here, so nobody can be
// in a folder that is being removed.
func keep(dir string) {
	syscall.CloseOnExec(keeperPipe) // or Postgres would hold it open
	pipe := os.NewFile(keeperPipe, "pipe")
	lock, free, err := keeperLock(dir)
	if err != nil || !free {
		report(pipe, saidBusy, err)
		return
	}
	defer lock.Close()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	server, err := pgserver.Start(ctx, serverConfig(dir))
	report(pipe, saidReady, err)
	if err != nil {
		return
	}
	if server.Linger(context.Background(), idle) == nil {
		_ = os.RemoveAll(serverConfig(dir).Dir)
	}
}

func report(pipe *os.File, word string, err error) {
	switch {
	case errors.Is(err, pgserver.ErrNoPostgres):
		word = saidMissing + err.Error()
	case err != nil:
		word = err.Error()
	}
	_, _ = io.WriteString(pipe, word) // the reader may have been killed
	_ = pipe.Close()
}

// keeperLock tries the lock that a keeper holds all its life.
func keeperLock(dir string) (lock *os.File, free bool, err error) {
	lock, err = os.OpenFile(filepath.Join(dir, "keeper.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil, false, lock.Close()
	}
	return lock, true, nil
}

// adopt joins the keeper's server, starting a keeper when there is none.
func adopt(ctx context.Context, dir string) (*pgserver.Server, error) {
	for {
		if err := ensureKeeper(dir); err != nil {
			return nil, err
		}
		server, err := pgserver.Adopt(ctx, serverConfig(dir))
		if !errors.Is(err, pgserver.ErrNotRunning) {
			return server, err
		}
		// Another process's keeper is about to start the server, or to end.
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("the tests' shared Postgres in %s did not start: %w", dir, ctx.Err())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func ensureKeeper(dir string) error {
	lock, free, err := keeperLock(dir)
	if err != nil || !free {
		return err
	}
	if err := lock.Close(); err != nil {
		return err
	}
	said, err := startKeeper(dir)
	if err != nil {
		return fmt.Errorf("starting the keeper of the tests' Postgres: %w", err)
	}
	if why, ok := strings.CutPrefix(said, saidMissing); ok {
		return fmt.Errorf("%w (%s)", pgserver.ErrNoPostgres, why)
	}
	if said != saidReady && said != saidBusy {
		return fmt.Errorf("the keeper of the tests' Postgres failed: %s", said)
	}
	return nil
}

// startKeeper starts a keeper and answers what it says once it is ready.
func startKeeper(dir string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	hear, speak, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer hear.Close()
	cmd := exec.CommandContext(context.Background(), self) // it outlives every context here
	cmd.Env = append(os.Environ(), keeperVariable+"="+dir)
	cmd.Dir = dir
	cmd.ExtraFiles = []*os.File{speak}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := errors.Join(cmd.Start(), speak.Close()); err != nil {
		return "", err
	}
	if err := cmd.Process.Release(); err != nil {
		return "", err
	}
	said, err := io.ReadAll(hear)
	return string(said), err
}

// sharedDir is the user's folder for the server: in memory when there is room.
func sharedDir() (string, error) {
	const room = 1 << 30
	parent := os.TempDir()
	var disk syscall.Statfs_t
	if err := syscall.Statfs("/dev/shm", &disk); err == nil && disk.Bavail*uint64(disk.Bsize) > room {
		parent = "/dev/shm"
	}
	dir := filepath.Join(parent, fmt.Sprintf("salesbot-test-%d", os.Geteuid()))
	mode := os.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o755 // Postgres runs as somebody else
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return "", err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", err
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); !ok || !info.IsDir() || int(stat.Uid) != os.Geteuid() {
		return "", fmt.Errorf("%s belongs to somebody else", dir)
	}
	return dir, nil
}
