// Package scale makes companies of any size, to measure how fast questions are
// answered however much is stored.
//
// The company is invented, and the same for the same size and seed: 2,001 people
// in teams under managers, a hundred territories in three levels, and five years
// of deals up to Now with about six rows of the log each. On Reorganised a
// quarter of the reps came to other managers and territories. The log was told by
// five imports, one a week, and leads to the deals as they are.
//
// The facts are written by the server from its own arithmetic, set by set, so
// that ten million deals take minutes and not hours.
package scale

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/lib/pq"

	"salesbot/insights/store/pgserver"
	"salesbot/migrations"
)

// What every company made here has in common.
const (
	Reps          = 1800 // their ids begin at FirstRep
	FirstRep      = 202
	Districts     = 80 // territories of reps; their ids begin at FirstDistrict
	FirstDistrict = 21
	Won           = 7 // stages: 1 to 6 are open
	Lost          = 8
	Imports       = 5
	Reorganised   = "2026-07-01"
)

// Now is the moment up to which the company's deals are known: the last of its
// imports, in a zone of no offset.
var Now = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

// Size says which company to make.
type Size struct {
	Deals int
	Seed  int64
}

// String names the company. A change of what is made for a size changes the
// number at the end.
func (s Size) String() string { return fmt.Sprintf("%d-deals-seed-%d-made-1", s.Deals, s.Seed) }

// bytes is what the company needs on disk while it is made: as measured, the
// server and its own log, and for each deal its rows and their indexes and what
// sorting those takes.
func (s Size) bytes() uint64 { return 1200<<20 + uint64(s.Deals)*2200 }

// Open starts a Postgres on a folder below dir and makes the company there,
// unless an earlier call has. The schema is brought up to date either way. dsn
// is that of the application's role; stop leaves the server, and keeps the data
// for the next time.
func Open(ctx context.Context, dir string, size Size, progress func(string)) (dsn string, stop func() error, err error) {
	home := filepath.Join(dir, size.String())
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", nil, err
	}
	made := filepath.Join(home, "made")
	_, missing := os.Stat(made)
	if missing != nil {
		if err := checkDisk(home, size); err != nil {
			return "", nil, err
		}
	}
	server, err := pgserver.Start(ctx, pgserver.Config{Dir: filepath.Join(home, "server"), Fast: true, Offline: true, Progress: progress})
	if err != nil {
		return "", nil, err
	}
	stop = func() error { return server.Stop(context.WithoutCancel(ctx)) }
	if err := furnish(ctx, server, size, missing != nil, progress); err != nil {
		return "", nil, errors.Join(err, stop())
	}
	if missing != nil {
		err = os.WriteFile(made, nil, 0o600)
	}
	return server.DSN(), stop, err
}

// checkDisk refuses to begin what there is no room for.
func checkDisk(dir string, size Size) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return fmt.Errorf("looking at the free disk of %s: %w", dir, err)
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < size.bytes() {
		return fmt.Errorf("%d deals need about %s on disk, and %s are free in %s; nothing was made; name another folder with SALESBOT_SCALE_DATA or ask for fewer with DEALS",
			size.Deals, gigabytes(size.bytes()), gigabytes(free), dir)
	}
	return nil
}

func gigabytes(n uint64) string { return fmt.Sprintf("%.1f GB", float64(n)/1e9) }

// furnish makes the schema and, in a database that was never finished, begins
// anew and fills it.
func furnish(ctx context.Context, server *pgserver.Server, size Size, fill bool, progress func(string)) error {
	if fill {
		if err := recreate(ctx, server.AdminDSN()); err != nil {
			return fmt.Errorf("clearing what was left unfinished: %w", err)
		}
	}
	db, err := sql.Open("postgres", server.DSN())
	if err != nil {
		return err
	}
	defer db.Close()
	if err := migrations.Up(ctx, db, progress); err != nil {
		return err
	}
	if !fill {
		return nil
	}
	return Fill(ctx, db, size, progress)
}

