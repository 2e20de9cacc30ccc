package pgstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// lockPoll is how often we ask for the lock of migrations, cancelPoll how often for the end of a statement.
	lockPoll   = 100 * time.Millisecond
	cancelPoll = 250 * time.Millisecond
)

// migrationSession is one connection of one Migrator call, with golang-migrate on top.
type migrationSession struct {
	db      *sql.DB
	conn    *pgconn.PgConn
	config  *migratepgx.Config
	driver  *migrationDriver
	migrate *migrate.Migrate
}

// setTimeouts bounds what a migration may do to those who use the database meanwhile, unless the URL says otherwise. A
// statement that waits for a lock on a table makes all others on it queue behind, hence the short lock_timeout.
const setTimeouts = `SELECT set_config(name, value, false)
FROM pg_settings JOIN (VALUES
    ('lock_timeout', '5s'),
    ('statement_timeout', '1h'),
    ('idle_in_transaction_session_timeout', '1min')
) AS wanted (name, value) USING (name)
WHERE source <> 'client'`

// openSession connects. The caller must close the session.
func openSession(ctx context.Context, config *pgx.ConnConfig) (*migrationSession, error) {
	pool := stdlib.OpenDB(*config.Copy(), stdlib.OptionAfterConnect(func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, setTimeouts)
		return err
	}))
	// A single connection, so that golang-migrate gets the one that holds the lock.
	pool.SetMaxOpenConns(1)
	s := &migrationSession{db: pool, config: &migratepgx.Config{MigrationsTable: migrationsTable}}
	if err := s.inspect(ctx); err != nil {
		return nil, errors.Join(err, pool.Close())
	}
	return s, nil
}

// inspect learns what the lock is named after, and the connection below database/sql.
func (s *migrationSession) inspect(ctx context.Context) error {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it goes back to the pool
	err = conn.QueryRowContext(ctx, "SELECT current_database(), coalesce(current_schema(), '')").
		Scan(&s.config.DatabaseName, &s.config.SchemaName)
	if err != nil {
		return err
	}
	if s.config.SchemaName == "" {
		return errors.New("no schema of the database user's search_path exists: create one, or set search_path")
	}
	return conn.Raw(func(driverConn any) error {
		pgxConn, ok := driverConn.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("the database driver is a %T", driverConn)
		}
		s.conn = pgxConn.Conn().PgConn()
		return nil
	})
}

// lock takes golang-migrate's own advisory lock for this connection, in advance: golang-migrate would block in a statement,
// for as long as it takes, and a blocked statement is what CREATE INDEX CONCURRENTLY of the process that holds the lock
// would wait for, until PostgreSQL ends one of them as a deadlock. A connection can take a lock that it has once more.
func (s *migrationSession) lock(ctx context.Context, patience time.Duration) error {
	key, err := database.GenerateAdvisoryLockId(s.config.DatabaseName, s.config.SchemaName, s.config.MigrationsTable)
	if err != nil {
		return fmt.Errorf("naming the lock of migrations: %w", err)
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		var locked bool
		err := s.db.QueryRowContext(ctx, "SELECT pg_try_advisory_lock($1::bigint)", key).Scan(&locked)
		if err != nil || locked {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return s.lockError(ctx, key, patience)
		case <-poll.C:
		}
	}
}

// lockError names the server process that holds the lock, if it still does.
func (s *migrationSession) lockError(ctx context.Context, key string, patience time.Duration) error {
	const holder = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = $1::bigint
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	var pid int
	if err := s.db.QueryRowContext(ctx, holder, key).Scan(&pid); err != nil {
		return fmt.Errorf("%w, for longer than %s: run the command again", ErrMigrationLocked, patience)
	}
	return fmt.Errorf("%w, for longer than %s: wait for it, or if it hangs, end it with SELECT pg_terminate_backend(%d)",
		ErrMigrationLocked, patience, pid)
}

// prepare sets golang-migrate up, and with it the table of versions.
func (s *migrationSession) prepare(files fs.FS) error {
	source, err := iofs.New(files, ".")
	if err != nil {
		return fmt.Errorf("reading migrations: %w", err)
	}
	inner, err := migratepgx.WithInstance(s.db, s.config)
	if err != nil {
		return err
	}
	table := pgx.Identifier{s.config.SchemaName, s.config.MigrationsTable}.Sanitize()
	s.driver = &migrationDriver{Driver: inner, table: table}
	s.migrate, err = migrate.NewWithInstance("iofs", source, "pgx5", s.driver)
	return err
}

func (s *migrationSession) version(ctx context.Context) (version int, dirty bool, err error) {
	version, dirty, err = s.driver.Version()
	if err != nil {
		return 0, false, interrupted(ctx, explain(err))
	}
	return max(version, 0), dirty, nil
}

// step runs one migration.
func (s *migrationSession) step(ctx context.Context, migration Migration, way direction) error {
	file := migration.file(way)
	if ctx.Err() != nil {
		return &migrationError{text: "interrupted before " + file, err: context.Cause(ctx)}
	}
	err := s.migrate.Steps(int(way))
	if err == nil || s.driver.done { // what failed after that is giving up a lock that ends with the connection
		return nil
	}
	return explainStep(ctx, file, s.driver.atomic, err)
}

// cancelOn has the server cancel whatever runs once ctx is done, because golang-migrate takes no context. The function
// that it returns ends that, and must be called before close.
func (s *migrationSession) cancelOn(ctx context.Context) (release func()) {
	finish, finished := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(finished)
		select {
		case <-finish:
			return
		case <-ctx.Done():
		}
		poll := time.NewTicker(cancelPoll)
		defer poll.Stop()
		for {
			s.cancel(ctx) // again and again, since it may come between two statements
			select {
			case <-finish:
				return
			case <-poll.C:
			}
		}
	}()
	return func() {
		close(finish)
		<-finished
	}
}

func (s *migrationSession) cancel(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer stop()
	_ = s.conn.CancelRequest(ctx) // it is only ever an attempt
}

// close disconnects, which gives up the lock. Where golang-migrate failed half way it still keeps the connection, which
// therefore is closed by itself.
func (s *migrationSession) close(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer stop()
	if s.migrate != nil {
		_, _ = s.migrate.Close()
	}
	_ = s.db.Close()
	_ = s.conn.Close(ctx)
}
