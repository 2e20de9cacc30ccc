package store_test

import (
	"testing"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/migrator"
)

// Earlier releases recorded the newest version alone. Version 8 was the newest of the last of them.
func TestSchemaOfEarlierReleaseContinues(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	m, err := migrator.New(databaseURL, db.Migrations(), migrator.Options{})
	noError(t, err)
	status, err := m.Status(t.Context())
	noError(t, err)
	_, err = m.Up(t.Context())
	noError(t, err)
	newer := 0
	for _, migration := range status.Migrations {
		if migration.Version > 8 {
			newer++
		}
	}
	_, err = m.Down(t.Context(), newer)
	noError(t, err)
	pgtest.Exec(t, databaseURL, "DROP TABLE applied_migrations")
	pgtest.Exec(t, databaseURL, "INSERT INTO throttles VALUES ('', '', now(), now())")
	applied, err := m.Up(t.Context())
	noError(t, err)
	if len(applied) != newer {
		t.Errorf("applied %v, want %d", applied, newer)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM throttles"); n != 1 {
		t.Errorf("%d rows are left, want 1", n)
	}
	noError(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}).CheckSchema(t.Context()))
}
