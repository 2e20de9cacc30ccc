package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

// counted has the counts of a type and an actor in the log. A minute may end during the test.
func counted(t *testing.T, databaseURL string, event domain.NewAuditEvent) (rows, count int) {
	t.Helper()
	found := pgtest.Rows[struct{ Rows, Count int }](t, databaseURL,
		"SELECT count(*) AS rows, coalesce(sum(count), 0) AS count FROM audit_events WHERE type = $1 AND actor_id = $2",
		string(event.Type), event.ActorID)
	return found[0].Rows, found[0].Count
}

func TestRefusalsAreCountedInOneRow(t *testing.T) {
	t.Parallel()
	server, owner := pgtest.MigratedByOwner(t)
	store := pgtest.NewStore(t, server, pgstore.Options{})
	event := newEvent(t)
	event.Type, event.ActorID = domain.EventForbidden, noSuchID
	const refusals = 100
	var group sync.WaitGroup
	for range refusals {
		again := event
		again.ID = newEvent(t).ID
		group.Go(func() {
			if err := store.RecordRefusal(t.Context(), noSuchID, again); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if rows, count := counted(t, owner, event); rows > 2 || count != refusals {
		t.Errorf("%d refusals are counted in %d rows, want %d in one", count, rows, refusals)
	}
	events, err := store.ListAuditEvents(t.Context(),
		domain.AuditEventQuery{Range: paging.Range{Limit: 9}, ActorID: &event.ActorID})
	if err != nil || len(events) == 0 || events[0].Count < 2 || !events[0].LastOccurredAt.After(events[0].OccurredAt) {
		t.Errorf("the list has %+v (%v)", events, err)
	}

	other := event
	other.Type, other.ID = domain.EventLoginThrottled, newEvent(t).ID
	if err := store.RecordRefusal(t.Context(), noSuchID, other); err != nil {
		t.Fatal(err)
	}
	if rows, count := counted(t, owner, other); rows != 1 || count != 1 {
		t.Errorf("another type is counted %d times in %d rows, want once", count, rows)
	}
	event.ID = newEvent(t).ID
	before, _ := counted(t, owner, event)
	if err := store.RecordRefusal(t.Context(), "another subject", event); err != nil {
		t.Fatal(err)
	}
	if rows, _ := counted(t, owner, event); rows != before+1 {
		t.Errorf("another subject has %d rows more, want 1", rows-before)
	}
}

// An attacker who controls the server has only its role.
func TestServerRoleCannotForgeAuditEvents(t *testing.T) {
	t.Parallel()
	server, owner := pgtest.MigratedByOwner(t)
	store := pgtest.NewStore(t, server, pgstore.Options{})
	refusal := newEvent(t)
	refusal.Type = domain.EventForbidden
	if err := store.RecordRefusal(t.Context(), "a subject", refusal); err != nil {
		t.Fatal(err)
	}
	if err := store.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
		t.Fatal(err)
	}
	ageAuditEvents(t, owner, 10, 89, 95)
	for sql, want := range map[string]string{
		"INSERT INTO audit_events (type, occurred_at) VALUES ('authz_change', '2001-01-01')":        pgerrcode.InsufficientPrivilege,
		"INSERT INTO audit_events (type, last_occurred_at) VALUES ('authz_change', '2001-01-01')":   pgerrcode.InsufficientPrivilege,
		"INSERT INTO audit_events (type, count) VALUES ('authz_change', 1000)":                      pgerrcode.InsufficientPrivilege,
		"INSERT INTO audit_events (type, detail) VALUES ('audit_pruned', '2026-01-01T00:00:00Z')":   pgerrcode.InsufficientPrivilege,
		"UPDATE audit_events SET last_occurred_at = now()":                                          pgerrcode.InsufficientPrivilege,
		"UPDATE audit_events SET count = 0":                                                         pgerrcode.RestrictViolation,
		"UPDATE audit_events SET count = count + 2 WHERE coalesced_by IS NOT NULL":                  pgerrcode.RestrictViolation,
		"UPDATE audit_events SET count = count + 1 WHERE coalesced_by IS NULL":                      pgerrcode.RestrictViolation,
		"DELETE FROM audit_events WHERE occurred_at < now() - interval '1 year'":                    pgerrcode.InsufficientPrivilege,
		"CREATE FUNCTION prune_audit_events(interval, bigint) RETURNS bigint LANGUAGE sql RETURN 1": pgerrcode.InsufficientPrivilege,
	} {
		_, err := pgtest.Connect(t, server).Exec(t.Context(), sql)
		if pgErr, ok := errors.AsType[*pgconn.PgError](err); !ok || pgErr.Code != want {
			t.Errorf("%s: %v, want SQLSTATE %s", sql, err, want)
		}
	}
	if n := pgtest.Value[int](t, owner, "SELECT count(*) FROM audit_events"); n != 5 {
		t.Errorf("%d events are there, want 5", n)
	}

	// The release before sends ids.
	pgtest.Exec(t, server, "INSERT INTO audit_events (id, type) VALUES ('00000000000000000000000001', 'authz_change')")
	const forged = "SELECT count(*) FROM audit_events WHERE id = '00000000000000000000000001'"
	if n := pgtest.Value[int](t, owner, forged); n != 0 {
		t.Error("the server's role has chosen an id")
	}
	if id := pgtest.Value[string](t, owner, "SELECT id FROM audit_events ORDER BY occurred_at DESC LIMIT 1"); !idgen.Valid(id) {
		t.Errorf("%s is no ULID", id)
	}

	if pruned, err := store.PruneOldAuditEvents(t.Context(), 24*time.Hour, 100); err != nil || pruned != 1 {
		t.Errorf("%d events were pruned (%v), want that of 95 days", pruned, err)
	}
	// This interval is 4 days, but greater than 90 days: PostgreSQL compares months as 30 days.
	if n := pgtest.Value[int](t, server, "SELECT prune_audit_events('-1200 months 36529 days', 100)"); n != 0 {
		t.Errorf("an interval with negative months has pruned %d events, want none of the last 90 days", n)
	}
}

// A temporary table must not replace a table that the functions read with the privileges of the
// owner.
func TestTemporaryTablesDoNotBypassTheAuditGuard(t *testing.T) {
	t.Parallel()
	server, owner := pgtest.MigratedByOwner(t)
	ageAuditEvents(t, owner, 95)
	conn := pgtest.Connect(t, server)
	for _, sql := range []string{
		"CREATE TEMPORARY TABLE pg_class AS SELECT 'audit_events'::regclass::oid AS oid, oid AS relowner FROM " +
			"pg_roles WHERE rolname = current_user",
		"CREATE TEMPORARY TABLE audit_events (LIKE public.audit_events)",
		"SET search_path = pg_temp, pg_catalog, public",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err := conn.Exec(t.Context(), "INSERT INTO public.audit_events (type, detail) VALUES ('audit_pruned', "+
		"'2026-01-01T00:00:00Z')")
	wantServerError(t, err, pgerrcode.InsufficientPrivilege)
	if _, err := conn.Exec(t.Context(), "SELECT public.prune_audit_events('1 day', 100)"); err != nil {
		t.Error(err)
	}
	if n := pgtest.Value[int](t, owner, "SELECT count(*) FROM audit_events WHERE type <> 'audit_pruned'"); n != 0 {
		t.Errorf("%d old events are left: another table was pruned", n)
	}
}

func TestOldAuditEventsArePruned(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age  time.Duration
		want string
	}{
		"the age that is asked for": {400 * 24 * time.Hour, "0 89 95 399"},
		"not below 90 days":         {24 * time.Hour, "0 89"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, owner := pgtest.MigratedByOwner(t)
			store := pgtest.NewStore(t, server, pgstore.Options{})
			ageAuditEvents(t, owner, 0, 89, 95, 399, 402, 500)
			for {
				if n, err := store.PruneOldAuditEvents(t.Context(), test.age, 1); err != nil || n > 1 {
					t.Fatalf("one step pruned %d (%v)", n, err)
				} else if n == 0 {
					break
				}
			}
			const left = "SELECT string_agg(detail, ' ' ORDER BY occurred_at DESC) FROM audit_events WHERE type <> " +
				"'audit_pruned'"
			if got := pgtest.Value[string](t, owner, left); got != test.want {
				t.Errorf("those of %s days are left, want %s", got, test.want)
			}
			const pruned = "SELECT count(*) FROM audit_events WHERE type = 'audit_pruned'"
			if n := pgtest.Value[int](t, owner, pruned); n != 1 {
				t.Errorf("the pruning was announced %d times, want once", n)
			}
		})
	}
}
