package domain_test

import (
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func (s *service) cleanUp(t *testing.T) domain.SessionCleanup {
	t.Helper()
	done, err := s.sessions.CleanUpSessions(t.Context())
	must(t, err)
	return done
}

func TestCleanUpPurgesEndedSessions(t *testing.T) {
	t.Parallel()
	options := standard()
	options.Retention = 7 * 24 * time.Hour
	s := newService(t, serviceOpts{sessions: options})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	const ended = "UPDATE sessions SET revoked_at = now() - $2::interval WHERE id = $1"
	const unused = "UPDATE refresh_tokens SET expires_at = now() - $2::interval WHERE session_id = $1 AND used_at IS NULL"
	const used = "UPDATE refresh_tokens SET expires_at = now() - $2::interval WHERE session_id = $1 AND used_at IS NOT NULL"
	for name, test := range map[string]struct {
		logout   bool
		sql, age string
		kept     bool
	}{
		"live":                      {false, used, "0 seconds", true},
		"ended lately":              {true, ended, "6 days", true},
		"ended long ago":            {true, ended, "8 days", false},
		"not used for some time":    {false, unused, "6 days", true},
		"not used for long":         {false, unused, "8 days", false},
		"a used token is no reason": {false, used, "8 days", true},
	} {
		tokens := s.login(t, user)
		session := s.actor(t, tokens).SessionID
		s.mustRefresh(t, tokens)
		if test.logout {
			must(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
		}
		pgtest.Exec(t, s.url, test.sql, session, test.age)
		s.cleanUp(t)
		const left = "SELECT (SELECT count(*) FROM sessions WHERE id = $1) + (SELECT count(*) FROM refresh_tokens WHERE session_id = $1)"
		want := map[bool]int{true: 3, false: 0}[test.kept]
		if n := pgtest.Value[int](t, s.url, left, session); n != want {
			t.Errorf("%s: %d rows of the session and its tokens are left, want %d", name, n, want)
		}
	}
	pgtest.CheckSessions(t, s.url)
}
