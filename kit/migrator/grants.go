package migrator

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
)

// rights are what the server's role may do with a table that it does not own, where that is not everything but
// changing its shape: nobody can change audit events through it, or the version of the schema.
var rights = map[string]string{
	// No times, so that an event is of the moment at which it is added. The ids are those of the release before, which a
	// trigger replaces.
	"audit_events":  "SELECT, INSERT (id, type, actor_id, target_id, session_id, ip, request_id, detail, coalesced_by), UPDATE (count)",
	migrationsTable: "SELECT",
	appliedTable:    "SELECT",
}

const allRights = "SELECT, INSERT, UPDATE, DELETE"

// Grant is what became of the rights of the server's role.
type Grant struct {
	// Role is that of the server; empty if it is the one that migrates, which owns everything anyway.
	Role string
	// IsSuperior means that the role can change audit events all the same: it is a superuser, or a member of the owner's.
	IsSuperior bool
}

// GrantTo gives the role of the server's URL the rights that it needs on the tables in the schema, and takes away what else
// it had. The role must exist. Like the other methods it waits for others that migrate.
func (m *Migrator) GrantTo(ctx context.Context, serverURL string) (Grant, error) {
	server, err := parseURL(serverURL)
	if err != nil {
		return Grant{}, err
	}
	if server.ConnConfig.User == m.config.User {
		return Grant{}, nil
	}
	grant := Grant{Role: server.ConnConfig.User}
	err = m.alone(ctx, func(s *migrationSession) (err error) {
		grant.IsSuperior, err = s.grantTo(ctx, grant.Role)
		return explain(err)
	})
	if err != nil {
		return grant, fmt.Errorf("granting %s what the server needs: %w", grant.Role, err)
	}
	return grant, nil
}

func (s *migrationSession) grantTo(ctx context.Context, role string) (isSuperior bool, err error) {
	tx, err := s.conn.Begin(ctx)
	if err != nil {
		return false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after the commit it does nothing
	tables, err := ownTables(ctx, tx)
	if err != nil {
		return false, err
	}
	to := pgx.Identifier{role}.Sanitize()
	statements := []string{"GRANT USAGE ON SCHEMA " + pgx.Identifier{s.schema}.Sanitize() + " TO " + to}
	for _, table := range tables {
		granted, limited := rights[table]
		if !limited {
			granted = allRights
		}
		on := " ON " + s.table(table)
		statements = append(statements, "REVOKE ALL"+on+" FROM "+to, "GRANT "+granted+on+" TO "+to)
	}
	if slices.Contains(tables, "audit_events") {
		statements = append(statements, "GRANT EXECUTE ON FUNCTION "+s.table("prune_audit_events")+"(interval, integer) TO "+to)
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return false, err
		}
	}
	if slices.Contains(tables, "audit_events") {
		const query = `SELECT pg_has_role($1, relowner, 'MEMBER') OR has_table_privilege($1, oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')
			FROM pg_class WHERE relname = 'audit_events' AND relnamespace = current_schema()::regnamespace`
		if err := tx.QueryRow(ctx, query, role).Scan(&isSuperior); err != nil {
			return false, err
		}
	}
	return isSuperior, tx.Commit(ctx)
}

// ownTables lists the tables in the schema whose rights we can give.
func ownTables(ctx context.Context, tx pgx.Tx) ([]string, error) {
	const query = `SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')
		AND relnamespace = current_schema()::regnamespace AND pg_has_role(relowner, 'USAGE') ORDER BY relname`
	rows, err := tx.Query(ctx, query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
