package migrator

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

const (
	// lockPoll is how often we ask for the lock of migrations, cancelPoll how often for the end of a statement.
	lockPoll   = 100 * time.Millisecond
	cancelPoll = 250 * time.Millisecond
)

// migrationSession is the connection of one Migrator call, with golang-migrate on top once prepare has run.
type migrationSession struct {
	db               *sql.DB   // what golang-migrate asks for
	conn             *pgx.Conn // its only connection
	database, schema string
	driver           *migrationDriver
	migrate          *migrate.Migrate
	// applied are the versions that are applied, in order.
	applied []int
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
	s := &migrationSession{}
	s.db = stdlib.OpenDB(*config.Copy(), stdlib.OptionAfterConnect(s.setUp))
	s.db.SetMaxOpenConns(1)
	if err := s.db.PingContext(ctx); err != nil {
		s.close(ctx)
		return nil, err
	}
	return s, nil
}

// setUp prepares the connection. It refuses a second one, which would not hold the lock.
func (s *migrationSession) setUp(ctx context.Context, conn *pgx.Conn) error {
	if s.conn != nil {
		return errors.Join(errors.New("the connection to the database was lost"), conn.Close(ctx))
	}
	s.conn = conn
	if _, err := conn.Exec(ctx, setTimeouts); err != nil {
		return err
	}
	err := conn.QueryRow(ctx, "SELECT current_database(), coalesce(current_schema(), '')").Scan(&s.database, &s.schema)
	if err == nil && s.schema == "" {
		return errors.New("no schema of the database user's search_path exists: create one, or set search_path")
	}
	return err
}

// table returns a table of the schema, qualified and quoted.
func (s *migrationSession) table(name string) string {
	return pgx.Identifier{s.schema, name}.Sanitize()
}

// lock takes golang-migrate's advisory lock for this connection. It polls, because a statement that
// blocks is what CREATE INDEX CONCURRENTLY of the process that holds the lock would wait for, until
// PostgreSQL ends one of them as a deadlock.
func (s *migrationSession) lock(ctx context.Context, patience time.Duration) error {
	key, err := database.GenerateAdvisoryLockId(s.database, s.schema, migrationsTable)
	if err != nil {
		return fmt.Errorf("naming the lock of migrations: %w", err)
	}
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		var locked bool
		err := s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1::bigint)", key).Scan(&locked)
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
	if err := s.conn.QueryRow(ctx, holder, key).Scan(&pid); err != nil {
		return fmt.Errorf("%w, for longer than %s: run the command again", ErrMigrationLocked, patience)
	}
	return fmt.Errorf("%w, for longer than %s: wait for it, or if it hangs, end it with SELECT pg_terminate_backend(%d)",
		ErrMigrationLocked, patience, pid)
}

// prepare sets golang-migrate up, creates the tables of versions if they are missing, and reads the
// state of the schema.
func (s *migrationSession) prepare(ctx context.Context, list []Migration) (schemaState, error) {
	if err := s.setUpMigrate(); err != nil {
		return schemaState{}, err
	}
	var missing bool // IF NOT EXISTS would need CREATE on the schema every time
	err := s.conn.QueryRow(ctx, "SELECT to_regclass($1) IS NULL", s.table(appliedTable)).Scan(&missing)
	if err == nil && missing {
		_, err = s.conn.Exec(ctx, "CREATE TABLE "+s.table(appliedTable)+" (version bigint NOT NULL PRIMARY KEY)")
	}
	if err != nil {
		return schemaState{}, err
	}
	state, err := readState(ctx, s.conn)
	if err != nil {
		return schemaState{}, err
	}
	s.applied = state.applied(list)
	if !state.dirty && !slices.Equal(s.applied, state.recorded) {
		err = s.catchUp(ctx, state)
	}
	return state, err
}

// setUpMigrate sets golang-migrate up, whose driver creates its table. It gets no source of files,
// because it would choose by the newest version alone: step chooses what it runs.
func (s *migrationSession) setUpMigrate() error {
	inner, err := migratepgx.WithInstance(s.db, &migratepgx.Config{
		DatabaseName: s.database, SchemaName: s.schema, MigrationsTable: migrationsTable,
	})
	if err != nil {
		return err
	}
	s.driver = &migrationDriver{Driver: inner}
	s.migrate, err = migrate.NewWithInstance("", nil, "pgx5", s.driver)
	return err
}

// catchUp records what a tool applied or reverted that records nothing.
func (s *migrationSession) catchUp(ctx context.Context, state schemaState) error {
	_, err := s.conn.Exec(ctx, "WITH gone AS (DELETE FROM "+s.table(appliedTable)+" WHERE version > $1) "+
		"INSERT INTO "+s.table(appliedTable)+" SELECT unnest($2::bigint[]) ON CONFLICT DO NOTHING", state.version, s.applied)
	return err
}

// cancelOn has the server cancel whatever runs once ctx is done, and answer. The function that it returns ends that, and
// must be called before close.
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
	_ = s.conn.PgConn().CancelRequest(ctx) // it is only ever an attempt
}

// close disconnects, which gives up the lock.
func (s *migrationSession) close(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), connectTimeout)
	defer stop()
	if s.conn != nil {
		_ = s.conn.Close(ctx)
	}
	_ = s.db.Close()
}
