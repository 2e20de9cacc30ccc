package store_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

// Even a buggy service cannot record text that breaks a line of a log or a terminal.
func TestAuditEventsRejectControlCharactersAndLongTexts(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	for _, text := range []string{
		"a\nb", "a\r\nb", "\x1b[2J", "\x7f", "\u0085", "\u2028", "\u202e", "ada@example.com\n", "\u00fc",
		strings.Repeat("x", 129),
	} {
		for name, set := range map[string]func(*domain.NewAuditEvent){
			"id":         func(e *domain.NewAuditEvent) { e.ID = text },
			"type":       func(e *domain.NewAuditEvent) { e.Type = domain.EventType(text) },
			"actor_id":   func(e *domain.NewAuditEvent) { e.ActorID = text },
			"target_id":  func(e *domain.NewAuditEvent) { e.TargetID = text },
			"session_id": func(e *domain.NewAuditEvent) { e.SessionID = text },
			"request_id": func(e *domain.NewAuditEvent) { e.Client.RequestID = text },
			"detail":     func(e *domain.NewAuditEvent) { e.Detail = text },
		} {
			good, bad := newEvent(t), newEvent(t)
			set(&bad)
			err := store.RecordAuditEvents(t.Context(), good, bad)
			if err == nil {
				t.Errorf("%s %q was stored", name, text)
				continue
			}
			wantServerError(t, err, pgerrcode.CheckViolation)
		}
	}
	events, err := store.ListAuditEvents(t.Context(), domain.AuditEventQuery{Range: paging.Range{Limit: 9}})
	if err != nil || len(events) != 0 {
		t.Errorf("of those that were refused, %+v are there (%v)", events, err)
	}
}

func TestFailedTransactionRecordsNoAuditEvents(t *testing.T) {
	t.Parallel()
	store, failed := pgtest.New(t), errors.New("failed")
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if err := tx.RecordAuditEvents(t.Context(), newEvent(t)); err != nil {
			return err
		}
		return failed
	})
	events, listErr := store.ListAuditEvents(t.Context(), domain.AuditEventQuery{Range: paging.Range{Limit: 9}})
	if err != failed || listErr != nil || len(events) != 0 { //nolint:errorlint // it is the same
		t.Errorf("got %v, and %+v are there (%v)", err, events, listErr)
	}
}

// The role of these tests owns the table, as in a database with one role.
func TestAuditEventsAreImmutable(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	if err := store.RecordAuditEvents(t.Context(), newEvent(t), newEvent(t)); err != nil {
		t.Fatal(err)
	}
	conn := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{
		"UPDATE audit_events SET detail = 'x'",
		"UPDATE audit_events SET count = count + 1",
		"INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (occurred_at, id) DO UPDATE SET detail = 'x'",
		"DELETE FROM audit_events",
		"DELETE FROM audit_events WHERE id = (SELECT min(id) FROM audit_events)",
		"TRUNCATE audit_events",
		"WITH gone AS (DELETE FROM audit_events RETURNING id) SELECT count(*) FROM gone",
	} {
		_, err := conn.Exec(t.Context(), sql)
		wantServerError(t, err, pgerrcode.RestrictViolation)
	}
	if n := pgtest.Value[int](t, databaseURL, "SELECT count(*) FROM audit_events WHERE detail IS NULL"); n != 2 {
		t.Errorf("%d of 2 events are as they were", n)
	}
}

