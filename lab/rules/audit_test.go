package rules_test

import (
	"crypto/rand"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/idgen"
)

// More events than one transaction prunes.
func TestPruneManyAuditEvents(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.Exec(t, s.url, `INSERT INTO audit_events (id, type, occurred_at)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0' || to_char(n, 'FM00000'), 'authn_login_fail', now() - interval '91 days'
		FROM generate_series(1, 20001) AS n`)
	audit := domain.NewAuditService(s.store, idgen.New(time.Now, rand.Reader), time.Now, 0)
	pruned, _, err := audit.PruneAuditEvents(t.Context(), 90*24*time.Hour)
	must(t, err)
	if pruned != 20001 {
		t.Errorf("%d events were removed, want 20001", pruned)
	}
}

// Events of operators have no actor.
func TestOperatorsAreRecorded(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	session := s.actor(t, s.login(t, user)).SessionID
	for _, request := range []domain.AdminRequest{
		{Email: user.Email, Promote: true},
		resetAdmin(user.Email, "a new and long password"),
		{Email: "new@example.com", Password: "a new and long password", PasswordChosen: true},
	} {
		_, err := s.users.EnsureAdmin(t.Context(), request)
		must(t, err)
	}
	got := pgtest.Value[string](t, s.url, `SELECT string_agg(concat_ws(' ', type, target_id = $1, session_id = $2, detail), ', '
		ORDER BY occurred_at) FROM audit_events WHERE actor_id IS NULL`, user.ID, session)
	want := "user_email_verification t, authz_change t admin, session_ended t t role_changed, authn_password_change t, user_created f admin"
	if got != want {
		t.Errorf("recorded is %s, want %s", got, want)
	}
}
