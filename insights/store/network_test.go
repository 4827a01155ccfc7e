package store

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/insights"
	"salesbot/insights/metric"
	"salesbot/insights/store/storetest"
)

func TestANetworkThatGoesSilentIsAnErrorNotAHang(t *testing.T) {
	t.Parallel()
	s, wire := wired(t)
	one := []metric.Statement{{SQL: `select 1`}}
	if _, err := s.Read(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	wire.silent.Store(true)
	_, err := s.Read(t.Context(), one)
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "database_unreachable" {
		t.Errorf("through a silent wire: %v", err)
	}
	wire.silent.Store(false)
	if _, err := s.Read(t.Context(), one); err != nil {
		t.Errorf("and afterwards: %v", err)
	}
}

func TestAnImportWhoseNetworkGoesSilentIsAnErrorToo(t *testing.T) {
	t.Parallel()
	s, wire := wired(t)
	_, err := s.Import(t.Context(), ImportOptions{Actor: "test", Now: time.Unix(0, 0)}, func(insights.Sink) error {
		wire.silent.Store(true)
		return nil
	})
	var told *insights.Error
	if !errors.As(err, &told) || told.Code != "database_unreachable" {
		t.Errorf("through a silent wire: %v", err)
	}
}

// Whatever is asked of the store, the server itself ends it.
func TestEveryConnectionTellsTheServerWhenToEndAStatement(t *testing.T) {
	s, err := Open(t.Context(), storetest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for name, db := range map[string]*sqlx.DB{"20s": s.db, "30min": s.imports} {
		var timeout string
		if err := db.Get(&timeout, `show statement_timeout`); err != nil || timeout != name {
			t.Errorf("statements end after %s (%v), want %s", timeout, err, name)
		}
	}
}

func TestAConnectionThatIsLostMidwayIsAnErrorAndTheNextOneWorks(t *testing.T) {
	s, wire := wired(t)
	done := make(chan error, 1)
	go func() {
		_, err := s.Read(t.Context(), []metric.Statement{{SQL: `select pg_sleep(20)`}})
		done <- err
	}()
	wire.awaitTraffic(t)
	wire.reset()
	var told *insights.Error
	if err := <-done; !errors.As(err, &told) || told.Code != "database_unreachable" {
		t.Errorf("got %v", err)
	}
	if _, err := s.Read(t.Context(), nil); err != nil {
		t.Errorf("and afterwards: %v", err)
	}
}

// wired is a store that reaches its database through a wire, and waits a
// moment only.
func wired(t *testing.T) (*Store, *wire) {
	t.Helper()
	cfg, _, err := configure(storetest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	w := newWire(t, &cfg)
	s := &Store{db: pool(cfg, statementTimeout, time.Second, 2), imports: pool(cfg, importTimeout, time.Second, 2)}
	t.Cleanup(func() { _ = s.Close() })
	return s, w
}

// wire carries bytes between the test and its database, until it does not.
type wire struct {
	network, to string
	silent      atomic.Bool
	carried     chan struct{}
	requests    atomic.Int64 // what the store sent at once

	mu    sync.Mutex
	conns []net.Conn
}

// newWire puts itself where cfg points.
func newWire(t *testing.T, cfg *pq.Config) *wire {
	t.Helper()
	w := &wire{network: "unix", carried: make(chan struct{}, 1)}
	socket := ".s.PGSQL." + strconv.Itoa(int(cfg.Port))
	w.to = filepath.Join(cfg.Host, socket)
	dir, err := os.MkdirTemp("", "wire") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	at := filepath.Join(dir, socket)
	if !filepath.IsAbs(cfg.Host) {
		w.network, w.to, at = "tcp", net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port))), "127.0.0.1:0"
	}
	listener, err := net.Listen(w.network, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close(); w.reset() })
	cfg.Host = dir
	if address, ok := listener.Addr().(*net.TCPAddr); ok {
		cfg.Host, cfg.Port = "127.0.0.1", uint16(address.Port)
	}
	go w.serve(listener)
	return w
}

func (w *wire) serve(listener net.Listener) {
	for {
		near, err := listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial(w.network, w.to)
		if err != nil {
			_ = near.Close()
			continue
		}
		w.mu.Lock()
		w.conns = append(w.conns, near, far)
		w.mu.Unlock()
		go w.carry(far, near, &w.requests)
		go w.carry(near, far, new(atomic.Int64))
	}
}

func (w *wire) carry(to io.WriteCloser, from io.Reader, pieces *atomic.Int64) {
	defer to.Close()
	buffer := make([]byte, 1<<15)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		if w.silent.Load() {
			continue
		}
		pieces.Add(1)
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
		select {
		case w.carried <- struct{}{}:
		default:
		}
	}
}

func (w *wire) awaitTraffic(t *testing.T) {
	t.Helper()
	select {
	case <-w.carried:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing went over the wire")
	}
}

// reset cuts every connection.
func (w *wire) reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, conn := range w.conns {
		_ = conn.Close()
	}
	w.conns = nil
}
