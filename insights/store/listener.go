package store

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/lib/pq"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
)

// listeningDriver adds to River's database/sql driver what database/sql has no
// notion of: being told. Without it jobs are found by polling alone. The
// interface is River's own and may change with any version, so the version is
// pinned.
type listeningDriver struct {
	*riverdatabasesql.Driver
	dsn    string
	schema string
}

// SupportsListener is part of riverdriver.Driver.
func (d *listeningDriver) SupportsListener() bool { return true }

// GetListener is part of riverdriver.Driver.
func (d *listeningDriver) GetListener(*riverdriver.GetListenenerParams) riverdriver.Listener {
	return &listener{dsn: d.dsn, prefix: d.schema + "."}
}

var errNotListening = errors.New("the listening connection is closed")

// listener is one connection that waits for notifications, without a read
// deadline: hours without any are normal. River pings it, and connects it
// again when it fails.
type listener struct {
	dsn    string
	prefix string // of every topic

	mu     sync.Mutex
	conn   *pq.ListenerConn
	notify chan *pq.Notification
}

// Connect is part of riverdriver.Listener.
func (l *listener) Connect(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn != nil {
		return errors.New("the listening connection is open already")
	}
	notify := make(chan *pq.Notification, 1000)
	conn, err := pq.NewListenerConn(l.dsn, notify)
	if err != nil {
		return err
	}
	l.conn, l.notify = conn, notify
	return nil
}

// Close is part of riverdriver.Listener.
func (l *listener) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		return nil
	}
	// It may have failed, and so be closed, already.
	_ = l.conn.Close()
	l.conn, l.notify = nil, nil
	return nil
}

// Listen is part of riverdriver.Listener.
func (l *listener) Listen(ctx context.Context, topic string) error {
	return l.exec(ctx, "listen "+pq.QuoteIdentifier(l.prefix+topic))
}

// Unlisten is part of riverdriver.Listener.
func (l *listener) Unlisten(ctx context.Context, topic string) error {
	return l.exec(ctx, "unlisten "+pq.QuoteIdentifier(l.prefix+topic))
}

// Ping is part of riverdriver.Listener.
func (l *listener) Ping(ctx context.Context) error { return l.exec(ctx, "select 1") }

// Schema is part of riverdriver.Listener.
func (l *listener) Schema() string { return strings.TrimSuffix(l.prefix, ".") }

// SetAfterConnectExec is part of riverdriver.Listener; only River's own tests
// use it.
func (l *listener) SetAfterConnectExec(string) {}

// WaitForNotification is part of riverdriver.Listener.
func (l *listener) WaitForNotification(ctx context.Context) (*riverdriver.Notification, error) {
	_, notify := l.current()
	if notify == nil {
		return nil, errNotListening
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case n, ok := <-notify:
		if !ok || n == nil {
			return nil, errNotListening
		}
		return &riverdriver.Notification{Topic: strings.TrimPrefix(n.Channel, l.prefix), Payload: n.Extra}, nil
	}
}

// listenTimeout is how long a statement on the listening connection may take.
const listenTimeout = 10 * time.Second

// exec runs a statement without parameters. River interrupts it to add a topic
// and goes on afterwards, so the end of ctx must not cost the connection; but
// lib/pq waits for an answer however long that takes, so a timer does.
func (l *listener) exec(ctx context.Context, statement string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	conn, _ := l.current()
	if conn == nil {
		return errNotListening
	}
	timer := time.AfterFunc(listenTimeout, func() { _ = conn.Close() })
	defer timer.Stop()
	_, err := conn.ExecSimpleQuery(statement)
	return err
}

func (l *listener) current() (*pq.ListenerConn, chan *pq.Notification) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.conn, l.notify
}
