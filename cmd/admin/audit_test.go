package main

import (
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

// ageEvents adds an event for each age in days.
func ageEvents(t *testing.T, databaseURL string, days ...int) {
	t.Helper()
	pgtest.Exec(t, databaseURL, `INSERT INTO audit_events (id, type, occurred_at, detail)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0T1' || to_char(days, 'FM000'), 'authn_login_fail', now() - make_interval(days => days), days
		FROM unnest($1::int[]) AS days`, days)
}

//nolint:paralleltest // the environment is the process's
func TestPruneAuditEvents(t *testing.T) {
	b := newBench(t, pgtest.URL(t))
	ageEvents(t, b.databaseURL, 1, 89, 91, 400)
	prune := func(age string) result {
		return runWith(t, strings.NewReader(""), "audit", "prune", "--older-than", age)
	}
	prune("1d").want(t, 1, "2 days at least")
	prune("90d").want(t, 0, "removed 2 audit events from before 20")
	prune("90d").want(t, 0, "removed 0 audit events")
	left := pgtest.Value[string](t, b.databaseURL,
		"SELECT string_agg(detail, ' ' ORDER BY occurred_at) FROM audit_events WHERE type <> 'audit_pruned'")
	if left != "89 1" {
		t.Errorf("of the events from 1, 89, 91 and 400 days ago these are left: %s", left)
	}

	// Administrators see it.
	admin := domain.Actor{User: domain.User{Role: domain.RoleAdmin}}
	kind := domain.EventAuditPruned
	page, err := b.services.Audit.ListAuditEvents(t.Context(), admin,
		domain.AuditEventQuery{Range: paging.Range{Limit: 9}, Type: &kind})
	must(t, err)
	if len(page.Items) != 2 || page.Items[0].ActorID != nil || page.Items[0].Detail == nil {
		t.Errorf("recorded is %+v", page.Items)
	}
}

// The environment is the process's.
func TestOnlyTheOwnerPrunes(t *testing.T) {
	server, owner := pgtest.MigratedByOwner(t)
	newBench(t, server)
	ageEvents(t, owner, 91)
	prune := func() result { return runWith(t, strings.NewReader(""), "audit", "prune", "--older-than", "90d") }
	prune().want(t, 1, "only the role that owns the table may do that", "MIGRATE_DATABASE_URL")
	if n := pgtest.Value[int](t, owner, "SELECT count(*) FROM audit_events"); n != 1 {
		t.Errorf("%d events are there, want the one from before", n)
	}
	t.Setenv("MIGRATE_DATABASE_URL", owner)
	prune().want(t, 0, "removed 1 audit events")
	t.Setenv("DATABASE_URL", "")
	prune().want(t, 0, "removed 0 audit events")
	t.Setenv("MIGRATE_DATABASE_URL", "")
	prune().want(t, 1, "DATABASE_URL is required")
}
