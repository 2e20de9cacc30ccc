package domain_test

import (
	"bytes"
	"encoding/hex"
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

func TestRefreshReuseOfLatestTokenRevokesSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r1)
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

func TestUsedSuccessorEndsGrace(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	if !s.isSealed(t, r0) {
		t.Fatal("the successor was not sealed")
	}
	r2 := s.mustRefresh(t, r1)
	if n := pgtest.Value[int](t, s.url,
		"SELECT count(*) FROM refresh_tokens WHERE sealed_successor IS NOT NULL"); n != 1 {
		t.Errorf("%d tokens have a sealed successor, want 1", n)
	}

	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r2)
	pgtest.CheckSessions(t, s.url)
}

func TestRefreshAfterGraceIsReuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age  string
		live bool
	}{
		"a second before its end": {"9 seconds", true},
		"a second after its end":  {"11 seconds", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			r1 := s.mustRefresh(t, r0)
			pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET used_at = now() - $1::interval WHERE used_at IS NOT NULL",
				test.age)
			_, err := s.refresh(t, r0.Refresh.Reveal())
			if test.live {
				must(t, err)
				s.wantLive(t, r1)
				return
			}
			wantError(t, err, domain.ErrInvalidRefreshToken)
			s.wantEnded(t, r1)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

// A longer grace restores no successor that was not sealed.
func TestRefreshWithoutGraceSealsNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	if s.isSealed(t, r0) {
		t.Error("a successor was sealed")
	}
	later := newService(t, serviceOpts{url: s.url})
	_, err := later.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r1)
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

func TestRefreshTokenExpiresWithSession(t *testing.T) {
	t.Parallel()
	options := standard()
	options.Lifetime = time.Hour
	s := newService(t, serviceOpts{sessions: options})
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	for range 3 {
		tokens = s.mustRefresh(t, tokens)
	}
	const sameEnd = `SELECT count(*) FROM refresh_tokens AS token JOIN sessions ON sessions.id = session_id
		WHERE token.expires_at = sessions.expires_at`
	if n := pgtest.Value[int](t, s.url, sameEnd); n != 2 {
		t.Errorf("%d of 2 tokens expire with their session", n)
	}
	pgtest.CheckSessions(t, s.url)

	pgtest.Exec(t, s.url, "UPDATE sessions SET expires_at = now()")
	s.wantEnded(t, tokens)
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

// A copy of the database and a used token open no session.
func TestDatabaseCopyOpensNoSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	chain := []domain.Tokens{s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))}
	for range 3 {
		chain = append(chain, s.mustRefresh(t, chain[len(chain)-1]))
	}
	sealed := pgtest.Rows[struct{ Bytes []byte }](t, s.url,
		"SELECT sealed_successor FROM refresh_tokens WHERE sealed_successor IS NOT NULL")
	if len(sealed) != 1 {
		t.Fatalf("%d sealed successors are stored, want 1", len(sealed))
	}
	last := chain[len(chain)-2]
	if opened, err := auth.OpenSuccessor(last.Refresh, sealed[0].Bytes); err != nil ||
		opened.Reveal() != chain[len(chain)-1].Refresh.Reveal() {
		t.Fatalf("the last used token does not open the successor: %v", err)
	}
	for i, tokens := range chain {
		if _, err := auth.OpenSuccessor(tokens.Refresh, sealed[0].Bytes); err == nil && i != len(chain)-2 {
			t.Errorf("token %d opens the successor of another", i)
		}
	}
	dump := pgtest.Value[string](t, s.url, `SELECT string_agg(row_text, E'\n') FROM (
		SELECT u::text FROM users AS u UNION ALL SELECT s::text FROM sessions AS s UNION ALL SELECT r::text FROM refresh_tokens AS r
		UNION ALL SELECT a::text FROM audit_events AS a -- scaffold:only audit
		UNION ALL SELECT t::text FROM throttles AS t
		UNION ALL SELECT k::text FROM known_devices AS k
	) AS everything (row_text)`)
	for i, tokens := range chain {
		text := tokens.Refresh.Reveal()
		for _, form := range []string{text, text[3:], hex.EncodeToString([]byte(text)), tokens.Access, chain[0].Device.Reveal()} {
			if bytes.Contains([]byte(dump), []byte(form)) {
				t.Errorf("the copy contains token %d", i)
			}
		}
	}
}

