// Package devdb runs a private PostgreSQL server for laptops and tests, so that
// nobody has to install or configure one. It owns the folder of the cluster, the
// server's process and the search for its binaries; it knows nothing of the
// schema, and it reads no settings from the environment. Production never
// imports it.
package devdb

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// cacheName is the folder in the cache of the user or the system. All projects that use this package
	// share it: entries are named by PostgreSQL version or by the absolute path of a cluster.
	cacheName = "plinth"
	// superuser is the role that initdb creates and that every URL signs in as.
	superuser = "postgres"
	// maintenance is the database that exists in every cluster.
	maintenance = "postgres"
	// oldestMajor is the first PostgreSQL version that the schema is tested on.
	oldestMajor = 15
)

// Errors that callers can tell apart.
var (
	// ErrInUse means that another process owns the cluster and Options.Exclusive was set.
	ErrInUse = errors.New("the cluster is in use by another process")
	// ErrNoServer means that no usable PostgreSQL binaries were found or fetched.
	ErrNoServer = errors.New("no PostgreSQL server to be had")
	// ErrWrongVersion means that the cluster needs another major version than the one at hand.
	ErrWrongVersion = errors.New("the cluster belongs to another major version of PostgreSQL")
	// ErrForeignFolder means that a folder holds something that this package did not make.
	ErrForeignFolder = errors.New("the folder holds something else than a cluster of this project")
)

// Options says where the cluster lives and how it runs. Dir is required; the
// zero value of everything else works.
type Options struct {
	// Dir holds the cluster, its password, port and log. It is created when
	// missing. A folder that holds anything else is refused, never emptied. As
	// root, a Dir that the server's user cannot enter is replaced by a folder
	// under the system's cache: see [Server.Dir].
	Dir string
	// BinDir is the folder of postgres and initdb (POSTGRES_BIN). Empty means: search.
	BinDir string
	// CacheDir keeps fetched binaries. Empty means this project's folder in the
	// user's cache, or in the system's as root.
	CacheDir string
	// Repository is the base URL of the Maven repository that binaries are
	// fetched from when the machine has none. Empty means the fetching library's own.
	Repository string
	// Exclusive makes Start fail with ErrInUse where it would join a server.
	Exclusive bool
	// Volatile trades durability for speed, for tests: nothing is synced, and a
	// cluster that was not shut down cleanly, is of another major version or does
	// not start is made anew.
	Volatile bool
	// Settings of the server, such as "wal_level=replica", win over those that this package makes.
	Settings []string
	// Log receives what happens on the way. Nil means nowhere.
	Log *slog.Logger
	// stallAfter is how long the repository may send nothing; 0 means 15 seconds.
	stallAfter time.Duration
}

func (o Options) logger() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// Server is a running PostgreSQL server on 127.0.0.1. One that this process
// started ends with this process, however that ends.
type Server struct {
	dir      string
	port     int
	password string
	joined   bool
	done     chan struct{}
	stop     func() error
	reasons  func() string
}

// Dir returns the folder that the cluster lives in. It differs from Options.Dir
// only when root's server could not have entered that.
func (s *Server) Dir() string { return s.dir }

// Joined reports whether another process started the server. A joined server
// ends with that process: watch [Server.Done].
func (s *Server) Joined() bool { return s.joined }

// Done is closed once the server has ended, for whatever reason.
func (s *Server) Done() <-chan struct{} { return s.done }

// Reasons returns what the server's log says about its end, or about a failure.
func (s *Server) Reasons() string { return s.reasons() }

// URL returns the connection URL of the named database, password included.
func (s *Server) URL(database string) string {
	return connectionURL(s.port, s.password, database)
}

// Stop ends the server and returns once it has, or leaves a joined one alone. A
// second call does nothing more.
func (s *Server) Stop() error { return s.stop() }

// CreateDatabase creates the named database unless it exists.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL(maintenance))
	if err != nil {
		return fmt.Errorf("creating database %s: %w", name, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	// Unlike template1, template0 is cloned whatever became of the system's collation library.
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()+" TEMPLATE template0")
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == "42P04" { // duplicate_database
		return nil
	}
	if err != nil {
		return fmt.Errorf("creating database %s: %w", name, err)
	}
	return nil
}

func connectionURL(port int, password, database string) string {
	return (&url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(superuser, password),
		Host:     net.JoinHostPort("127.0.0.1", strconv.Itoa(port)),
		Path:     database,
		RawQuery: "sslmode=disable",
	}).String()
}

// joinServer connects to a server that another process started. The connection
// is kept, because its end is how the end of the server shows.
func joinServer(ctx context.Context, dir, password string, port int, reasons func() string) (*Server, error) {
	conn, err := pgx.Connect(ctx, connectionURL(port, password, maintenance))
	if err != nil {
		return nil, fmt.Errorf("joining the server on port %d: %w", port, err)
	}
	watch, leave := context.WithCancel(context.WithoutCancel(ctx))
	left, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(left)
		_, err := conn.WaitForNotification(watch)
		for err == nil {
			_, err = conn.WaitForNotification(watch)
		}
		if watch.Err() == nil {
			close(done)
		}
		_ = conn.Close(context.WithoutCancel(watch))
	}()
	stop := sync.OnceValue(func() error {
		leave()
		<-left
		return nil
	})
	return &Server{dir: dir, port: port, password: password, joined: true, done: done, stop: stop, reasons: reasons}, nil
}
