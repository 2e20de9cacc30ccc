package migrator

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// SchemaError says why a schema does not do for this program, and which command helps.
type SchemaError struct {
	// Version is that of the schema, 0 if it is empty.
	Version int
	// Needed is the newest version that this program knows.
	Needed int
	// Dirty means that a migration from or to Version was cut off.
	Dirty bool
	// OutOfOrder are migrations that were not applied although they are older than Version.
	OutOfOrder []Migration
}

// Error is one line of advice.
func (e *SchemaError) Error() string {
	switch {
	case e.Dirty:
		return fmt.Sprintf("the database schema is marked dirty at version %d, because a migration was cut off half way: "+
			"run `migrate repair`, which explains what to do", e.Version)
	case len(e.OutOfOrder) > 0:
		return fmt.Sprintf("the database schema is at version %d, but %v, which is older, was never applied: run `migrate up "+
			"--allow-out-of-order` if it does not depend on the order, or give its files a newer version", e.Version, e.OutOfOrder)
	case e.Version == 0:
		return fmt.Sprintf("the database has no schema yet and this program needs version %d: run `migrate up`", e.Needed)
	}
	return fmt.Sprintf("the database schema is at version %d and this program needs version %d: run `migrate up`",
		e.Version, e.Needed)
}

// SchemaStatus says where the schema of a database stands.
type SchemaStatus struct {
	// Version is that of the last migration applied, 0 if there is none. If Dirty, it is where a migration that was cut off
	// was to lead.
	Version int
	Dirty   bool
	// Migrations are those that this program knows, in order.
	Migrations []Migration
	// applied are the versions that are applied, in order.
	applied []int
}

// Newest returns the newest version that this program knows.
func (s SchemaStatus) Newest() int { return newest(s.Migrations) }

// Pending returns the migrations that are yet to be applied, in order, those that lead to a dirty version among them.
func (s SchemaStatus) Pending() []Migration {
	_, pending := split(s.Migrations, s.applied)
	return pending
}

// OutOfOrder returns the pending migrations that are older than the newest applied one.
func (s SchemaStatus) OutOfOrder() []Migration { return olderThan(s.Pending(), last(s.applied)) }

// IsApplied reports whether a migration is applied.
func (s SchemaStatus) IsApplied(m Migration) bool { return slices.Contains(s.applied, m.Version) }

// RepairVersion returns the version that a dirty schema most likely is at: the one before the migration that was cut off,
// which usually was on its way up. It fails with ErrUnknownVersion.
func (s SchemaStatus) RepairVersion() (int, error) {
	if !isKnown(s.Migrations, s.Version) {
		return 0, unknownVersion(s.Version)
	}
	if s.Version == 0 { // only a way down leads there
		return newest(s.Migrations[:min(1, len(s.Migrations))]), nil
	}
	return newest(olderThan(s.Migrations, s.Version)), nil
}

// isKnown reports whether version is that of a migration in list, or 0.
func isKnown(list []Migration, version int) bool {
	return version == 0 || slices.ContainsFunc(list, func(m Migration) bool { return m.Version == version })
}

// Status reads where the schema stands. It changes nothing and waits for nobody.
func (m *Migrator) Status(ctx context.Context) (SchemaStatus, error) {
	conn, err := pgx.ConnectConfig(ctx, m.config.Copy())
	if err != nil {
		return SchemaStatus{}, explain(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read from
	state, err := readState(ctx, conn)
	if err != nil {
		return SchemaStatus{}, explain(err)
	}
	return SchemaStatus{Version: state.version, Dirty: state.dirty, Migrations: m.list, applied: state.applied(m.list)}, nil
}

// CheckSchema fails with a *SchemaError if the schema is dirty, or lacks a migration of this program. A newer schema is
// fine: during a deployment, and after one was taken back, older programs run on it.
func CheckSchema(ctx context.Context, db rowQuerier) error {
	files, err := embeddedMigrations()
	if err != nil {
		return fmt.Errorf("checking the schema: %w", err)
	}
	list, err := listMigrations(files)
	if err != nil {
		return fmt.Errorf("checking the schema: %w", err)
	}
	state, err := readState(ctx, db)
	if err != nil {
		return fmt.Errorf("checking the schema: %w", explain(err))
	}
	if _, pending := split(list, state.applied(list)); state.dirty || len(pending) > 0 {
		return &SchemaError{
			Version: state.version, Needed: newest(list), Dirty: state.dirty, OutOfOrder: olderThan(pending, state.version),
		}
	}
	return nil
}
