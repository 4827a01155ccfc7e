package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"salesbot/insights"
	"salesbot/insights/store"
	"salesbot/insights/store/pgserver"
	"salesbot/migrations"
)

// The folders of the private Postgres: the demo keeps to its own.
const (
	homeFolder = "postgres"
	demoFolder = "demo"
)

// stopTimeout bounds the orderly stop of what a command started.
const stopTimeout = 20 * time.Second

// database is the store and, when nobody named one, the private Postgres
// under it.
type database struct {
	*store.Store
	private *pgserver.Server
}

// withDatabase hands over the database while it is open.
func (p program) withDatabase(ctx context.Context, use func(settings, *database) error) error {
	s, err := readSettings(p.Environ)
	if err != nil {
		return err
	}
	db, err := p.openDatabase(ctx, s)
	if err != nil {
		return err
	}
	defer db.Close()
	return use(s, db)
}

// openDatabase opens the database that DATABASE_URL names, or starts or adopts
// the private Postgres and brings its schema up to date.
func (p program) openDatabase(ctx context.Context, s settings) (*database, error) {
	if s.DatabaseURL != "" {
		opened, err := store.Open(ctx, s.DatabaseURL)
		if err != nil {
			return nil, err
		}
		if err := upToDate(ctx, opened); err != nil {
			return nil, errors.Join(err, opened.Close())
		}
		return &database{Store: opened}, nil
	}
	return p.openPrivate(ctx, s, homeFolder)
}

// upToDate refuses a database that another version of salesbot made: questions
// about what is not there yet would fail one by one.
func upToDate(ctx context.Context, opened *store.Store) error {
	n, _, err := migrations.Pending(ctx, opened.DB())
	if err != nil || n == 0 {
		return err
	}
	return &insights.Error{
		Code:    "not_migrated",
		Message: "The tables in the database are those of an older salesbot.",
		Hint:    "Run: salesbot migrate. It keeps all data.",
	}
}

func (p program) openPrivate(ctx context.Context, s settings, folder string) (*database, error) {
	dir, err := s.folder(folder)
	if err != nil {
		return nil, err
	}
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: dir, Progress: p.say})
	if err != nil {
		return nil, err
	}
	opened, err := p.connectMigrated(ctx, server.DSN())
	if err != nil {
		return nil, errors.Join(err, stopWithin(server.Stop))
	}
	return &database{Store: opened, private: server}, nil
}

func (p program) connectMigrated(ctx context.Context, dsn string) (*store.Store, error) {
	connected, err := store.Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := migrations.Up(ctx, connected.DB(), p.say); err != nil {
		return nil, errors.Join(err, connected.Close())
	}
	return connected, nil
}

// Close gives the connections back and leaves the private Postgres, which
// stops when nobody else uses it.
func (d *database) Close() error {
	err := d.Store.Close()
	if d.private != nil {
		err = errors.Join(err, stopWithin(d.private.Stop))
	}
	return err
}

// stopWithin runs an orderly stop in its own time: the context of the command
// is over by then.
func stopWithin(stop func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return stop(ctx)
}

// folder is where the private Postgres of one kind of use lives.
func (s settings) folder(name string) (string, error) {
	if s.Data != "" {
		return filepath.Abs(filepath.Join(s.Data, name))
	}
	dir, err := pgserver.DefaultDir("salesbot")
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, name), nil
}

// say tells the person at the terminal what is happening, on standard error so
// that answers stay clean.
func (p program) say(line string) {
	_, _ = fmt.Fprintln(p.Err, line)
}

// onTerminal reports whether w is a terminal, where a line may be redrawn.
func onTerminal(w io.Writer) bool {
	file, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
