// Package migrations brings a database to the schema that this program needs.
//
// The schema is a row of embedded SQL files, applied in order and never taken
// back: a mistake is mended by a further file. River keeps its tables with
// migrations of its own, which run here too, under the same lock.
package migrations

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"
)

//go:embed *.sql
var files embed.FS

// ErrNewer says that the database was written by a later version of this
// program. Nothing was changed.
var ErrNewer = errors.New("the database is newer than this program")

// Waiters look for the lock every lockPeriod seconds, lockAttempts times over:
// quick enough for a person who waits, long enough for a slow migration.
const (
	lockPeriod   = 1
	lockAttempts = 600
)

// Up applies everything that the database lacks: the embedded files, then
// River's own migrations. Several programs may call it at once; one does the
// work and the others wait. It tells progress what it has applied.
//
// The lock has a connection to itself, so db must allow at least two.
func Up(ctx context.Context, db *sql.DB, progress func(string)) error {
	return up(ctx, db, files, progress)
}

// Pending reports how many migrations the database lacks, River's included,
// and the latest version among the embedded files. It writes nothing.
func Pending(ctx context.Context, db *sql.DB) (n int, latest int64, err error) {
	return pending(ctx, db, files)
}

// Hash names the schema that Up makes: it changes whenever an embedded file or
// River's latest migration does.
func Hash() string {
	return hash(files)
}

func up(ctx context.Context, db *sql.DB, fsys fs.FS, progress func(string)) (err error) {
	if db.Stats().MaxOpenConnections == 1 {
		return errors.New("migrating needs two connections: one holds the lock, one does the work")
	}
	unlock, err := acquire(ctx, db)
	if err != nil {
		return fmt.Errorf("waiting for another program to finish its migrations: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()

	if _, _, err := pending(ctx, db, fsys); err != nil {
		return err
	}
	if err := upFiles(ctx, db, fsys, progress); err != nil {
		return err
	}
	return upRiver(ctx, db, progress)
}

// acquire takes goose's session lock by hand, rather than leaving it to the
// provider, so that River's migrations run under it as well. goose asks for the
// lock again and again instead of waiting inside Postgres: a waiting statement
// would hold a snapshot, and CREATE INDEX CONCURRENTLY waits for those.
func acquire(ctx context.Context, db *sql.DB) (unlock func() error, err error) {
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockPeriod, lockAttempts))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if err := locker.SessionLock(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return func() error {
		// The lock must go back even when the caller's context has ended.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		return errors.Join(locker.SessionUnlock(ctx, conn), conn.Close())
	}, nil
}

func upFiles(ctx context.Context, db *sql.DB, fsys fs.FS, progress func(string)) error {
	provider, err := newProvider(db, fsys)
	if err != nil {
		return err
	}
	for {
		result, err := provider.UpByOne(ctx)
		if errors.Is(err, goose.ErrNoNextVersion) {
			return nil
		}
		if err != nil {
			return failed(err)
		}
		progress(fmt.Sprintf("applied %s in %s", result.Source.Path, result.Duration.Round(time.Millisecond)))
	}
}

// failed names the file, which goose's own words leave out.
func failed(err error) error {
	var partial *goose.PartialError
	if errors.As(err, &partial) && partial.Failed != nil {
		return fmt.Errorf("migrating the database: %s failed; those before it stay applied: %w", partial.Failed.Source.Path, partial.Err)
	}
	return fmt.Errorf("migrating the database: %w", err)
}

func upRiver(ctx context.Context, db *sql.DB, progress func(string)) error {
	river, err := newRiver(db)
	if err != nil {
		return err
	}
	result, err := river.Migrate(ctx, rivermigrate.DirectionUp, nil)
	if err != nil {
		return fmt.Errorf("migrating the job queue: %w", err)
	}
	if n := len(result.Versions); n > 0 {
		progress(fmt.Sprintf("applied %d migrations of the job queue", n))
	}
	return nil
}

func pending(ctx context.Context, db *sql.DB, fsys fs.FS) (n int, latest int64, err error) {
	applied, err := appliedFiles(ctx, db)
	if err != nil {
		return 0, 0, fmt.Errorf("reading the schema's version: %w", err)
	}
	provider, err := newProvider(db, fsys)
	if err != nil {
		return 0, 0, err
	}
	for _, source := range provider.ListSources() {
		latest = max(latest, source.Version)
		if !applied[source.Version] {
			n++
		}
	}
	for version := range applied {
		if version > latest {
			return 0, latest, newer(version, latest)
		}
	}
	queue, err := pendingRiver(ctx, db)
	return n + queue, latest, err
}

// appliedFiles reads goose's table itself, because goose creates the table
// whenever it is asked, and asking must not write.
func appliedFiles(ctx context.Context, db *sql.DB) (map[int64]bool, error) {
	applied := map[int64]bool{}
	var exists bool
	err := db.QueryRowContext(ctx, `select to_regclass($1) is not null`, goose.DefaultTablename).Scan(&exists)
	if err != nil || !exists {
		return applied, err
	}
	rows, err := db.QueryContext(ctx, `select version_id from `+goose.DefaultTablename+` where is_applied`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var version int64
		if err := rows.Scan(&version); err != nil {
			return nil, err
		}
		applied[version] = true
	}
	return applied, rows.Err()
}

func pendingRiver(ctx context.Context, db *sql.DB) (int, error) {
	river, err := newRiver(db)
	if err != nil {
		return 0, err
	}
	result, err := river.Migrate(ctx, rivermigrate.DirectionUp, &rivermigrate.MigrateOpts{DryRun: true})
	if err != nil {
		return 0, fmt.Errorf("reading the job queue's version: %w", err)
	}
	// River only fails on versions it does not know when it is asked for them.
	if _, err := river.ExistingVersions(ctx); err != nil {
		return 0, fmt.Errorf("%w: its job queue has a later schema (%w); nothing was changed; install the latest version of this program and start it again", ErrNewer, err)
	}
	return len(result.Versions), nil
}

func newer(found, known int64) error {
	return fmt.Errorf("%w: it has schema version %d, and this program knows up to %d; nothing was changed; install the latest version of this program and start it again", ErrNewer, found, known)
}

func newProvider(db *sql.DB, fsys fs.FS) (*goose.Provider, error) {
	provider, err := goose.NewProvider(goose.DialectPostgres, db, fsys, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("reading the embedded migrations: %w", err)
	}
	return provider, nil
}

func newRiver(db *sql.DB) (*rivermigrate.Migrator[*sql.Tx], error) {
	quiet := slog.New(slog.DiscardHandler)
	return rivermigrate.New(riverdatabasesql.New(db), &rivermigrate.Config{Logger: quiet})
}

func hash(fsys fs.FS) string {
	sum := sha256.New()
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, name := range names {
		body, err := fs.ReadFile(fsys, name)
		if err != nil {
			panic(err) // the files are part of this program
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(body))
		sum.Write(body)
	}
	river, err := newRiver(nil)
	if err != nil {
		panic(err) // River's migrations are part of this program
	}
	versions := river.AllVersions()
	_, _ = io.WriteString(sum, fmt.Sprint("river ", versions[len(versions)-1].Version))
	return hex.EncodeToString(sum.Sum(nil))[:12]
}