// A session keeps two tokens, and the reuse of any earlier token ends it.
func TestUsedRefreshTokensArePruned(t *testing.T) {
	t.Parallel()
	for presented := range 4 {
		s := newService(t, serviceOpts{})
		chain := []domain.Tokens{s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))}
		for range 5 {
			chain = append(chain, s.mustRefresh(t, chain[len(chain)-1]))
		}
		if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 2 {
			t.Errorf("there are %d tokens, want 2", n)
		}
		_, err := s.refresh(t, chain[presented].Refresh.Reveal())
		wantError(t, err, domain.ErrInvalidRefreshToken)
		if reason := s.endReason(t, s.actorID(t, chain[5])); reason != domain.RevokedByTokenReuse {
			t.Errorf("after the reuse of token %d the session ended because of %q", presented, reason)
		}
		s.wantEnded(t, chain[5])
		pgtest.CheckSessions(t, s.url)
	}
}

func TestLogoutWithPrunedToken(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	last := s.mustRefresh(t, s.mustRefresh(t, r0))
	must(t, s.sessions.LogoutUser(t.Context(), r0.Refresh.Reveal(), domain.Client{}))
	s.wantEnded(t, last)
	pgtest.CheckSessions(t, s.url)
}

// Sessions of early releases have all their tokens, without a family.
func TestRefreshSetsMissingFamily(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	old := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	session := s.actor(t, old).SessionID
	pgtest.Exec(t, s.url, "UPDATE sessions SET family_hash = NULL")
	s.addUsedTokens(t, session, 250)
	r1 := s.mustRefresh(t, old)
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 152 {
		t.Errorf("there are %d tokens, want 100 fewer, and the successor", n)
	}
	r2 := s.mustRefresh(t, s.mustRefresh(t, r1))
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens"); n != 2 {
		t.Errorf("there are %d tokens, want 2", n)
	}
	pgtest.CheckSessions(t, s.url)
	_, err := s.refresh(t, old.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r2)
}

// addUsedTokens adds used tokens to a session, as early releases kept them.
func (s *service) addUsedTokens(t *testing.T, sessionID string, count int) {
	t.Helper()
	pgtest.Exec(t, s.url, `WITH last AS (SELECT max(id) AS id FROM refresh_tokens), moved AS (
			UPDATE refresh_tokens SET generation = $2::int, parent_id = last.id + $2::int FROM last WHERE session_id = $1
			RETURNING session_id, expires_at
		)
		INSERT INTO refresh_tokens (id, session_id, parent_id, generation, token_hash, expires_at, used_at)
		OVERRIDING SYSTEM VALUE
		SELECT last.id + 1 + n, session_id, CASE WHEN n > 0 THEN last.id + n END, n, sha256((session_id || n)::bytea),
			expires_at, now() - interval '1 day'
		FROM last, moved, generate_series(0, $2::int - 1) AS n`, sessionID, count)
	pgtest.Exec(t, s.url,
		"SELECT setval(pg_get_serial_sequence('refresh_tokens', 'id'), (SELECT max(id) FROM refresh_tokens))")
}

// actorID returns the session of an access token, live or not.
func (s *service) actorID(t *testing.T, tokens domain.Tokens) string {
	t.Helper()
	bearer, err := s.sessions.Identify(tokens.Access)
	must(t, err)
	return bearer.SessionID
}

// isSealed reports whether a used token has a sealed successor.
func (s *service) isSealed(t *testing.T, tokens domain.Tokens) bool {
	t.Helper()
	hash := tokens.Refresh.Hash()
	return pgtest.Value[bool](t, s.url,
		"SELECT sealed_successor IS NOT NULL FROM refresh_tokens WHERE token_hash = $1", hash[:])
}

// days returns the result of a query in whole days.
func (s *service) days(t *testing.T, query string) float64 {
	t.Helper()
	return pgtest.Value[float64](t, s.url, "SELECT round(extract(epoch FROM ("+query+")) / 86400)::float8")
}
