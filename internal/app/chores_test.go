package app_test

import (
	"slices"
	"testing"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// Two servers run their chores on one database.
func TestChoresOfTwoServers(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	cfg := settings(t, databaseURL, map[string]string{"SESSION_RETENTION_DAYS": "3", "MAX_SESSIONS_PER_USER": "50"})
	services, err := app.NewServices(cfg, store, nil, nil)
	must(t, err)
	user := pgtest.User(t, store, pgtest.UserOpts{})
	for i := range 6 {
		tokens, err := services.Sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
		must(t, err)
		_, err = services.Sessions.RefreshTokens(t.Context(), tokens.Refresh.Reveal(), domain.Client{})
		must(t, err)
		if i < 2 {
			must(t, services.Sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
		}
	}
	ids := pgtest.Rows[struct{ ID string }](t, databaseURL, "SELECT id FROM sessions ORDER BY id")
	for i, what := range []string{
		"UPDATE sessions SET revoked_at = now() - interval '2 days' WHERE id = $1",
		"UPDATE sessions SET revoked_at = now() - interval '4 days' WHERE id = $1",
		"UPDATE refresh_tokens SET expires_at = now() - interval '2 days' WHERE session_id = $1",
		"UPDATE refresh_tokens SET expires_at = now() - interval '4 days' WHERE session_id = $1",
		`UPDATE refresh_tokens SET used_at = now() - interval '11 seconds'
			WHERE used_at IS NOT NULL AND session_id = $1`,
	} {
		pgtest.Exec(t, databaseURL, what, ids[i].ID)
	}

	// scaffold:begin audit
	pgtest.Exec(t, databaseURL, `INSERT INTO audit_events (type, occurred_at)
		SELECT 'user_created', now() - make_interval(days => days) FROM unnest(ARRAY[399, 402]) AS days`)
	// scaffold:end audit

	servers := []*server{start(t, cfg), start(t, cfg)}
	pgtest.Await(t, databaseURL, `SELECT (SELECT count(*) FROM sessions) <= 4
		AND (SELECT count(*) FROM audit_events WHERE occurred_at < now() - interval '398 days') <= 1 -- scaffold:only audit
		AND (SELECT count(*) FROM refresh_tokens WHERE sealed_successor IS NOT NULL) <= 3`)
	for _, server := range servers {
		server.Stop()
		must(t, server.Outcome(t))
	}
	left := pgtest.Rows[struct{ ID string }](t, databaseURL, "SELECT id FROM sessions ORDER BY id")
	if want := slices.Concat(ids[:1], ids[2:3], ids[4:]); !slices.Equal(left, want) {
		t.Errorf("the sessions %v are left, want %v", left, want)
	}
	// scaffold:begin audit
	const kept = "SELECT count(*) FROM audit_events WHERE occurred_at < now() - interval '398 days'"
	if n := pgtest.Value[int](t, databaseURL, kept); n != 1 {
		t.Errorf("%d old audit events are left, want that of 399 days", n)
	}
	// scaffold:end audit
	pgtest.CheckSessions(t, databaseURL)
}
