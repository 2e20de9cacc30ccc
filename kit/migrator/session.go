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

	"example.com/plinth/kit/pgkit"
)

const (
	// lockPoll is the interval of attempts to get the lock, cancelPoll that of attempts to cancel
	// a statement.
	lockPoll   = 100 * time.Millisecond
	cancelPoll = 250 * time.Millisecond
)

// session is the connection of one Migrator call, with golang-migrate on top once prepare has run.
type session struct {
	db               *sql.DB   // what golang-migrate asks for
	conn             *pgx.Conn // its only connection
	database, schema string
	driver           *driver
	migrate          *migrate.Migrate
	// applied are the versions that are applied, in order.
	applied []int
}

// setTimeouts bounds the effect of a migration on other sessions, unless the URL sets the
// parameters. All statements on a table queue behind one that waits for a lock on it, hence the
// short lock_timeout.
const setTimeouts = `SELECT set_config(name, value, false)
FROM pg_settings JOIN (VALUES
    ('lock_timeout', '5s'),
    ('statement_timeout', '1h'),
    ('idle_in_transaction_session_timeout', '1min')
) AS wanted (name, value) USING (name)
WHERE source <> 'client'`

// openSession connects. The caller must close the session.
func openSession(ctx context.Context, config *pgx.ConnConfig) (*session, error) {
	s := &session{}
	s.db = stdlib.OpenDB(*config.Copy(), stdlib.OptionAfterConnect(s.setUp))
	s.db.SetMaxOpenConns(1)
	if err := s.db.PingContext(ctx); err != nil {
		s.close(ctx)
		return nil, err
	}
	return s, nil
}

// setUp prepares the connection. It rejects a second one, which would not hold the lock.
func (s *session) setUp(ctx context.Context, conn *pgx.Conn) error {
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
func (s *session) table(name string) string {
	return pgx.Identifier{s.schema, name}.Sanitize()
}

// lock takes golang-migrate's advisory lock for this connection. It polls, because a blocked
// statement would deadlock with CREATE INDEX CONCURRENTLY of the process that holds the lock.
func (s *session) lock(ctx context.Context, patience time.Duration) error {
	key, err := database.GenerateAdvisoryLockId(s.database, s.schema, migrationsTable)
	if err != nil {
		return fmt.Errorf("naming the migration lock: %w", err)
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

// lockError names the server process that holds the lock, if it still holds it.
func (s *session) lockError(ctx context.Context, key string, patience time.Duration) error {
	const holder = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = $1::bigint
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	var pid int
	if err := s.conn.QueryRow(ctx, holder, key).Scan(&pid); err != nil {
		return fmt.Errorf("%w, for longer than %s: run the command again", ErrLocked, patience)
	}
	return fmt.Errorf("%w, for longer than %s: wait for it, or if it hangs, end it with "+
		"SELECT pg_terminate_backend(%d)", ErrLocked, patience, pid)
}

// prepare sets golang-migrate up, creates the version tables if they are missing, and reads the
// state of the schema.
func (s *session) prepare(ctx context.Context, list []Migration) (schemaState, error) {
	if err := s.setUpMigrate(); err != nil {
		return schemaState{}, err
	}
	var missing bool // IF NOT EXISTS needs the CREATE privilege every time
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
// because it would choose by the newest version alone: step chooses.
func (s *session) setUpMigrate() error {
	inner, err := migratepgx.WithInstance(s.db, &migratepgx.Config{
		DatabaseName: s.database, SchemaName: s.schema, MigrationsTable: migrationsTable,
	})
	if err != nil {
		return err
	}
	s.driver = &driver{Driver: inner}
	s.migrate, err = migrate.NewWithInstance("", nil, "pgx5", s.driver)
	return err
}

// catchUp records what a tool that does not record each version applied or reverted.
func (s *session) catchUp(ctx context.Context, state schemaState) error {
	query := "WITH gone AS (DELETE FROM " + s.table(appliedTable) + " WHERE version > $1) " +
		"INSERT INTO " + s.table(appliedTable) + " SELECT unnest($2::bigint[]) ON CONFLICT DO NOTHING"
	_, err := s.conn.Exec(ctx, query, state.version, s.applied)
	return err
}

// cancelOn cancels the running statement on the server once ctx is done. The caller must call
// release before close.
func (s *session) cancelOn(ctx context.Context) (release func()) {
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
			s.cancel(ctx) // repeatedly, because an attempt may arrive between two statements
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

func (s *session) cancel(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), pgkit.ConnectTimeout)
	defer stop()
	_ = s.conn.PgConn().CancelRequest(ctx) // best effort
}

// close disconnects, which releases the lock.
func (s *session) close(ctx context.Context) {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), pgkit.ConnectTimeout)
	defer stop()
	if s.conn != nil {
		_ = s.conn.Close(ctx)
	}
	_ = s.db.Close()
}
