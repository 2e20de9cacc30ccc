package migrator

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// defaultLockWait is long enough for most migrations of others.
const defaultLockWait = 5 * time.Minute

// Migrate applies all migrations of this program that the database lacks. Of several processes that call it at once, one
// migrates and the others wait. A schema that is newer than this program is left as it is. The error is in words for
// operators, one of SchemaError, ErrDatabaseURL and ErrMigrationLocked among others, and holds no password.
func Migrate(ctx context.Context, databaseURL string) error {
	m, err := NewMigrator(databaseURL, MigratorOptions{})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

// MigratorOptions tune a Migrator; the zero value works.
type MigratorOptions struct {
	// Files holds the migrations, at its top. Nil means those that this program was built with.
	Files fs.FS
	// LockWait bounds the wait for another process that is migrating. 0 means five minutes.
	LockWait time.Duration
	// AllowOutOfOrder lets Up apply migrations that are older than the newest applied one.
	AllowOutOfOrder bool
}

// Migrator moves the schema of one database up and down. It connects for each call and holds an advisory lock during it,
// so several processes may use theirs at once. When ctx ends, the migration that runs is cancelled and rolled back.
type Migrator struct {
	config   *pgx.ConnConfig
	files    fs.FS
	list     []Migration
	lockWait time.Duration
	anyOrder bool
}

// NewMigrator prepares a Migrator, without connecting. It fails with ErrDatabaseURL, or if Files are not in order.
func NewMigrator(databaseURL string, options MigratorOptions) (*Migrator, error) {
	pool, err := parseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	config := pool.ConnConfig
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "migrate"
	}
	m := &Migrator{config: config, files: options.Files, lockWait: options.LockWait, anyOrder: options.AllowOutOfOrder}
	if m.lockWait == 0 {
		m.lockWait = defaultLockWait
	}
	if m.files == nil {
		if m.files, err = embeddedMigrations(); err != nil {
			return nil, fmt.Errorf("reading migrations: %w", err)
		}
	}
	m.list, err = listMigrations(m.files)
	return m, err
}

// Up applies all pending migrations and returns those that it applied, also beside an error. It fails with a
// *SchemaError if the schema is dirty, or if a pending migration is older than the newest applied one and the options do not
// allow that.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	return m.move(ctx, wayUp, func(versions []int) ([]Migration, error) {
		_, pending := split(m.list, versions)
		current := last(versions)
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

// Down reverts the last migrations, as many as steps says, which must be at least 1 and no more than are applied. It
// returns those that it reverted, also beside an error.
func (m *Migrator) Down(ctx context.Context, steps int) ([]Migration, error) {
	return m.revert(ctx, func(applied []Migration) ([]Migration, error) {
		if steps < 1 || steps > len(applied) {
			return nil, fmt.Errorf("cannot revert %d migrations: %d are applied", steps, len(applied))
		}
		return applied[len(applied)-steps:], nil
	})
}

// DownAll reverts all migrations and returns them, also beside an error.
func (m *Migrator) DownAll(ctx context.Context) ([]Migration, error) {
	return m.revert(ctx, func(applied []Migration) ([]Migration, error) { return applied, nil })
}

func (m *Migrator) revert(ctx context.Context, choose func(applied []Migration) ([]Migration, error)) ([]Migration, error) {
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

// move takes the steps that plan returns for the applied versions, and returns those that went through.
func (m *Migrator) move(ctx context.Context, way direction, plan func(versions []int) ([]Migration, error)) ([]Migration, error) {
	var moved []Migration
	err := m.locked(ctx, func(s *migrationSession, state schemaState) error {
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

// Repair notes that a dirty schema is at version, which is one of this program's or 0, and runs nothing. Whether that is
// true is for the caller to find out: see SchemaStatus. It fails with ErrNotDirty and ErrUnknownVersion.
func (m *Migrator) Repair(ctx context.Context, version int) error {
	if !isKnown(m.list, version) {
		return fmt.Errorf("version %d: %w", version, ErrUnknownVersion)
	}
	return m.locked(ctx, func(s *migrationSession, state schemaState) error {
		switch {
		case !state.dirty:
			return ErrNotDirty
		case !isKnown(m.list, state.version):
			return unknownVersion(state.version)
		}
		return s.repair(state.repaired(m.list, version))
	})
}

// locked runs work on a connection that holds the lock of migrations, with the state of the schema.
func (m *Migrator) locked(ctx context.Context, work func(*migrationSession, schemaState) error) error {
	return m.alone(ctx, func(s *migrationSession) error {
		state, err := s.prepare(ctx, m.list)
		if err != nil {
			return interrupted(ctx, explain(err))
		}
		return work(s, state)
	})
}

// alone runs work on a connection that holds the lock of migrations.
func (m *Migrator) alone(ctx context.Context, work func(*migrationSession) error) error {
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

// interrupted tells errors that come from the end of ctx from those that the database is to blame for.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	return &migrationError{text: "interrupted before anything was migrated", err: context.Cause(ctx)}
}
