package pgserver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/lib/pq"
)

// socketLimit is what every system allows for a socket's path, with a margin.
const socketLimit = 100

const socketPort = "5432" // only names the socket: its folder is ours alone

// endpoint is where a server listens: on a socket in a closed folder, which
// needs no password, else on the loopback address with one.
type endpoint struct {
	socketDir string // empty for the loopback address
	port      string
	password  string
}

// newEndpoint picks the place for a server that is about to start.
func (h home) newEndpoint() (endpoint, error) {
	if h.socketsWork() {
		return endpoint{socketDir: h.sockets(), port: socketPort}, nil
	}
	password, err := os.ReadFile(h.password())
	if err != nil {
		return endpoint{}, fmt.Errorf("the database's password is missing: %w; the data are kept; move the folder %s to a shorter path, where no password is needed", err, h.dir)
	}
	port, err := freePort()
	if err != nil {
		return endpoint{}, err
	}
	return endpoint{port: port, password: strings.TrimSpace(string(password))}, nil
}

// socketsWork makes the folder for sockets and tries it: its path may be too
// long, and not every shared or mounted folder can hold a socket.
func (h home) socketsWork() bool {
	if len(filepath.Join(h.sockets(), ".s.PGSQL."+socketPort)) > socketLimit {
		return false
	}
	if err := os.MkdirAll(h.sockets(), 0o700); err != nil {
		return false
	}
	if os.Chmod(h.sockets(), 0o700) != nil || h.account.own(h.sockets()) != nil {
		return false
	}
	trial, err := listen("unix", filepath.Join(h.sockets(), "trial"))
	if err != nil {
		return false
	}
	return trial.Close() == nil
}

func freePort() (string, error) {
	listener, err := listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	return port, err
}

func listen(network, address string) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), network, address)
}

// endpointOf is where a server that already runs listens.
func (h home) endpointOf(file pidFile) endpoint {
	if file.socketDir != "" {
		return endpoint{socketDir: file.socketDir, port: file.port}
	}
	password, _ := os.ReadFile(h.password()) // without it the server refuses us, and adopt says so
	return endpoint{port: file.port, password: strings.TrimSpace(string(password))}
}

// settings are given on the command line rather than written into the data, so
// that a later version of this program can change them.
func (e endpoint) settings(fast bool) []string {
	listen, sockets := "127.0.0.1", ""
	if e.socketDir != "" {
		listen, sockets = "", `"`+strings.ReplaceAll(e.socketDir, `"`, `""`)+`"`
	}
	settings := []string{
		"listen_addresses=" + listen, "unix_socket_directories=" + sockets, "unix_socket_permissions=0700",
		"port=" + e.port, "cluster_name=" + appName,
		"timezone=UTC", "log_timezone=UTC", "lc_messages=C",
		"jit=off", "work_mem=16MB", "wal_level=minimal", "max_wal_senders=0",
		// Statements and row values may hold customers' words: keep them out
		// of the log.
		"log_min_error_statement=panic", "log_error_verbosity=terse", "log_checkpoints=off",
	}
	if fast {
		settings = append(settings, "max_connections=300", "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	} else {
		settings = append(settings, "max_connections=60", "fsync=on")
	}
	var args []string
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	return args
}

func (e endpoint) dsn(user, database string) string {
	if e.socketDir != "" {
		return fmt.Sprintf("host=%s port=%s user=%s dbname=%s sslmode=disable", quote(e.socketDir), e.port, user, database)
	}
	return fmt.Sprintf("host=127.0.0.1 port=%s user=%s password=%s dbname=%s sslmode=disable", e.port, user, quote(e.password), database)
}

func quote(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(value) + "'"
}

func (s *Server) connect(database string) (*sql.DB, error) {
	return sql.Open("postgres", s.at.dsn(adminName, database))
}

// furnish makes the application's role and database. It works from template1,
// which the superuser equips with pg_trgm, so that every database made later,
// a test's too, has it.
func (s *Server) furnish(ctx context.Context) error {
	db, err := s.connect("template1")
	if err != nil {
		return err
	}
	defer db.Close()
	// Postgres copies template1 only while nobody else is connected to it.
	db.SetMaxOpenConns(1)
	var hasRole, hasDatabase bool
	err = db.QueryRowContext(ctx, `select exists (select from pg_roles where rolname = $1),
		exists (select from pg_database where datname = $1)`, appName).Scan(&hasRole, &hasDatabase)
	if err != nil {
		return fmt.Errorf("looking for salesbot's database: %w", err)
	}
	if hasRole && hasDatabase {
		return nil
	}
	return s.furnishMissing(ctx, db, hasRole)
}

func (s *Server) furnishMissing(ctx context.Context, db *sql.DB, hasRole bool) error {
	if _, err := db.ExecContext(ctx, "create extension if not exists pg_trgm"); err != nil {
		return fmt.Errorf("this Postgres lacks pg_trgm, which finds misspelt names: %w; install its contrib package (postgresql-contrib) and start salesbot again", err)
	}
	if !hasRole {
		if err := s.createRole(ctx, db); err != nil {
			return fmt.Errorf("creating salesbot's role: %w", err)
		}
	}
	if _, err := db.ExecContext(ctx, "create database "+appName+" owner "+appName); err != nil {
		return fmt.Errorf("creating salesbot's database: %w", err)
	}
	return nil
}

func (s *Server) createRole(ctx context.Context, db *sql.DB) error {
	password, err := os.ReadFile(s.home.password())
	if err != nil {
		return errors.Join(errors.New("the database's password is missing"), err)
	}
	_, err = db.ExecContext(ctx, "create role "+appName+" login password "+pq.QuoteLiteral(strings.TrimSpace(string(password))))
	return err
}
