package testdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/plinth/kit/devdb"
)

// server is the running PostgreSQL server.
type server struct {
	options Options
	admin   *pgxpool.Pool // connected to the maintenance database
	base    *url.URL      // of the maintenance database
	own     *devdb.Server // nil if TEST_DATABASE_URL names the server
	// clone ends the statement that clones a template.
	clone string

	mu       sync.Mutex
	template string // once it exists
}

func (s *server) testPrefix() string     { return s.options.Project + "_test_" }
func (s *server) templatePrefix() string { return s.options.Project + "_template_" }

// open connects to the server of TEST_DATABASE_URL, or starts one in a slot below folder, which may
// be empty for the standard one.
func open(ctx context.Context, options Options, folder string) (*server, error) {
	if given := options.Getenv("TEST_DATABASE_URL"); given != "" {
		s, err := connect(ctx, options, given)
		if err != nil {
			return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
		}
		return s, nil
	}
	own, err := openSlot(ctx, options, folder)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, options, own.URL("postgres"))
	if err != nil {
		return nil, errors.Join(err, own.Stop())
	}
	s.own = own
	// Without fsync, copying files is faster than writing them through the log.
	s.clone = " STRATEGY FILE_COPY"
	if err := s.dropLeftovers(ctx); err != nil {
		return nil, errors.Join(err, own.Stop())
	}
	return s, nil
}

func connect(ctx context.Context, options Options, databaseURL string) (*server, error) {
	base, err := url.Parse(databaseURL)
	if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
		return nil, errors.New("not a URL that begins with postgres://") // the parser's message shows the password
	}
	cfg, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, fmt.Errorf("reading the URL: %w", err)
	}
	cfg.MaxConns = 4
	admin, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connecting to the test server: %w", err)
	}
	if err := admin.Ping(ctx); err != nil {
		admin.Close()
		return nil, fmt.Errorf("connecting to the test server: %w", err)
	}
	return &server{options: options, admin: admin, base: base}, nil
}

// url returns the URL of a database of the server.
func (s *server) url(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// create clones a template under a new name.
func (s *server) create(ctx context.Context, template string) (string, error) {
	name := s.testPrefix() + strings.ToLower(rand.Text())
	_, err := s.admin.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template)+s.clone)
	return name, err
}

// drop terminates the connections of a database and drops it. It polls for their end itself,
// because DROP DATABASE polls only every 100 ms.
func (s *server) drop(ctx context.Context, name string) error {
	for connected := true; connected; {
		const terminate = "SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE datname = $1"
		err := s.admin.QueryRow(ctx, terminate, name).Scan(&connected)
		if err != nil {
			return err
		}
	}
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	return err
}

// dropLeftovers drops what earlier test binaries left in this slot: databases and roles of tests,
// and templates of other migrations.
func (s *server) dropLeftovers(ctx context.Context) error {
	current, err := s.templateName()
	if err != nil {
		return err
	}
	const query = "SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR starts_with(datname, $2)"
	rows, err := s.admin.Query(ctx, query, s.testPrefix(), s.templatePrefix())
	if err != nil {
		return fmt.Errorf("listing left-over databases: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("listing left-over databases: %w", err)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == current })
	for _, name := range names {
		if err := s.drop(ctx, name); err != nil {
			return fmt.Errorf("dropping a left-over database: %w", err)
		}
	}
	return s.dropLeftoverRoles(ctx)
}

// dropLeftoverRoles drops the roles of tests. They own nothing any more: their databases are gone.
func (s *server) dropLeftoverRoles(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", s.testPrefix())
	if err != nil {
		return fmt.Errorf("listing left-over roles: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("listing left-over roles: %w", err)
	}
	for _, name := range names {
		if _, err := s.admin.Exec(ctx, "DROP ROLE "+quote(name)); err != nil {
			return fmt.Errorf("dropping a left-over role: %w", err)
		}
	}
	return nil
}

func quote(identifier string) string { return pgx.Identifier{identifier}.Sanitize() }
