package migrator

import (
	"context"
	"fmt"
	"io/fs"
	"slices"

	"github.com/jackc/pgx/v5"
)

// SchemaError means that a program cannot use a schema. Its text names the command that helps.
type SchemaError struct {
	// Version is that of the schema, 0 if it is empty.
	Version int
	// Needed is the newest version of the files.
	Needed int
	// Dirty means that a migration from or to Version was interrupted.
	Dirty bool
	// OutOfOrder has pending migrations that are older than Version.
	OutOfOrder []Migration
	// Replaced has pending migrations of which the schema has a part: it was created by earlier
	// files, which were squashed into these, and lacks some of them.
	Replaced []Migration
}

// Error is one line of advice.
func (e *SchemaError) Error() string {
	switch {
	case e.Dirty:
		return fmt.Sprintf("the database schema is marked dirty at version %d, because a migration was interrupted: "+
			"run `migrate repair`, which explains what to do", e.Version)
	case len(e.Replaced) > 0:
		return fmt.Sprintf("the database schema is at version %d, and %s replaces the files of older migrations, "+
			"which it lacks in part: first run `migrate up` of the last release that has those files",
			e.Version, e.Replaced[0])
	case len(e.OutOfOrder) > 0:
		return fmt.Sprintf("the database schema is at version %d, but %v, which is older, was never applied: "+
			"run `migrate up --allow-out-of-order` if it does not depend on the order, "+
			"or give its files a newer version", e.Version, e.OutOfOrder)
	case e.Version == 0:
		return fmt.Sprintf("the database has no schema yet and this program needs version %d: run `migrate up`",
			e.Needed)
	}
	return fmt.Sprintf("the database schema is at version %d and this program needs version %d: run `migrate up`",
		e.Version, e.Needed)
}

// Status is the state of a schema.
type Status struct {
	// Version is the newest applied version, 0 if there is none. If Dirty, it is the target of an
	// interrupted migration.
	Version int
	Dirty   bool
	// Migrations has those of the files, in order.
	Migrations []Migration
	// applied has the applied versions, in order.
	applied []int
}

// Newest returns the newest version of the files.
func (s Status) Newest() int { return newest(s.Migrations) }

// Pending returns the migrations that are not applied, in order, including one that leads to a
// dirty version.
func (s Status) Pending() []Migration {
	_, pending := split(s.Migrations, s.applied)
	return pending
}

// OutOfOrder returns the pending migrations that are older than the newest applied one.
func (s Status) OutOfOrder() []Migration { return olderThan(s.Pending(), last(s.applied)) }

// Replaced returns the pending migrations of which the schema has a part, see [SchemaError].
func (s Status) Replaced() []Migration { return halfReplaced(s.Pending(), s.applied) }

// IsApplied reports whether a migration is applied.
func (s Status) IsApplied(m Migration) bool { return slices.Contains(s.applied, m.Version) }

// RepairVersion returns the likely version of a dirty schema: the one before the interrupted
// migration, because most migrations go up. It fails with [ErrUnknownVersion].
func (s Status) RepairVersion() (int, error) {
	if !isKnown(s.Migrations, s.Version) {
		return 0, unknownVersion(s.Version)
	}
	if s.Version == 0 { // only down migrations lead there
		return newest(s.Migrations[:min(1, len(s.Migrations))]), nil
	}
	return newest(olderThan(s.Migrations, s.Version)), nil
}

// isKnown reports whether version is that of a migration in list, or 0.
func isKnown(list []Migration, version int) bool {
	return version == 0 || slices.ContainsFunc(list, func(m Migration) bool { return m.Version == version })
}

// Status reads the state of the schema. It changes nothing and takes no lock.
func (m *Migrator) Status(ctx context.Context) (Status, error) {
	conn, err := pgx.ConnectConfig(ctx, m.config.Copy())
	if err != nil {
		return Status{}, explain(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // only read from
	state, err := readState(ctx, conn)
	if err != nil {
		return Status{}, explain(err)
	}
	return Status{
		Version: state.version, Dirty: state.dirty, Migrations: m.list, applied: state.applied(m.list),
	}, nil
}

// Check fails with a [*SchemaError] if the schema is dirty or lacks a migration of files. It
// accepts a newer schema: older programs run on it during a deployment and after a rollback.
func Check(ctx context.Context, db RowQuerier, files fs.FS) error {
	list, err := listMigrations(files)
	if err != nil {
		return fmt.Errorf("checking the schema: %w", err)
	}
	state, err := readState(ctx, db)
	if err != nil {
		return fmt.Errorf("checking the schema: %w", explain(err))
	}
	applied := state.applied(list)
	if _, pending := split(list, applied); state.dirty || len(pending) > 0 {
		return &SchemaError{
			Version: state.version, Needed: newest(list), Dirty: state.dirty,
			OutOfOrder: olderThan(pending, state.version), Replaced: halfReplaced(pending, applied),
		}
	}
	return nil
}
