package storetest

import (
	"context"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"salesbot/migrations"
)

// ensure makes a template database once. Tests of this process wait for each
// other here, and those of other processes at a lock in the server.
func (s *server) ensure(ctx context.Context, template string, fill func(ctx context.Context, building string) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ready[template] {
		return nil
	}
	if err := s.ensureShared(ctx, template, fill); err != nil {
		return err
	}
	s.ready[template] = true
	return nil
}

func (s *server) isReady(template string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ready[template]
}

func (s *server) ensureShared(ctx context.Context, template string, fill func(ctx context.Context, building string) error) error {
	admin, err := s.connectAdmin("postgres")
	if err != nil {
		return err
	}
	defer admin.Close() // gives the lock back
	if _, err := admin.ExecContext(ctx, "select pg_advisory_lock(hashtext($1))", template); err != nil {
		return err
	}
	var exists bool
	err = admin.GetContext(ctx, &exists, "select exists (select from pg_database where datname = $1)", template)
	if err != nil || exists {
		return err
	}
	if err := s.prune(ctx, admin); err != nil {
		return fmt.Errorf("dropping old databases: %w", err)
	}
	return s.build(ctx, admin, template, fill)
}

// build fills the template under another name, so that a template that exists
// is always whole.
func (s *server) build(ctx context.Context, admin *sqlx.DB, template string, fill func(ctx context.Context, building string) error) error {
	building := template + "_building"
	if _, err := admin.ExecContext(ctx, drop(building)); err != nil {
		return err
	}
	if err := fill(ctx, building); err != nil {
		return err
	}
	_, err := admin.ExecContext(ctx, fmt.Sprintf("alter database %s rename to %s",
		pq.QuoteIdentifier(building), pq.QuoteIdentifier(template)))
	return err
}

// migrate makes the database called building with the whole schema and no data.
func (s *server) migrate(ctx context.Context, building string) error {
	if err := s.exec(ctx, create(building, "template1")); err != nil {
		return err
	}
	// The extension is the superuser's to create; pgserver has done so, other
	// servers may not have it yet.
	if err := s.execIn(ctx, building, "create extension if not exists pg_trgm"); err != nil {
		return err
	}
	db, err := sqlx.Open("postgres", s.dsn(building))
	if err != nil {
		return err
	}
	return errors.Join(migrations.Up(ctx, db.DB, func(string) {}), db.Close())
}

// load makes the database called building with the schema and what load puts
// into it. load may end the test, so nothing here relies on its return.
func (s *server) load(ctx context.Context, building string, load func(dsn string)) error {
	if err := s.ensureShared(ctx, baseTemplate(), s.migrate); err != nil {
		return err
	}
	if err := s.exec(ctx, create(building, baseTemplate())); err != nil {
		return err
	}
	load(s.dsn(building))
	// The copies start with statistics and visibility maps, as a database that
	// has run for a while would have.
	return s.execIn(ctx, building, "vacuum (analyze)")
}

// prune drops the oldest databases of each kind beyond what is kept.
func (s *server) prune(ctx context.Context, admin *sqlx.DB) error {
	for prefix, n := range retained {
		var names []string
		err := admin.SelectContext(ctx, &names,
			"select datname from pg_database where starts_with(datname, $1) order by oid desc offset $2", prefix, n)
		if err != nil {
			return err
		}
		for _, name := range names {
			if _, err := admin.ExecContext(ctx, drop(name)); err != nil {
				return err
			}
		}
	}
	return nil
}
