// Package pgserver runs a private Postgres in a folder, for people who have no
// database at hand and for tests.
//
// The first program that calls Start on a folder starts the server; programs
// that come later, or after the first was killed, adopt the running one. The
// last to leave stops it. Data are created once and never removed.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	appName   = "salesbot" // the application's role and database
	adminName = "postgres" // the superuser, for tests and repairs
)

// ErrNotRunning is what Adopt answers when no server runs on the folder.
var ErrNotRunning = errors.New("no Postgres is running on this folder")

// Config says where the server lives and how it is run. Only Dir is required.
type Config struct {
	// Dir is the folder that holds the data, the log and the locks. It is
	// created when missing.
	Dir string
	// Binaries is a folder with initdb and postgres. When empty, the
	// environment variable SALESBOT_POSTGRES_BIN is used, then an installed
	// Postgres, then a downloaded one.
	Binaries string
	// Cache is where a downloaded Postgres is kept; DefaultCache when empty.
	Cache string
	// Offline forbids the download.
	Offline bool
	// Fast trades safety for speed: a power cut may lose the data. It is meant
	// for tests.
	Fast bool
	// Progress, when set, is told what is happening, one line at a time.
	Progress func(string)
}

// Server is a running Postgres that this program uses. It is safe for
// concurrent use.
type Server struct {
	cfg   Config
	home  home
	at    endpoint
	child *postmaster // nil when another program started the server

	mu    sync.Mutex
	users *os.File // our share of the users lock; nil once we have left
}

// Start starts the server on cfg.Dir, creating the data when there are none,
// or adopts the one that runs there already. The context bounds the start only.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	return open(ctx, cfg, true)
}

// Adopt joins the server that runs on cfg.Dir. It answers ErrNotRunning when
// there is none.
func Adopt(ctx context.Context, cfg Config) (*Server, error) {
	return open(ctx, cfg, false)
}

func open(ctx context.Context, cfg Config, mayLaunch bool) (_ *Server, err error) {
	if cfg.Progress == nil {
		cfg.Progress = func(string) {}
	}
	home, err := openHome(cfg.Dir)
	if err != nil {
		return nil, err
	}
	gate, err := home.enter(ctx, cfg.Progress)
	if err != nil {
		return nil, err
	}
	defer gate.Close()
	users, err := shareLock(home.usersLock())
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, home: home, users: users}
	defer func() {
		if err != nil {
			users.Close()
		}
	}()

	running, err := s.adopt(ctx)
	if err != nil {
		return nil, err
	}
	if !running && !mayLaunch {
		return nil, ErrNotRunning
	}
	if !running {
		if err := s.launch(ctx); err != nil {
			return nil, err
		}
	}
	if err := s.furnish(ctx); err != nil {
		return nil, errors.Join(err, s.abandon())
	}
	return s, nil
}

// DSN is the lib/pq connection string for the application's own role, which is
// no superuser and owns the database.
func (s *Server) DSN() string {
	return s.at.dsn(appName, appName)
}

// AdminDSN is the lib/pq connection string for the superuser. The application
// must not use it: row-level security does not bind a superuser.
func (s *Server) AdminDSN() string {
	return s.at.dsn(adminName, adminName)
}

// Owned reports whether this program started the server, rather than adopting
// a running one.
func (s *Server) Owned() bool {
	return s.child != nil
}

// Stop leaves the server. The last program to leave shuts it down, whoever
// started it. Connections should be closed first; open ones are cut. Stopping
// twice does nothing.
func (s *Server) Stop(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		return nil
	}
	gate, err := s.home.enter(ctx, s.cfg.Progress)
	if err != nil {
		return err
	}
	defer gate.Close()
	if tryLock(s.users) {
		err = s.shutdown(ctx)
	}
	s.users.Close()
	s.users = nil
	return err
}

// Linger waits until no other program has used the server for the given time,
// then leaves and shuts it down. It lets a keeper process hold a server that
// short-lived programs share.
func (s *Server) Linger(ctx context.Context, idle time.Duration) error {
	const look = time.Second
	for {
		for quiet := time.Duration(0); quiet < idle; quiet += look {
			if err := pause(ctx, min(look, idle)); err != nil {
				return err
			}
			if !s.alone() {
				quiet = -look
			}
		}
		stopped, err := s.stopIfAlone(ctx)
		if stopped || err != nil {
			return err
		}
	}
}

// alone reports whether no other program uses the server now. Somebody at the
// gate counts as a user.
func (s *Server) alone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate, err := openLock(s.home.startLock())
	if err != nil {
		return false
	}
	defer gate.Close()
	if s.users == nil || !tryLock(gate) {
		return false
	}
	return s.probeAlone()
}

// stopIfAlone shuts the server down unless another program uses it.
func (s *Server) stopIfAlone(ctx context.Context) (stopped bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	gate, err := s.home.enter(ctx, s.cfg.Progress)
	if err != nil {
		return false, err
	}
	defer gate.Close()
	if s.users == nil || !s.probeAlone() {
		return false, nil
	}
	err = s.shutdown(ctx)
	s.users.Close()
	s.users = nil
	return true, err
}

// probeAlone asks for the users lock alone and goes back to sharing it. Trying
// may drop the share for a moment, so the caller must hold the gate.
func (s *Server) probeAlone() bool {
	alone := tryLock(s.users)
	return restoreShare(s.users) == nil && alone
}

// abandon shuts down a server that this call started but cannot use.
func (s *Server) abandon() error {
	if s.child == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return s.shutdown(ctx)
}

// pause waits for d, or less when the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return fmt.Errorf("gave up waiting: %w", ctx.Err())
	case <-timer.C:
		return nil
	}
}
