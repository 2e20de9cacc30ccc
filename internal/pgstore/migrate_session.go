package pgstore

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// lockPoll is how often we ask for the lock of migrations, cancelPoll how often for the end of a statement.
	lockPoll   = 100 * time.Millisecond
	cancelPoll = 250 * time.Millisecond
)

// migrationSession is the connection of one Migrator call.
type migrationSession struct {
	conn             *pgx.Conn
	database, schema string
	// applied are the versions that are applied, in order, once prepare has read them.
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
	conn, err := pgx.ConnectConfig(ctx, config.Copy())
	if err != nil {
		return nil, err
	}
	s := &migrationSession{conn: conn}
	if err := s.setUp(ctx); err != nil {
		s.close(ctx)
		return nil, err
	}
	return s, nil
}

func (s *migrationSession) setUp(ctx context.Context) error {
	if _, err := s.conn.Exec(ctx, setTimeouts); err != nil {
		return err
	}
	err := s.conn.QueryRow(ctx, "SELECT current_database(), coalesce(current_schema(), '')").Scan(&s.database, &s.schema)
	if err == nil && s.schema == "" {
		return errors.New("no schema of the database user's search_path exists: create one, or set search_path")
	}
	return err
}

// table returns a table of the schema, qualified and quoted.
func (s *migrationSession) table(name string) string {
	return pgx.Identifier{s.schema, name}.Sanitize()
}

// lockKey is that of golang-migrate, so that its command and earlier releases wait for us.
func (s *migrationSession) lockKey() int64 {
	const salt = 1486364155
	return int64(crc32.ChecksumIEEE([]byte(strings.Join([]string{s.schema, migrationsTable, s.database}, "\x00"))) * salt)
}

// lock takes the advisory lock of migrations for this connection. It polls, because a statement that blocks is what CREATE
// INDEX CONCURRENTLY of the process that holds the lock would wait for, until PostgreSQL ends one of them as a deadlock.
func (s *migrationSession) lock(ctx context.Context, patience time.Duration) error {
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	poll := time.NewTicker(lockPoll)
	defer poll.Stop()
	for {
		var locked bool
		err := s.conn.QueryRow(ctx, "SELECT pg_try_advisory_lock($1)", s.lockKey()).Scan(&locked)
		if err != nil || locked {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-deadline.C:
			return s.lockError(ctx, patience)
		case <-poll.C:
		}
	}
}

// lockError names the server process that holds the lock, if it still does.
func (s *migrationSession) lockError(ctx context.Context, patience time.Duration) error {
	const holder = `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid::bigint = $1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
	var pid int
	if err := s.conn.QueryRow(ctx, holder, s.lockKey()).Scan(&pid); err != nil {
		return fmt.Errorf("%w, for longer than %s: run the command again", ErrMigrationLocked, patience)
	}
	return fmt.Errorf("%w, for longer than %s: wait for it, or if it hangs, end it with SELECT pg_terminate_backend(%d)",
		ErrMigrationLocked, patience, pid)
}

// prepare makes the tables of versions, if they are missing, and reads the state of the schema.
func (s *migrationSession) prepare(ctx context.Context, list []Migration) (schemaState, error) {
	for _, table := range []struct{ name, columns string }{
		{migrationsTable, "version bigint NOT NULL PRIMARY KEY, dirty boolean NOT NULL"},
		{appliedTable, "version bigint NOT NULL PRIMARY KEY"},
	} {
		var missing bool // IF NOT EXISTS would need CREATE on the schema every time
		err := s.conn.QueryRow(ctx, "SELECT to_regclass($1) IS NULL", s.table(table.name)).Scan(&missing)
		if err == nil && missing {
			_, err = s.conn.Exec(ctx, "CREATE TABLE "+s.table(table.name)+" ("+table.columns+")")
		}
		if err != nil {
			return schemaState{}, err
		}
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
	_ = s.conn.Close(ctx)
}
