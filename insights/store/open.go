package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
	"github.com/riverqueue/river"

	"salesbot/insights"
)

// A statement that runs longer than statementTimeout is ended by the server,
// even if nobody is left to tell it so; those of imports have longer. What has
// not come grace after that will not come: the network is gone. The listening
// connection alone waits for ever, since that is what it is for.
const (
	connectTimeout   = 10 * time.Second
	statementTimeout = 20 * time.Second
	importTimeout    = 30 * time.Minute
	grace            = 5 * time.Second
	openConns        = 20
)

// Store reads and writes one database. It is safe for concurrent use, and
// reconnects by itself when the database comes back.
type Store struct {
	db      *sqlx.DB // questions, turns, jobs
	imports *sqlx.DB // few connections, long statements
	jobs    *river.Client[*sql.Tx]
	dsn     string // for the listening connection
}

// Open connects to the database that dsn names, in either of Postgres' two
// notations, and checks that its schema is there. No error of it contains the
// password.
func Open(ctx context.Context, dsn string) (*Store, error) {
	s, err := Connect(ctx, dsn)
	if err != nil {
		return nil, err
	}
	if err := s.migrated(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Connect is Open for a database that may have no schema yet: the migrations
// are applied through DB.
func Connect(ctx context.Context, dsn string) (*Store, error) {
	cfg, dsn, err := configure(dsn)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:      pool(cfg, statementTimeout, statementTimeout+grace, openConns),
		imports: pool(cfg, importTimeout, importTimeout+grace, 2),
		dsn:     dsn,
	}
	if err := s.db.PingContext(ctx); err != nil {
		return nil, errors.Join(unreachable(cfg, err), s.Close())
	}
	if s.jobs, err = newInserter(s.db.DB); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Close gives all connections back. Whatever Work started must have been
// stopped before.
func (s *Store) Close() error {
	return errors.Join(s.db.Close(), s.imports.Close())
}

// DB is the pool itself, for the migrations only.
func (s *Store) DB() *sql.DB { return s.db.DB }

// configure reads a DSN and says outright what lib/pq would otherwise assume
// or a later version of it might assume differently.
func configure(dsn string) (pq.Config, string, error) {
	named := strings.Contains(dsn, "sslmode=") || os.Getenv("PGSSLMODE") != ""
	cfg, err := pq.NewConfig(dsn)
	if err != nil {
		// The cause quotes the DSN, and with it the password.
		return pq.Config{}, "", &insights.Error{
			Code:    "bad_database_url",
			Message: "The address of the database is not one that Postgres understands.",
			Hint:    "DATABASE_URL looks like postgres://user:password@host:5432/database; special characters in the password are written as %XX.",
		}
	}
	if !named {
		cfg.SSLMode = defaultSSLMode(cfg)
		dsn = withParameter(dsn, "sslmode", string(cfg.SSLMode))
	}
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = connectTimeout
		dsn = withParameter(dsn, "connect_timeout", strconv.Itoa(int(connectTimeout.Seconds())))
	}
	if cfg.ApplicationName == "" {
		cfg.ApplicationName = "salesbot"
		dsn = withParameter(dsn, "application_name", "salesbot")
	}
	return cfg, dsn, nil
}

// defaultSSLMode encrypts whatever leaves the machine.
func defaultSSLMode(cfg pq.Config) pq.SSLMode {
	if cfg.Host == "localhost" || strings.HasPrefix(cfg.Host, "/") || strings.HasPrefix(cfg.Host, "@") {
		return pq.SSLModeDisable
	}
	if ip := net.ParseIP(cfg.Host); ip != nil && ip.IsLoopback() {
		return pq.SSLModeDisable
	}
	return pq.SSLModeRequire
}

func withParameter(dsn, name, value string) string {
	switch {
	case !strings.HasPrefix(dsn, "postgres://") && !strings.HasPrefix(dsn, "postgresql://"):
		return dsn + " " + name + "=" + value
	case strings.Contains(dsn, "?"):
		return dsn + "&" + name + "=" + value
	default:
		return dsn + "?" + name + "=" + value
	}
}

// pool opens connections whose statements end after timeout, and whose reads do
// after readDeadline.
func pool(cfg pq.Config, timeout, readDeadline time.Duration, conns int) *sqlx.DB {
	cfg = cfg.Clone()
	cfg.Runtime["statement_timeout"] = strconv.FormatInt(timeout.Milliseconds(), 10)
	cfg.Runtime["timezone"] = "UTC"
	// One round trip a statement instead of two. Its price: a []byte travels in
	// Postgres' binary format, so JSON is passed as a string.
	cfg.BinaryParameters = true
	connector, err := pq.NewConnectorConfig(cfg)
	if err != nil {
		panic(err) // lib/pq has no way to fail here
	}
	connector.Dialer(&dialer{readDeadline: readDeadline})
	db := sqlx.NewDb(sql.OpenDB(connector), "postgres")
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return db
}

// migrated reports, as an error, that the schema is missing.
func (s *Store) migrated(ctx context.Context) error {
	var revision int64
	err := s.db.GetContext(ctx, &revision, `select revision from head`)
	if is(err, pqerror.UndefinedTable) || errors.Is(err, sql.ErrNoRows) {
		return &insights.Error{
			Code:    "not_migrated",
			Message: "The database is reachable, but Salesbot's tables are not there.",
			Hint:    "Run: salesbot migrate",
			Err:     err,
		}
	}
	return wrap("reading the head of the facts", err)
}

// unreachable puts the reasons why a first connection fails into words.
func unreachable(cfg pq.Config, err error) error {
	where := net.JoinHostPort(cfg.Host, strconv.Itoa(int(cfg.Port)))
	e := &insights.Error{Err: err}
	switch {
	case is(err, pqerror.InvalidPassword, pqerror.InvalidAuthorizationSpecification):
		e.Code = "database_login"
		e.Message = fmt.Sprintf("The database at %s does not let user %q in.", where, cfg.User)
		e.Hint = "Check the user and the password in DATABASE_URL."
	case is(err, pqerror.InvalidCatalogName):
		e.Code = "database_unknown"
		e.Message = fmt.Sprintf("There is no database %q at %s.", cfg.Database, where)
		e.Hint = fmt.Sprintf("Create it (createdb %s) or correct DATABASE_URL.", cfg.Database)
	case errors.Is(err, pq.ErrSSLNotSupported):
		e.Code = "database_tls"
		e.Message = fmt.Sprintf("The database at %s does not offer an encrypted connection.", where)
		e.Hint = "Add sslmode=disable to DATABASE_URL if the network between is trusted."
	case is(err, pqerror.TooManyConnections):
		e.Code = "database_full"
		e.Message = fmt.Sprintf("The database at %s takes no more connections.", where)
		e.Hint = "Raise max_connections or stop another program that uses it."
	default:
		e.Code = "database_unreachable"
		e.Message = fmt.Sprintf("The database at %s does not answer.", where)
		e.Hint = "Check that Postgres runs and that DATABASE_URL names its host and port."
	}
	return e
}

// dialer ends a read that waits longer than readDeadline: lib/pq honours a
// context only by asking the server, and a server out of reach does not hear.
type dialer struct {
	net          net.Dialer
	readDeadline time.Duration
}

// Dial is part of pq.Dialer.
func (d *dialer) Dial(network, address string) (net.Conn, error) {
	return d.DialContext(context.Background(), network, address)
}

// DialTimeout is part of pq.Dialer.
func (d *dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d.DialContext(ctx, network, address)
}

// DialContext is pq.DialerContext.
func (d *dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := d.net.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &deadlineConn{Conn: conn, deadline: d.readDeadline}, nil
}

type deadlineConn struct {
	net.Conn
	deadline time.Duration
}

// Read waits for the deadline at most. It leaves deadlines that lib/pq sets
// while connecting as they are.
func (c *deadlineConn) Read(b []byte) (int, error) {
	timer := time.AfterFunc(c.deadline, c.giveUp)
	defer timer.Stop()
	return c.Conn.Read(b)
}

// giveUp fails the read under way and, since nobody knows what its answer
// would have been, all that follow.
func (c *deadlineConn) giveUp() {
	_ = c.SetReadDeadline(time.Unix(1, 0))
}
