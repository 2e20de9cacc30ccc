package domain_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

func (s *service) cleanUp(t *testing.T) domain.SessionCleanup {
	t.Helper()
	done, err := s.sessions.CleanUpSessions(t.Context())
	must(t, err)
	return done
}

// After the grace, even the last used token opens nothing in a copy of the database.
func TestCleanUpClearsSealedSuccessors(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	old, fresh := s.login(t, user), s.login(t, user)
	oldNext, freshNext := s.mustRefresh(t, old), s.mustRefresh(t, fresh)
	hash := old.Refresh.Hash()
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET used_at = now() - interval '11 seconds' WHERE token_hash = $1",
		hash[:])
	copied := pgtest.Value[[]byte](t, s.url, "SELECT sealed_successor FROM refresh_tokens WHERE token_hash = $1",
		hash[:])
	if opened, err := auth.OpenSuccessor(old.Refresh, copied); err != nil ||
		opened.Reveal() != oldNext.Refresh.Reveal() {
		t.Fatalf("the old token opens nothing before the clean-up: %v", err)
	}

	if done := s.cleanUp(t); done.Cleared != 1 {
		t.Errorf("%d successors were cleared, want 1", done.Cleared)
	}
	if s.isSealed(t, old) || !s.isSealed(t, fresh) {
		t.Error("the wrong successor was cleared")
	}
	if again := s.mustRefresh(t, fresh); again.Refresh.Reveal() != freshNext.Refresh.Reveal() {
		t.Error("the retry in grace got another successor")
	}
	s.wantLive(t, oldNext)
	pgtest.CheckSessions(t, s.url)
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

// mustEnd ends a session longer ago than its retention.
func (s *service) mustEnd(t *testing.T, tokens domain.Tokens) {
	t.Helper()
	must(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
	pgtest.Exec(t, s.url, "UPDATE sessions SET revoked_at = now() - interval '1 day' WHERE id = $1",
		s.actorID(t, tokens))
}

func TestCleanUpReturnsErrors(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		"UPDATE OF sealed_successor ON refresh_tokens", "DELETE ON sessions", "DELETE ON refresh_tokens", "DELETE ON deleted_sessions",
	} {
		s := newService(t, serviceOpts{})
		s.mustEnd(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{})))
		allow := refuse(t, s.url, event)
		_, err := s.sessions.CleanUpSessions(t.Context())
		wantInternal(t, err)
		allow()
		s.cleanUp(t)
	}
	s := newService(t, serviceOpts{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.sessions.CleanUpSessions(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("after the cancellation: got %v", err)
	}
}