// recreate makes the application's database again, empty.
func recreate(ctx context.Context, adminDSN string) error {
	db, err := sql.Open("postgres", adminDSN+" dbname=postgres")
	if err != nil {
		return err
	}
	defer db.Close()
	for _, statement := range []string{"drop database if exists salesbot with (force)", "create database salesbot owner salesbot"} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// Fill makes the company in a migrated, empty database.
func Fill(ctx context.Context, db *sql.DB, size Size, progress func(string)) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	f := filling{ctx: ctx, conn: conn, size: size, progress: progress}
	for _, step := range []struct {
		doing string
		do    func() error
	}{
		{"preparing", f.prepare},
		{"the company", f.company},
		{"the deals and their log", f.deals},
		{"the indexes", f.restoreIndexes},
		{"the statistics", f.conclude},
	} {
		progress("making " + step.doing)
		if err := step.do(); err != nil {
			return fmt.Errorf("making %s of %d deals: %w", step.doing, size.Deals, err)
		}
	}
	return nil
}

// filling is one company on its way into a database. It stays on one connection,
// whose temporary functions it uses.
type filling struct {
	ctx      context.Context
	conn     *sql.Conn
	size     Size
	progress func(string)
	indexes  []string // definitions of those that are built when all rows are there
}

func (f *filling) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := f.conn.ExecContext(f.ctx, statement); err != nil {
			return err
		}
	}
	return nil
}

// prepare defines what the company is drawn with, and lets go of the indexes of
// the two great tables: it is much quicker to build them at the end.
func (f *filling) prepare() error {
	if err := f.exec(
		"set maintenance_work_mem = '512MB'", "set work_mem = '64MB'",
		fmt.Sprintf(drawing, f.size.Seed), telling,
	); err != nil {
		return err
	}
	return errors.Join(
		f.letGo("drop index %s", `
			select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index
			where indrelid in ('opportunity'::regclass, 'opportunity_change'::regclass)
			  and not exists (select from pg_constraint where conindid = indexrelid)`),
		f.letGo("alter table opportunity_change drop constraint %s", `
			select conname, format('alter table opportunity_change add constraint %I %s', conname, pg_get_constraintdef(oid)) from pg_constraint
			where conrelid = 'opportunity_change'::regclass and contype = 'p'`),
	)
}

// letGo drops what the query lists by name, and keeps how it is defined.
func (f *filling) letGo(drop, list string) error {
	rows, err := f.conn.QueryContext(f.ctx, list)
	if err != nil {
		return err
	}
	defer rows.Close()
	var drops []string
	for rows.Next() {
		var name, definition string
		if err := rows.Scan(&name, &definition); err != nil {
			return err
		}
		drops, f.indexes = append(drops, fmt.Sprintf(drop, name)), append(f.indexes, definition)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return f.exec(drops...)
}

func (f *filling) restoreIndexes() error {
	for i, definition := range f.indexes {
		f.progress(fmt.Sprintf("index %d of %d: %s", i+1, len(f.indexes), definition))
		if err := f.exec(definition); err != nil {
			return err
		}
	}
	return nil
}

func (f *filling) company() error {
	return f.exec(people, territories, fmt.Sprintf(accounts, f.size.accounts()), products, stages, quotas)
}

func (s Size) accounts() int { return max(50, s.Deals/20) }

// atOnce is how many deals are made by one statement.
const atOnce = 250_000

func (f *filling) deals() error {
	for from := 1; from <= f.size.Deals; from += atOnce {
		to := min(from+atOnce-1, f.size.Deals)
		if err := f.exec(fmt.Sprintf(deals, f.size.Deals, f.size.accounts(), from, to)); err != nil {
			return err
		}
		f.progress(fmt.Sprintf("%d of %d deals", to, f.size.Deals))
	}
	return nil
}

// conclude numbers the imports and leaves the database as one that has run for a
// while.
func (f *filling) conclude() error {
	return f.exec(
		fmt.Sprintf(imports, Imports, pq.QuoteLiteral(Now.Format(time.RFC3339))),
		`select setval(pg_get_serial_sequence(kind, 'id'), greatest(last, 1)) from (
			select 'person' as kind, max(id) as last from person union all select 'territory', max(id) from territory
			union all select 'account', max(id) from account union all select 'product', max(id) from product
			union all select 'stage', max(id) from stage union all select 'opportunity', max(id) from opportunity
		) given`,
		"vacuum (analyze)",
	)
}
