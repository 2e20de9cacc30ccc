package domain_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/gcra"
)

func TestRefreshReuseRevokesSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	other, r0 := s.login(t, user), s.login(t, user)
	session := s.actor(t, r0).SessionID

	r1 := s.mustRefresh(t, r0)
	r2 := s.mustRefresh(t, r1)
	if got := s.actor(t, r2); got.SessionID != session || got.User.ID != user.ID {
		t.Errorf("the third pair has session %s and user %s", got.SessionID, got.User.ID)
	}

	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	for _, tokens := range []domain.Tokens{r2, r1, r0} {
		s.wantEnded(t, tokens)
	}
	if reason := s.endReason(t, session); reason != domain.RevokedByTokenReuse {
		t.Errorf("the session ended because of %q", reason)
	}
	s.wantLive(t, other)
	pgtest.CheckSessions(t, s.url)
}

func TestRefreshRateOfSession(t *testing.T) {
	t.Parallel()
	options := standard()
	options.Refreshes = gcra.Rate{Requests: 3, Window: time.Hour}
	s := newService(t, serviceOpts{sessions: options})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	other, last := s.login(t, user), s.login(t, user)
	session := s.actor(t, last).SessionID
	var parent domain.Tokens
	for range 3 {
		parent, last = last, s.mustRefresh(t, last)
	}

	_, err := s.refresh(t, last.Refresh.Reveal())
	wantError(t, err, domain.ErrTooManyRefreshes)
	if failure, ok := errors.AsType[*domain.Error](err); ok &&
		(failure.RetryAfter > 20*time.Minute || failure.RetryAfter < 19*time.Minute) {
		t.Errorf("the wait is %v, want 20 minutes", failure.RetryAfter)
	}
	s.mustRefresh(t, parent) // a retry creates no token
	s.mustRefresh(t, other)

	pgtest.Exec(t, s.url, "UPDATE sessions SET refreshes_until = refreshes_until - interval '20 minutes' WHERE id = $1",
		session)
	s.wantLive(t, last)
	pgtest.CheckSessions(t, s.url)
}

func TestRefreshInGraceRepeatsSuccessor(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	for range 3 {
		if again := s.mustRefresh(t, r0); again.Refresh.Reveal() != r1.Refresh.Reveal() {
			t.Fatal("the retry has another successor")
		}
	}
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 2 {
		t.Errorf("there are %d tokens, want 2", n)
	}
	s.wantLive(t, r1)
	pgtest.CheckSessions(t, s.url)
}

func TestUnusedSessionExpires(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	r0 := s.login(t, user)
	if days := s.days(t, "SELECT expires_at - created_at FROM refresh_tokens"); days != 7 {
		t.Errorf("a refresh token lives %v days, want 7", days)
	}
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now()")
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	if reason := s.endReason(t, s.actor(t, r0).SessionID); reason != "" {
		t.Errorf("the session ended because of %q", reason)
	}
	s.wantLive(t, s.login(t, user))
	pgtest.CheckSessions(t, s.url)
}

func TestRefreshExtendsSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	pgtest.Exec(t, s.url, `UPDATE sessions SET created_at = created_at - interval '6 days',
		last_used_at = last_used_at - interval '6 days', expires_at = expires_at - interval '6 days'`)
	pgtest.Exec(t, s.url, `UPDATE refresh_tokens SET created_at = created_at - interval '6 days',
		expires_at = expires_at - interval '6 days'`)
	r1 := s.mustRefresh(t, r0)
	if days := s.days(t, "SELECT expires_at - created_at FROM refresh_tokens WHERE used_at IS NULL"); days != 7 {
		t.Errorf("the successor lives %v days, want 7", days)
	}
	if days := s.days(t, "SELECT last_used_at - created_at FROM sessions"); days != 6 {
		t.Errorf("the session was last used on day %v, want 6", days)
	}
	s.wantLive(t, r1)
}

func TestTokensRequireLiveSessionAndActiveUser(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"the session is revoked":  "UPDATE sessions SET revoked_at = now(), revoked_reason = 'test'",
		"the session has expired": "UPDATE sessions SET expires_at = now()",
		"the session is deleted":  "DELETE FROM sessions",
		"the user is inactive":    "UPDATE users SET is_active = false",
		"the user is deleted":     "DELETE FROM users",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			used := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			tokens := s.wantLive(t, used)
			pgtest.Exec(t, s.url, sql)
			s.wantEnded(t, tokens)
			s.wantEnded(t, used) // within the grace, too
		})
	}
}

func TestUnknownRefreshTokens(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	unknown, err := auth.NewRefreshToken(bytes.NewReader(make([]byte, 32)))
	must(t, err)
	for _, text := range []string{"", "rt_", "not a token", unknown.Reveal(), unknown.Reveal() + "A"} {
		_, err := s.refresh(t, text)
		wantError(t, err, domain.ErrInvalidRefreshToken)
	}
}

// A session keeps two tokens, and the reuse of any earlier token ends it.
func TestUsedRefreshTokensArePruned(t *testing.T) {
	t.Parallel()
	for presented := range 4 {
		s := newService(t, serviceOpts{})
		chain := []domain.Tokens{s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))}
		session := s.actor(t, chain[0]).SessionID
		for range 5 {
			chain = append(chain, s.mustRefresh(t, chain[len(chain)-1]))
		}
		if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 2 {
			t.Errorf("there are %d tokens, want 2", n)
		}
		_, err := s.refresh(t, chain[presented].Refresh.Reveal())
		wantError(t, err, domain.ErrInvalidRefreshToken)
		if reason := s.endReason(t, session); reason != domain.RevokedByTokenReuse {
			t.Errorf("after the reuse of token %d the session ended because of %q", presented, reason)
		}
		s.wantEnded(t, chain[5])
		pgtest.CheckSessions(t, s.url)
	}
}

// days returns the result of a query in whole days.
func (s *service) days(t *testing.T, query string) float64 {
	t.Helper()
	return pgtest.Value[float64](t, s.url, "SELECT round(extract(epoch FROM ("+query+")) / 86400)::float8")
}
