package testdb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/plinth/kit/devdb"
)

// Prefixes of the databases that this package makes.
const (
	project        = "plinth"
	testPrefix     = project + "_test_"
	templatePrefix = project + "_template_"
)

// server is where the test databases are made.
type server struct {
	admin *pgxpool.Pool // connected to the maintenance database
	base  *url.URL      // of the maintenance database
	own   *devdb.Server // nil when the server was given
	// clone ends the statement that clones a template.
	clone string

	mu       sync.Mutex
	template string // once it exists
}

// settings say which server to use.
type settings struct {
	databaseURL string // of a given server; empty: start one
	binDir      string // of the programs to start it with; empty: search
	mirror      string // of the repository that these are fetched from; empty: the standard one
	slots       string // the folder to start it in; empty: choose
}

func environment() settings {
	return settings{
		databaseURL: os.Getenv("TEST_DATABASE_URL"), //nolint:forbidigo // tests have no config.Config
		binDir:      os.Getenv("POSTGRES_BIN"),      //nolint:forbidigo // see above
		mirror:      os.Getenv("POSTGRES_MIRROR"),   //nolint:forbidigo // see above
	}
}

// open connects to the given server, or starts one in a slot.
func open(ctx context.Context, cfg settings) (*server, error) {
	if cfg.databaseURL != "" {
		s, err := connect(ctx, cfg.databaseURL)
		if err != nil {
			return nil, fmt.Errorf("TEST_DATABASE_URL: %w", err)
		}
		return s, nil
	}
	own, err := openSlot(ctx, cfg)
	if err != nil {
		return nil, err
	}
	s, err := connect(ctx, own.URL("postgres"))
	if err != nil {
		return nil, errors.Join(err, own.Stop())
	}
	s.own = own
	// Copying files beats replaying them through the log where nothing is synced.
	s.clone = " STRATEGY FILE_COPY"
	if err := s.dropLeftovers(ctx); err != nil {
		return nil, errors.Join(err, own.Stop())
	}
	return s, nil
}

func connect(ctx context.Context, databaseURL string) (*server, error) {
	base, err := url.Parse(databaseURL)
	if err != nil || (base.Scheme != "postgres" && base.Scheme != "postgresql") {
		return nil, errors.New("not a URL that begins with postgres://") // the parser's words would show the password
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
	return &server{admin: admin, base: base}, nil
}

// url returns the URL of a database of the server.
func (s *server) url(database string) string {
	u := *s.base
	u.Path = "/" + database
	return u.String()
}

// create clones a template under a new name.
func (s *server) create(ctx context.Context, template string) (string, error) {
	name := testPrefix + strings.ToLower(rand.Text())
	_, err := s.admin.Exec(ctx, "CREATE DATABASE "+quote(name)+" TEMPLATE "+quote(template)+s.clone)
	return name, err
}

// drop removes a database, and whoever is still connected to it. It waits for them
// to be gone first: DROP DATABASE looks only every 100 ms.
func (s *server) drop(ctx context.Context, name string) error {
	for connected := true; connected; {
		err := s.admin.QueryRow(ctx,
			"SELECT count(pg_terminate_backend(pid)) > 0 FROM pg_stat_activity WHERE datname = $1", name).Scan(&connected)
		if err != nil {
			return err
		}
	}
	_, err := s.admin.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(name)+" WITH (FORCE)")
	return err
}

// dropLeftovers removes what earlier test binaries left in this slot: databases of
// tests and templates of other migrations.
func (s *server) dropLeftovers(ctx context.Context) error {
	current, err := templateName()
	if err != nil {
		return err
	}
	rows, err := s.admin.Query(ctx, "SELECT datname FROM pg_database WHERE starts_with(datname, $1) OR starts_with(datname, $2)",
		testPrefix, templatePrefix)
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

// dropLeftoverRoles removes the roles of databases that are gone, of which they owned all that they had.
func (s *server) dropLeftoverRoles(ctx context.Context) error {
	rows, err := s.admin.Query(ctx, "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)", testPrefix)
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
