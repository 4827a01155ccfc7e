package storetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"

	"salesbot/insights/store/pgserver"
)

// patience is for a server that has to be created on a busy machine.
const patience = 2 * time.Minute

// role is the application's, as pgserver names it. It owns every database here.
const role = "salesbot"

// server is the Postgres that the tests of this process use.
type server struct {
	admin string // DSN of the superuser
	app   string // DSN of the application's role
	held  *pgserver.Server

	mu    sync.Mutex
	ready map[string]bool // templates that exist
}

var sharedServer = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if dsn := os.Getenv("SALESBOT_TEST_DSN"); dsn != "" {
		return givenServer(ctx, dsn)
	}
	return privateServer(ctx)
})

// privateServer joins the server that the keeper holds. The process keeps its
// share until it ends, and needs no clean-up: the kernel takes it back.
func privateServer(ctx context.Context) (*server, error) {
	dir, err := sharedDir()
	if err != nil {
		return nil, err
	}
	held, err := adopt(ctx, dir)
	if err != nil {
		return nil, err
	}
	return &server{
		admin: held.AdminDSN(), app: held.DSN(), held: held,
		ready: map[string]bool{},
	}, nil
}

// givenServer uses a server that somebody else runs. Its tests act as the
// application's role, taken on when they connect, which needs no password.
func givenServer(ctx context.Context, dsn string) (*server, error) {
	s := &server{admin: dsn, app: with(dsn, "role", role), ready: map[string]bool{}}
	err := s.exec(ctx, fmt.Sprintf(`do $$ begin
		perform pg_advisory_xact_lock(hashtext('%[1]s'));
		if not exists (select from pg_roles where rolname = '%[1]s') then create role %[1]s; end if;
	end $$`, role))
	if err != nil {
		return nil, fmt.Errorf("the server that SALESBOT_TEST_DSN names cannot be used: %w", err)
	}
	return s, nil
}

// dsn is the application's connection string for a database.
func (s *server) dsn(database string) string {
	return with(s.app, "dbname", database)
}

// with adds a parameter to either form of connection string. It wins over one
// that is there already.
func with(dsn, key, value string) string {
	switch {
	case !strings.Contains(dsn, "://"):
		return dsn + " " + key + "=" + value
	case strings.Contains(dsn, "?"):
		return dsn + "&" + key + "=" + value
	default:
		return dsn + "?" + key + "=" + value
	}
}

// connectAdmin opens one connection as the superuser. Whoever uses it closes
// it: a connection pool that stays open would look like a leak to tests that
// watch for them.
func (s *server) connectAdmin(database string) (*sqlx.DB, error) {
	db, err := sqlx.Open("postgres", with(s.admin, "dbname", database))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

func (s *server) exec(ctx context.Context, statement string) error {
	return s.execIn(ctx, "postgres", statement)
}

func (s *server) execIn(ctx context.Context, database, statement string) error {
	db, err := s.connectAdmin(database)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, statement)
	return errors.Join(err, db.Close())
}
