package migrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	// migrationsTable is golang-migrate's: one row with the newest version and the dirty mark.
	migrationsTable = "schema_migrations"
	// appliedTable has each applied version, because the newest alone does not show a missing
	// older one.
	appliedTable = "applied_migrations"
)

// schemaState is what a database records about its schema.
type schemaState struct {
	// version is the newest applied version, 0 for none. If dirty, it is the target of an
	// interrupted migration.
	version int
	dirty   bool
	// recorded has the rows of appliedTable in order. Other tools record only version.
	recorded []int
}

// RowQuerier is a pool, a connection or a transaction of pgx.
type RowQuerier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// readState returns the zero state for a database without migrations.
func readState(ctx context.Context, db RowQuerier) (schemaState, error) {
	var s schemaState
	err := db.QueryRow(ctx, "SELECT version, dirty FROM "+migrationsTable+" LIMIT 1").Scan(&s.version, &s.dirty)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return schemaState{}, unlessMissing(err)
	}
	s.version = max(s.version, 0) // golang-migrate writes -1
	const recorded = "SELECT coalesce(array_agg(version ORDER BY version), '{}') FROM " + appliedTable
	err = db.QueryRow(ctx, recorded).Scan(&s.recorded)
	return s, unlessMissing(err)
}

// unlessMissing returns nil if err says that a table does not exist.
func unlessMissing(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == pgerrcode.UndefinedTable {
		return nil
	}
	return err
}

// cutOffLate reports whether the interrupted migration is older than the newest applied one.
func (s schemaState) cutOffLate() bool {
	return s.dirty && s.version > 0 && s.version < last(s.recorded) && !slices.Contains(s.recorded, s.version)
}

// upTo returns the applied versions up to version: the recorded ones, and those of list after the
// last recorded one, which another tool applied.
func (s schemaState) upTo(list []Migration, version int) []int {
	var applied []int
	for _, v := range s.recorded {
		if v <= version {
			applied = append(applied, v)
		}
	}
	recorded := last(applied)
	for _, v := range versionsOf(list) {
		if v > recorded && v <= version {
			applied = append(applied, v)
		}
	}
	return applied
}

// applied returns the applied versions, without that of an interrupted migration.
func (s schemaState) applied(list []Migration) []int {
	if s.cutOffLate() {
		return s.recorded
	}
	applied := s.upTo(list, s.version)
	if s.dirty {
		return slices.DeleteFunc(applied, func(v int) bool { return v == s.version })
	}
	return applied
}

// repaired returns the applied versions after a repair to version.
func (s schemaState) repaired(list []Migration, version int) []int {
	if !s.cutOffLate() {
		return s.upTo(list, version)
	}
	if version == s.version {
		return with(s.recorded, version)
	}
	return s.recorded
}

// split divides list into applied and pending migrations.
func split(list []Migration, versions []int) (applied, pending []Migration) {
	for _, migration := range list {
		if slices.Contains(versions, migration.Version) {
			applied = append(applied, migration)
		} else {
			pending = append(pending, migration)
		}
	}
	return applied, pending
}

// versionsOf returns the versions of list and those that it replaces, in order.
func versionsOf(list []Migration) []int {
	var versions []int
	for _, migration := range list {
		versions = append(versions, migration.versions()...)
	}
	slices.Sort(versions)
	return versions
}

// halfReplaced returns the pending migrations that replace an applied one. Their files create what
// the schema has in part.
func halfReplaced(pending []Migration, applied []int) []Migration {
	var list []Migration
	for _, migration := range pending {
		if slices.ContainsFunc(migration.versions(), func(v int) bool { return slices.Contains(applied, v) }) {
			list = append(list, migration)
		}
	}
	return list
}

// olderThan returns the migrations of list before version.
func olderThan(list []Migration, version int) []Migration {
	for i, migration := range list {
		if migration.Version >= version {
			return list[:i]
		}
	}
	return list
}

func with(versions []int, more ...int) []int {
	versions = append(without(versions, more...), more...)
	slices.Sort(versions)
	return versions
}

func without(versions []int, less ...int) []int {
	return slices.DeleteFunc(slices.Clone(versions), func(v int) bool { return slices.Contains(less, v) })
}

// last returns the newest of versions in order, 0 if there is none.
func last(versions []int) int {
	if len(versions) == 0 {
		return 0
	}
	return versions[len(versions)-1]
}

// note returns the statements that record versions, which are in order, as the applied ones.
// Without versions golang-migrate's table stays empty, as with its own command.
func (s *session) note(versions []int) string {
	text := "DELETE FROM " + s.table(migrationsTable) + ";DELETE FROM " + s.table(appliedTable)
	if len(versions) == 0 {
		return text
	}
	rows := strings.Trim(strings.ReplaceAll(fmt.Sprint(versions), " ", "),("), "[]")
	return fmt.Sprintf("%s;INSERT INTO %s (version, dirty) VALUES (%d, false);INSERT INTO %s (version) VALUES (%s)",
		text, s.table(migrationsTable), last(versions), s.table(appliedTable), rows)
}
