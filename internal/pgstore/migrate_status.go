package pgstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SchemaError says why a schema does not do for this program, and which command helps.
type SchemaError struct {
	// Version is that of the schema, 0 if it is empty.
	Version int
	// Needed is the newest version that this program knows.
	Needed int
	// Dirty means that a migration from or to Version was cut off.
	Dirty bool
}

// Error is one line of advice.
func (e *SchemaError) Error() string {
	switch {
	case e.Dirty:
		return fmt.Sprintf("the database schema is marked dirty at version %d, because a migration was cut off half way: "+
			"run `migrate repair`, which explains what to do", e.Version)
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
}

// Newest returns the newest version that this program knows.
func (s SchemaStatus) Newest() int { return newest(s.Migrations) }

// Pending returns the migrations that are yet to be applied, in order, those that lead to a dirty version among them.
func (s SchemaStatus) Pending() []Migration {
	version := s.Version
	if s.Dirty {
		version--
	}
	_, pending := splitAt(s.Migrations, version)
	return pending
}

// RepairVersion returns the version that a dirty schema most likely is at: the one before the migration that was cut off,
// which usually was on its way up. It fails with ErrUnknownVersion.
func (s SchemaStatus) RepairVersion() (int, error) {
	if !isKnown(s.Migrations, s.Version) {
		return 0, unknownVersion(s.Version)
	}
	if s.Version == 0 { // only a way down leads there
		_, pending := splitAt(s.Migrations, 0)
		return newest(pending[:min(1, len(pending))]), nil
	}
	applied, _ := splitAt(s.Migrations, s.Version-1)
	return newest(applied), nil
}

// isKnown reports whether version is that of a migration in list, or 0.
func isKnown(list []Migration, version int) bool {
	return version == 0 || slices.ContainsFunc(list, func(m Migration) bool { return m.Version == version })
}

// splitAt divides list into the migrations that lead to version and those after it.
func splitAt(list []Migration, version int) (applied, pending []Migration) {
	for i, migration := range list {
		if migration.Version > version {
			return list[:i], list[i:]
		}
	}
	return list, nil
}

// Status reads where the schema stands. It changes nothing and waits for nobody.
func (m *Migrator) Status(ctx context.Context) (SchemaStatus, error) {
	conn, err := pgx.ConnectConfig(ctx, m.config.Copy())
	if err != nil {
		return SchemaStatus{}, explain(err)
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // it was only read from
	version, dirty, err := readVersion(ctx, conn)
	if err != nil {
		return SchemaStatus{}, explain(err)
	}
	return SchemaStatus{Version: version, Dirty: dirty, Migrations: m.list}, nil
}

// rowQuerier is a pool, a connection or a transaction.
type rowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// CheckSchema fails with a *SchemaError if the schema is dirty, or older than this program needs. A newer schema is
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
	version, dirty, err := readVersion(ctx, db)
	if err != nil {
		return fmt.Errorf("checking the schema: %w", explain(err))
	}
	if needed := newest(list); dirty || version < needed {
		return &SchemaError{Version: version, Needed: needed, Dirty: dirty}
	}
	return nil
}

// readVersion returns 0 for a database without migrations, and for golang-migrate's -1.
func readVersion(ctx context.Context, db rowQuerier) (version int, dirty bool, err error) {
	err = db.QueryRow(ctx, "SELECT version, dirty FROM "+migrationsTable+" LIMIT 1").Scan(&version, &dirty)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, false, nil
	}
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == pgerrcode.UndefinedTable {
		return 0, false, nil
	}
	return max(version, 0), dirty, err
}