func TestOnlyAnnouncedEventsArePruned(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := time.Now()
	for name, test := range map[string]struct {
		announced []time.Time
		before    time.Time
		want      string // what is left, "" for an error
	}{
		"nothing was announced":   {nil, now.Add(-60 * day), ""},
		"until then":              {[]time.Time{now.Add(-60 * day)}, now.Add(-60 * day), "0 9 30"},
		"less than was announced": {[]time.Time{now.Add(-20 * day)}, now.Add(-60 * day), "0 9 30"},
		"more than was announced": {[]time.Time{now.Add(-60 * day)}, now.Add(-20 * day), ""},
		"the latest announcement counts": {
			[]time.Time{now.Add(-20 * day), now.Add(-95 * day)},
			now.Add(-20 * day), "0 9",
		},
		"what is there since today, announced": {[]time.Time{now.Add(time.Hour)}, now.Add(time.Hour), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
			ageAuditEvents(t, databaseURL, 0, 9, 30, 90, 100)
			for _, before := range test.announced {
				announcePruning(t, store, before)
			}
			pruned, err := store.PruneAuditEvents(t.Context(), test.before, 100)
			if test.want == "" {
				wantServerError(t, err, pgerrcode.RestrictViolation)
				test.want = "0 9 30 90 100"
			} else if err != nil {
				t.Fatal(err)
			}
			left := pgtest.Value[string](t, databaseURL,
				"SELECT string_agg(detail, ' ' ORDER BY occurred_at DESC) FROM audit_events WHERE type <> "+
					"'audit_pruned'")
			if left != test.want || pruned != 5-len(strings.Fields(left)) {
				t.Errorf("%d were removed, and %s are left, want %s", pruned, left, test.want)
			}
		})
	}
}

// A page reads few rows besides its own at any depth, of accounts with many events and with few.
//
//nolint:paralleltest,tparallel // the subtests count what is read
func TestPagesOfAuditEventsReadFewRows(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	hot, cold := noSuchID[:23]+"HHH", noSuchID[:23]+"000"
	pgtest.Exec(t, databaseURL, `INSERT INTO audit_events (id, type, occurred_at, actor_id, target_id)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0' || to_char(n, 'FM00000'), CASE WHEN n % 1000 = 0 THEN 'user_updated' ELSE 'authn_login_fail' END,
			now() - make_interval(secs => n), left($1, 23) || to_char(n % 499, 'FM000'),
			CASE WHEN n % 2 = 0 THEN $1 ELSE left($1, 23) || to_char(n % 499, 'FM000') END
		FROM generate_series(1, 20000) AS n`, hot)
	pgtest.Exec(t, databaseURL, "ANALYZE audit_events")
	frequent, rare := domain.EventLoginFailed, domain.EventUserUpdated
	deep := paging.Range{After: &paging.Position{Time: time.Now().Add(-2 * time.Hour)}}
	for name, query := range map[string]domain.AuditEventQuery{
		"all": {}, "all, deep": {Range: deep}, "of a rare type": {Type: &rare},
		"of a frequent type": {Type: &frequent, Range: deep},
		"by an actor":        {ActorID: &cold}, "on a quiet target": {TargetID: &cold},
		"on an attacked target":            {TargetID: &hot, Range: deep},
		"on an attacked target, of a type": {TargetID: &hot, Type: &frequent},
	} {
		t.Run(name, func(t *testing.T) {
			// PostgreSQL would use a generic plan by now.
			before := slices.Repeat([]domain.AuditEventQuery{{TargetID: &cold}}, 10)
			n := auditEventsRead(t, databaseURL, append(before, query)) - auditEventsRead(t, databaseURL, before)
			if n > 50 {
				t.Errorf("%d events were read to show 5", n)
			}
		})
	}
}

// auditEventsRead runs queries for pages of 5 on one connection. It returns the number of events
// read.
func auditEventsRead(t *testing.T, databaseURL string, queries []domain.AuditEventQuery) int {
	t.Helper()
	const soFar = "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_user_tables WHERE relname = 'audit_events'"
	before := pgtest.Value[int](t, databaseURL, soFar)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 1, ApplicationName: "reader"})
	for _, query := range queries {
		query.Limit = 5
		if page, err := store.ListAuditEvents(t.Context(), query); err != nil || len(page) != 5 {
			t.Fatalf("a page has %d events (%v)", len(page), err)
		}
	}
	store.Close() // connections report their reads when they end
	pgtest.Await(t, databaseURL, "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = "+
		"current_database() AND application_name = 'reader')")
	return pgtest.Value[int](t, databaseURL, soFar) - before
}
