package pgstore

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgx/v5"
)

const (
	migrationsTable = "schema_migrations"
	// defaultLockWait is long enough for most migrations of others.
	defaultLockWait = 5 * time.Minute
)

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
}

// Migrator moves the schema of one database up and down. It connects for each call and holds an advisory lock during it,
// so several processes may use theirs at once. When ctx ends, the migration that runs is cancelled and rolled back.
type Migrator struct {
	config   *pgx.ConnConfig
	files    fs.FS
	list     []Migration
	lockWait time.Duration
}

// NewMigrator prepares a Migrator, without connecting. It fails with ErrDatabaseURL, or if Files are not in order.
func NewMigrator(databaseURL string, options MigratorOptions) (*Migrator, error) {
	config, err := pgx.ParseConfig(databaseURL)
	if err != nil {
		return nil, ErrDatabaseURL
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "migrate"
	}
	m := &Migrator{config: config, files: options.Files, lockWait: options.LockWait}
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

// direction is a step for golang-migrate.
type direction int

const (
	wayUp   direction = 1
	wayDown direction = -1
)

// Up applies all pending migrations and returns those that it applied, also beside an error. It fails with a
// *SchemaError if the schema is dirty.
func (m *Migrator) Up(ctx context.Context) ([]Migration, error) {
	return m.move(ctx, wayUp, func(version int) ([]Migration, error) {
		applied, pending := splitAt(m.list, version)
		if len(pending) > 0 && newest(applied) != version {
			return nil, unknownVersion(version)
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
	return m.move(ctx, wayDown, func(version int) ([]Migration, error) {
		applied, _ := splitAt(m.list, version)
		if newest(applied) != version {
			return nil, unknownVersion(version)
		}
		chosen, err := choose(applied)
		chosen = slices.Clone(chosen)
		slices.Reverse(chosen)
		return chosen, err
	})
}

// move takes the steps that plan returns for the current version, and returns those that went through.
func (m *Migrator) move(ctx context.Context, way direction, plan func(version int) ([]Migration, error)) ([]Migration, error) {
	var moved []Migration
	err := m.locked(ctx, func(s *migrationSession) error {
		version, dirty, err := s.version(ctx)
		if err != nil {
			return err
		}
		if dirty {
			return &SchemaError{Version: version, Needed: newest(m.list), Dirty: true}
		}
		steps, err := plan(version)
		if err != nil {
			return err
		}
		for _, migration := range steps {
			if err := s.step(ctx, migration, way); err != nil {
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
	return m.locked(ctx, func(s *migrationSession) error {
		dirtyVersion, dirty, err := s.version(ctx)
		if err != nil {
			return err
		}
		if !dirty {
			return ErrNotDirty
		}
		if !isKnown(m.list, dirtyVersion) {
			return unknownVersion(dirtyVersion)
		}
		if version == 0 {
			version = database.NilVersion
		}
		return explain(s.migrate.Force(version))
	})
}

// locked runs work on a connection that holds the lock of migrations, with golang-migrate on top.
func (m *Migrator) locked(ctx context.Context, work func(*migrationSession) error) error {
	return m.alone(ctx, func(s *migrationSession) error {
		if err := s.prepare(m.files); err != nil {
			return interrupted(ctx, explain(err))
		}
		return work(s)
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
