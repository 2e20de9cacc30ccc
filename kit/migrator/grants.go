package migrator

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/plinth/kit/pgkit"
)

// Grants are the privileges of the role that a service connects as, if that role does not own the
// tables. The zero value grants reading and writing rows of all tables but the version tables.
type Grants struct {
	// Tables lists tables with fewer privileges than SELECT, INSERT, UPDATE and DELETE, such as
	// "SELECT, INSERT (id, type)". Tables that do not exist are skipped.
	Tables map[string]string
	// Functions lists functions of the schema that the role may execute, such as
	// "prune_events(interval, integer)". Functions that do not exist are skipped.
	Functions []string
	// Sequences lists sequences that the role may use, for rows whose numbers have no identity
	// column. Sequences that do not exist are skipped.
	Sequences []string
}

const allRights = "SELECT, INSERT, UPDATE, DELETE"

// of returns the privileges on a table.
func (g Grants) of(table string) string {
	if table == migrationsTable || table == appliedTable {
		return "SELECT"
	}
	if limited, ok := g.Tables[table]; ok {
		return limited
	}
	return allRights
}

// Granted is the result of [Migrator.GrantTo].
type Granted struct {
	// Role is that of the service. It is empty if the role also migrates: it owns the tables.
	Role string
	// Exceeded lists tables of Grants.Tables that the role can change anyway, as a superuser or a
	// member of the owner's role.
	Exceeded []string
}

// GrantTo grants privileges on all tables of the schema to the role of serviceURL, and revokes its
// others. The role must exist.
func (m *Migrator) GrantTo(ctx context.Context, serviceURL string, grants Grants) (Granted, error) {
	service, err := pgkit.ParseURL(serviceURL)
	if err != nil {
		return Granted{}, err
	}
	if service.ConnConfig.User == m.config.User {
		return Granted{}, nil
	}
	granted := Granted{Role: service.ConnConfig.User}
	err = m.alone(ctx, func(s *session) (err error) {
		granted.Exceeded, err = s.grantTo(ctx, granted.Role, grants)
		return explain(err)
	})
	if err != nil {
		return granted, fmt.Errorf("granting %s what the server needs: %w", granted.Role, err)
	}
	return granted, nil
}

func (s *session) grantTo(ctx context.Context, role string, grants Grants) (exceeded []string, err error) {
	err = pgx.BeginFunc(ctx, s.conn, func(tx pgx.Tx) error {
		tables, err := ownTables(ctx, tx)
		if err != nil {
			return err
		}
		to := pgx.Identifier{role}.Sanitize()
		statements := []string{"GRANT USAGE ON SCHEMA " + pgx.Identifier{s.schema}.Sanitize() + " TO " + to}
		for _, table := range tables {
			on := " ON " + s.table(table)
			statements = append(statements, "REVOKE ALL"+on+" FROM "+to, "GRANT "+grants.of(table)+on+" TO "+to)
		}
		functions, err := s.functions(ctx, tx, grants.Functions)
		if err != nil {
			return err
		}
		for _, function := range functions {
			statements = append(statements, "GRANT EXECUTE ON FUNCTION "+function+" TO "+to)
		}
		sequences, err := s.sequences(ctx, tx, grants.Sequences)
		if err != nil {
			return err
		}
		for _, sequence := range sequences {
			statements = append(statements, "GRANT USAGE ON SEQUENCE "+sequence+" TO "+to)
		}
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement); err != nil {
				return err
			}
		}
		for _, table := range tables {
			limited, ok := grants.Tables[table]
			if !ok {
				continue
			}
			canChange, err := s.exceeds(ctx, tx, role, table, limited)
			if err != nil {
				return err
			}
			if canChange {
				exceeded = append(exceeded, table)
			}
		}
		return nil
	})
	return exceeded, err
}

// functions returns those that exist, qualified.
func (s *session) functions(ctx context.Context, tx pgx.Tx, wanted []string) ([]string, error) {
	var found []string
	for _, function := range wanted {
		name, arguments, _ := strings.Cut(function, "(")
		qualified, exists := s.table(name)+"("+arguments, false
		if err := tx.QueryRow(ctx, "SELECT to_regprocedure($1) IS NOT NULL", qualified).Scan(&exists); err != nil {
			return nil, err
		}
		if exists {
			found = append(found, qualified)
		}
	}
	return found, nil
}

// sequences returns those that exist, qualified.
func (s *session) sequences(ctx context.Context, tx pgx.Tx, wanted []string) (found []string, err error) {
	for _, name := range wanted {
		exists := false
		if err := tx.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", s.table(name)).Scan(&exists); err != nil {
			return nil, err
		}
		if exists {
			found = append(found, s.table(name))
		}
	}
	return found, nil
}

// ofColumns matches privileges that are limited to columns.
var ofColumns = regexp.MustCompile(`\w+\s*\([^)]*\)`)

// exceeds reports whether a role can change a table in ways that were not granted.
func (s *session) exceeds(ctx context.Context, tx pgx.Tx, role, table, granted string) (bool, error) {
	ofTable := strings.Fields(strings.ReplaceAll(ofColumns.ReplaceAllString(granted, ""), ",", " "))
	changes := slices.DeleteFunc([]string{"UPDATE", "DELETE", "TRUNCATE", "TRIGGER"}, func(privilege string) bool {
		return slices.Contains(ofTable, privilege)
	})
	const query = `SELECT pg_has_role($1, relowner, 'MEMBER') OR has_table_privilege($1, oid, $2)
		FROM pg_class WHERE oid = $3::regclass`
	var exceeds bool
	err := tx.QueryRow(ctx, query, role, strings.Join(changes, ", "), s.table(table)).Scan(&exceeds)
	return exceeds, err
}

// ownTables returns the tables of the schema whose privileges the current role can grant.
func ownTables(ctx context.Context, tx pgx.Tx) ([]string, error) {
	const query = `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
		AND relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE') ORDER BY relname`
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
