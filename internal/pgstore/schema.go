package pgstore

import (
	"context"

	"example.com/plinth/db"
	"example.com/plinth/kit/migrator"
)

// Migrate applies all migrations of this program that the database lacks, see
// [migrator.Migrator.Up].
func Migrate(ctx context.Context, databaseURL string) error {
	m, err := migrator.New(databaseURL, db.Migrations(), migrator.Options{})
	if err != nil {
		return err
	}
	_, err = m.Up(ctx)
	return err
}

// Grants are the privileges of the server's role, if another role owns the tables.
func Grants() migrator.Grants {
	return migrator.Grants{
		Tables: map[string]string{
			// scaffold:begin audit
			// No times: an event has the time at which it is added. The ids are those of the
			// release before, which a trigger replaces.
			"audit_events": "SELECT, UPDATE (count), " +
				"INSERT (id, type, actor_id, target_id, session_id, ip, request_id, detail, coalesced_by)",
			// scaffold:end audit
		},
		Functions: []string{"prune_audit_events(interval, integer)"}, // scaffold:only audit
		Sequences: []string{"river_job_id_seq"},
	}
}

// CheckSchema fails if the schema is older than this program needs, see [migrator.Check].
func (s *Store) CheckSchema(ctx context.Context) error {
	return translate(migrator.Check(ctx, s.pool, db.Migrations()), nil)
}
