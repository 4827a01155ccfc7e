package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// Two locks guard a folder. Whoever starts or stops the server holds the gate
// (start.lock) alone. Whoever uses the server shares users.lock, so that the
// last to leave can tell. The kernel gives both back when a program dies.

// enter takes the gate.
func (h home) enter(ctx context.Context, progress func(string)) (*os.File, error) {
	gate, err := openLock(h.startLock())
	if err != nil {
		return nil, err
	}
	for told := false; !tryLock(gate); told = true {
		if !told {
			progress("another program is starting or stopping the database; waiting for it")
		}
		if err := pause(ctx, 20*time.Millisecond); err != nil {
			gate.Close()
			return nil, fmt.Errorf("another program is starting or stopping the database in %s: %w", h.dir, err)
		}
	}
	return gate, nil
}

func openLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the database folder cannot be used by this user: %w", err)
	}
	return f, nil
}

func shareLock(path string) (*os.File, error) {
	f, err := openLock(path)
	if err != nil {
		return nil, err
	}
	if err := restoreShare(f); err != nil {
		f.Close()
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return f, nil
}

func tryLock(f *os.File) bool {
	return flock(f, syscall.LOCK_EX|syscall.LOCK_NB) == nil
}

// restoreShare never waits long: users.lock is held alone only by those who
// hold the gate.
func restoreShare(f *os.File) error {
	return flock(f, syscall.LOCK_SH)
}

func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
