package testdb

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"testing"
	"time"
)

// patience bounds each step for one test, including a cold start and fetching PostgreSQL.
const patience = 5 * time.Minute

// Options name the project and its schema. Project and Getenv are required.
type Options struct {
	// Project prefixes databases, roles and folders, so that projects on one machine stay apart.
	Project string
	// Getenv reads TEST_DATABASE_URL, POSTGRES_BIN and POSTGRES_MIRROR: os.Getenv.
	Getenv func(name string) string
	// Extensions are those that Migrations create, see devdb.Options.
	Extensions []string
	// Migrations are the files that the schema comes from. A template is reused while they stay
	// the same.
	Migrations fs.FS
	// Migrate applies Migrations to an empty database. Without it only empty databases are
	// available.
	Migrate func(ctx context.Context, databaseURL string) error
}

// Server creates databases for the tests of one binary. It is safe for concurrent use.
type Server struct {
	open func() (*server, error)
}

// New returns a Server that starts on first use. It is never stopped: the database server watches
// the test binary and ends with it, even if the binary is killed.
func New(options Options) *Server {
	return &Server{open: sync.OnceValues(func() (*server, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return open(ctx, options, "")
	})}
}

// URL returns the URL of a new database with all migrations applied. The database is dropped when
// the test ends, after the cleanups that the test registers later, such as closing its
// connections.
func (s *Server) URL(tb testing.TB) string {
	tb.Helper()
	return s.database(tb, (*server).migratedTemplate)
}

// EmptyURL is [Server.URL] without any tables, for tests of migrations.
func (s *Server) EmptyURL(tb testing.TB) string {
	tb.Helper()
	return s.database(tb, func(*server, context.Context) (string, error) { return "template0", nil })
}

func (s *Server) database(tb testing.TB, template func(*server, context.Context) (string, error)) string {
	tb.Helper()
	running := s.running(tb)
	ctx, cancel := context.WithTimeout(tb.Context(), patience)
	defer cancel()
	from, err := template(running, ctx)
	if err != nil {
		tb.Fatalf("preparing the template of test databases: %v", err)
	}
	name, err := running.create(ctx, from)
	if err != nil {
		tb.Fatalf("creating a test database: %v", err)
	}
	tb.Cleanup(func() { dropAfter(tb, running, name) })
	return running.url(name)
}

// running starts the server on first use.
func (s *Server) running(tb testing.TB) *server {
	tb.Helper()
	running, err := s.open()
	if err != nil {
		tb.Fatalf("no PostgreSQL server for the tests: %v", err)
	}
	return running
}

// dropAfter drops the database of a test that has ended, and whose context has ended with it.
func dropAfter(tb testing.TB, s *server, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(tb.Context()), patience)
	defer cancel()
	if err := s.drop(ctx, name); err != nil {
		tb.Errorf("dropping a test database: %v", err)
	}
}

// errNoMigrations means that a test wants tables and Options bring none.
var errNoMigrations = errors.New("testdb.Options has no Migrate")
