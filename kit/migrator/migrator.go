package migrator

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
)

// defaultLockWait is longer than most migrations take.
const defaultLockWait = 5 * time.Minute

// Options tune a [Migrator]; the zero value works.
type Options struct {
	// LockWait bounds the wait for another process that is migrating. 0 means five minutes.
	LockWait time.Duration
	// AllowOutOfOrder makes Up apply migrations that are older than the newest applied one.
	AllowOutOfOrder bool
}

// Migrator moves the schema of one database up and down. Each call connects and holds an advisory
// lock, so several processes may migrate at once: one does, the others wait. When ctx ends, the
// running migration is canceled and rolled back. Errors are advice for operators, without
// passwords.
type Migrator struct {
	config   *pgx.ConnConfig
	files    fs.FS
	list     []Migration
	lockWait time.Duration
	anyOrder bool
}

// New returns a Migrator for the migrations at the top of files. It does not connect. It fails with
// [pgkit.ErrDatabaseURL], and if files lack a pair or have a version twice.
func New(databaseURL string, files fs.FS, options Options) (*Migrator, error) {
	pool, err := pgkit.ParseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	config := pool.ConnConfig
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = pgkit.ConnectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "migrate"
	}
	m := &Migrator{config: config, files: files, lockWait: options.LockWait, anyOrder: options.AllowOutOfOrder}
	if m.lockWait == 0 {
		m.lockWait = defaultLockWait
	}
	m.list, err = listMigrations(m.files)
	return m, err
}

// Up applies all pending migrations and returns those that it applied, also with an error. It
// leaves a schema alone that is newer than files. It fails with a [*SchemaError] if the schema is
// dirty, or if a pending migration is older than the newest applied one and the options do not
// allow that.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	return m.move(ctx, wayUp, func(versions []int) ([]Migration, error) {
		_, pending := split(m.list, versions)
		current := last(versions)
		if half := halfReplaced(pending, versions); len(half) > 0 {
			return nil, &SchemaError{Version: current, Needed: newest(m.list), Replaced: half}
		}
		late := olderThan(pending, current)
		switch {
		case len(late) > 0 && !m.anyOrder:
			return nil, &SchemaError{Version: current, Needed: newest(m.list), OutOfOrder: late}
		case len(pending) > len(late) && !isKnown(m.list, current):
			return nil, unknownVersion(current)
		}
		return pending, nil
	})
}

// Down reverts the last migrations. steps must be between 1 and the number of applied migrations.
// Down returns those that it reverted, also with an error.
func (m *Migrator) Down(ctx context.Context, steps int) ([]Migration, error) {
	return m.revert(ctx, func(applied []Migration) ([]Migration, error) {
		if steps < 1 || steps > len(applied) {
			return nil, fmt.Errorf("cannot revert %d migrations: %d are applied", steps, len(applied))
		}
		return applied[len(applied)-steps:], nil
	})
}

// DownAll reverts all migrations and returns those that it reverted, also with an error.
func (m *Migrator) DownAll(ctx context.Context) ([]Migration, error) {
	return m.revert(ctx, func(applied []Migration) ([]Migration, error) { return applied, nil })
}

func (m *Migrator) revert(
	ctx context.Context, choose func(applied []Migration) ([]Migration, error),
) ([]Migration, error) {
	return m.move(ctx, wayDown, func(versions []int) ([]Migration, error) {
		applied, _ := split(m.list, versions)
		if newest(applied) != last(versions) {
			return nil, unknownVersion(last(versions))
		}
		chosen, err := choose(applied)
		chosen = slices.Clone(chosen)
		slices.Reverse(chosen)
		return chosen, err
	})
}

// move runs the migrations that plan returns for the applied versions, and returns those that
// succeeded.
func (m *Migrator) move(
	ctx context.Context, way direction, plan func(versions []int) ([]Migration, error),
) ([]Migration, error) {
	var moved []Migration
	err := m.locked(ctx, func(s *session, state schemaState) error {
		if state.dirty {
			return &SchemaError{Version: state.version, Needed: newest(m.list), Dirty: true}
		}
		steps, err := plan(s.applied)
		if err != nil {
			return err
		}
		for _, migration := range steps {
			if err := s.step(ctx, m.files, migration, way); err != nil {
				return err
			}
			moved = append(moved, migration)
		}
		return nil
	})
	return moved, err
}

// Repair records that a dirty schema is at version, which is that of a migration or 0. It runs
// nothing: the caller must know that the version is true. It fails with [ErrNotDirty] and
// [ErrUnknownVersion].
func (m *Migrator) Repair(ctx context.Context, version int) error {
	if !isKnown(m.list, version) {
		return fmt.Errorf("version %d: %w", version, ErrUnknownVersion)
	}
	return m.locked(ctx, func(s *session, state schemaState) error {
		switch {
		case !state.dirty:
			return ErrNotDirty
		case !isKnown(m.list, state.version):
			return unknownVersion(state.version)
		}
		return s.repair(state.repaired(m.list, version))
	})
}

// locked runs work with the migration lock and the state of the schema.
func (m *Migrator) locked(ctx context.Context, work func(*session, schemaState) error) error {
	return m.alone(ctx, func(s *session) error {
		state, err := s.prepare(ctx, m.list)
		if err != nil {
			return interrupted(ctx, explain(err))
		}
		return work(s, state)
	})
}

// alone runs work on a connection that holds the migration lock.
func (m *Migrator) alone(ctx context.Context, work func(*session) error) error {
	s, err := openSession(ctx, m.config)
	if err != nil {
		return interrupted(ctx, explain(err))
	}
	defer s.close(ctx)
	if err := s.lock(ctx, m.lockWait); err != nil {
		return interrupted(ctx, explain(err))
	}
	release := s.cancelOn(ctx)
	defer release()
	return work(s)
}

// interrupted returns an error that names the end of ctx if ctx has ended, else err.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &operatorError{text: "interrupted before anything was migrated", err: context.Cause(ctx)}
}
