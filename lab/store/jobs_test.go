package store_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"example.com/plinth/db"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/jobs"
	"example.com/plinth/kit/migrator"
)

// The migrations create the tables of River as those of River itself do. After an update of River
// that has a further migration, add one that does the same.
func TestTablesOfRiver(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	pool, err := pgxpool.New(t.Context(), databaseURL)
	noError(t, err)
	t.Cleanup(pool.Close)
	rivers, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	noError(t, err)
	_, err = rivers.Migrate(t.Context(), rivermigrate.DirectionUp, nil)
	noError(t, err)
	pgtest.Exec(t, databaseURL, "CREATE TABLE applied_migrations (version bigint)") // for catalog
	wanted := ofRiver(pgtest.Value[[]string](t, databaseURL, catalog))
	if diff := cmp.Diff(wanted, ofRiver(pgtest.Value[[]string](t, pgtest.URL(t), catalog))); diff != "" || len(wanted) < 50 {
		t.Errorf("schema (-of River +of the migrations):\n%s", diff)
	}
}

// ofRiver returns the lines about the tables that River uses.
func ofRiver(lines []string) (of []string) {
	for _, line := range lines {
		if strings.Contains(line, "river_") && !strings.Contains(line, "river_migration") {
			of = append(of, line)
		}
	}
	return of
}

type noop struct{}

func (noop) Kind() string { return "noop" }

// The server's role, which does not own the tables, can enqueue jobs and run them.
func TestServerRoleRunsJobs(t *testing.T) {
	t.Parallel()
	owner, server := pgtest.TwoRoles(t)
	m, err := migrator.New(owner, db.Migrations(), migrator.Options{})
	noError(t, err)
	_, err = m.Up(t.Context())
	noError(t, err)
	_, err = m.GrantTo(t.Context(), server, pgstore.Grants())
	noError(t, err)
	store := pgtest.NewStore(t, server, pgstore.Options{})
	done := make(chan struct{})
	workers := store.NewWorkers([]jobs.Handler{jobs.Handle(func(context.Context, noop) error {
		close(done)
		return nil
	})}, jobs.Options{})
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan error, 1)
	go func() { stopped <- workers.Run(ctx) }()
	noError(t, store.InTx(t.Context(), func(tx domain.Store) error { return tx.EnqueueJob(t.Context(), noop{}) }))
	<-done
	pgtest.Await(t, owner, "SELECT state = 'completed' FROM river_job")
	stop()
	noError(t, <-stopped)
	state, err := store.JobState(t.Context())
	if err != nil || state != (jobs.State{}) {
		t.Errorf("the state is %+v, %v", state, err)
	}
}
