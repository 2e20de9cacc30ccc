package pgstore_test

import (
	"crypto/rand"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

// newEvent returns an audit event with only the required fields.
func newEvent(t *testing.T) domain.NewAuditEvent {
	t.Helper()
	id, err := idgen.New(time.Now, rand.Reader).New()
	if err != nil {
		t.Fatal(err)
	}
	return domain.NewAuditEvent{ID: id, Event: domain.Event{Type: domain.EventLoginFailed}}
}

func TestRecordAuditEventsStoresAllFields(t *testing.T) {
	t.Parallel()
	store, begin := pgtest.New(t), time.Now()
	bare, full := newEvent(t), newEvent(t)
	full.Type, full.ActorID, full.TargetID, full.SessionID = domain.EventRoleChanged, newEvent(t).ID, newEvent(t).ID, newEvent(t).ID
	full.Client = domain.Client{UserAgent: "not kept", IP: netip.MustParseAddr("2001:db8::1"), RequestID: "a.b_c-D9"}
	full.Detail = "admin"
	if err := store.RecordAuditEvents(t.Context(), bare, full); err != nil {
		t.Fatal(err)
	}
	events, err := store.ListAuditEvents(t.Context(), domain.AuditEventQuery{Range: paging.Range{Limit: 9}})
	if err != nil || len(events) != 2 {
		t.Fatalf("there are %+v (%v)", events, err)
	}
	for i := range events {
		// Clocks of two machines may differ by a minute.
		if at := events[i].OccurredAt; at.Before(begin.Add(-time.Minute)) || at.After(time.Now().Add(time.Minute)) {
			t.Errorf("it is said to be of %s, and was recorded after %s", at, begin)
		}
		if events[i].Count != 1 || !events[i].LastOccurredAt.Equal(events[i].OccurredAt) {
			t.Errorf("it is counted: %+v", events[i])
		}
		events[i].OccurredAt, events[i].LastOccurredAt, events[i].Count = time.Time{}, time.Time{}, 0
	}
	want := []domain.AuditEvent{{
		ID: full.ID, Type: full.Type, ActorID: &full.ActorID, TargetID: &full.TargetID, SessionID: &full.SessionID,
		IP: &full.Client.IP, RequestID: &full.Client.RequestID, Detail: &full.Detail,
	}, {ID: bare.ID, Type: bare.Type}}
	if diff := cmp.Diff(want, events, cmp.Comparer(func(a, b netip.Addr) bool { return a == b })); diff != "" {
		t.Errorf("the newest first (-want +got):\n%s", diff)
	}
}

// ageAuditEvents adds an event for each age in days. Its detail is the age.
func ageAuditEvents(t *testing.T, databaseURL string, days ...int) {
	t.Helper()
	pgtest.Exec(t, databaseURL, `INSERT INTO audit_events (id, type, occurred_at, detail)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0T1' || to_char(days, 'FM000'), 'authn_login_fail', now() - make_interval(days => days), days
		FROM unnest($1::int[]) AS days`, days)
}

func announcePruning(t *testing.T, store domain.Store, before time.Time) {
	t.Helper()
	event := newEvent(t)
	event.Type, event.Detail = domain.EventAuditPruned, before.UTC().Format(time.RFC3339)
	if err := store.RecordAuditEvents(t.Context(), event); err != nil {
		t.Fatal(err)
	}
}

func TestPruningIsBatched(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	ageAuditEvents(t, databaseURL, 0, 30, 90, 100)
	before := time.Now().Add(-20 * 24 * time.Hour)
	announcePruning(t, store, before)
	for _, want := range []int{2, 1, 0} {
		if pruned, err := store.PruneAuditEvents(t.Context(), before, 2); err != nil || pruned != want {
			t.Errorf("%d were removed (%v), want %d", pruned, err, want)
		}
	}
}

func TestListAuditEventsPagesAndFilters(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	people := []string{newEvent(t).ID, newEvent(t).ID}
	types := []domain.EventType{domain.EventLoginSucceeded, domain.EventUserUpdated}
	var all []domain.NewAuditEvent
	for i := range 48 {
		event := newEvent(t)
		event.Type, event.TargetID = types[i%2], people[i/2%2]
		if i%3 > 0 {
			event.ActorID = people[i%3-1]
		}
		all = append(all, event)
		if err := store.RecordAuditEvents(t.Context(), event); err != nil {
			t.Fatal(err)
		}
	}
	for bits := range 8 {
		var query domain.AuditEventQuery
		if bits&1 > 0 {
			query.Type = &types[1]
		}
		if bits&2 > 0 {
			query.ActorID = &people[1]
		}
		if bits&4 > 0 {
			query.TargetID = &people[0]
		}
		query.Limit = 5
		var want []string
		for _, event := range slices.Backward(all) {
			if (query.Type == nil || event.Type == *query.Type) &&
				(query.ActorID == nil || event.ActorID == *query.ActorID) &&
				(query.TargetID == nil || event.TargetID == *query.TargetID) {
				want = append(want, event.ID)
			}
		}
		var got []string
		for {
			page, err := store.ListAuditEvents(t.Context(), query)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, event := range page {
				got = append(got, event.ID)
			}
			last := page[len(page)-1]
			query.After = &paging.Position{Time: last.OccurredAt, ID: last.ID}
		}
		if len(want) < 4 || !slices.Equal(got, want) {
			t.Errorf("filters %03b give %d events, want %d", bits, len(got), len(want))
		}
	}
}
