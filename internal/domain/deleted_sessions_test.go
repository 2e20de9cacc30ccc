package domain_test

import (
	"cmp"
	"context"
	"errors"
	"sync"
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

// After the grace, not even the last token that was used opens anything in a copy of the database.
func TestCleanUpClearsSealedSuccessors(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	old, fresh := s.login(t, user), s.login(t, user)
	oldNext, freshNext := s.mustRefresh(t, old), s.mustRefresh(t, fresh)
	hash := old.Refresh.Hash()
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET used_at = now() - interval '11 seconds' WHERE token_hash = $1", hash[:])
	copied := pgtest.Value[[]byte](t, s.url, "SELECT sealed_successor FROM refresh_tokens WHERE token_hash = $1", hash[:])
	if opened, err := auth.OpenSuccessor(old.Refresh, copied); err != nil || opened.Reveal() != oldNext.Refresh.Reveal() {
		t.Fatalf("before, the old token opens nothing either: %v", err)
	}

	if done := s.cleanUp(t); done.Cleared != 1 {
		t.Errorf("%d were cleared, want that of the old one", done.Cleared)
	}
	if s.isSealed(t, old) || !s.isSealed(t, fresh) {
		t.Error("what is sealed is not what is still in its grace")
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
			t.Errorf("%s: of the session and its two tokens %d are left, want %d", name, n, want)
		}
	}
	pgtest.CheckSessions(t, s.url)
}

// More than a batch of everything, on two servers at once, while somebody holds one of the sessions
// and its tokens.
func TestCleanUpSkipsLockedRows(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	url, user := servers[0].url, pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	tokens := servers[0].login(t, user)
	for _, sql := range []string{
		`INSERT INTO sessions (id, user_id, expires_at, revoked_at, revoked_reason)
			SELECT lpad(n::text, 26, '0'), users.id, now() + interval '1 day', now() - interval '1 second', 'test'
			FROM users, generate_series(1, 230) AS n`,
		`INSERT INTO refresh_tokens (session_id, generation, token_hash, expires_at, used_at, sealed_successor)
			SELECT id, 0, sha256(id::bytea), expires_at, now() - interval '1 minute', 'x' FROM sessions WHERE revoked_at IS NOT NULL`,
		`INSERT INTO refresh_tokens (session_id, generation, parent_id, token_hash, expires_at)
			SELECT session_id, 1, id, sha256((session_id || '1')::bytea), expires_at FROM refresh_tokens WHERE used_at IS NOT NULL`,
	} {
		pgtest.Exec(t, url, sql)
	}

	holder := pgtest.Connect(t, url)
	for _, sql := range []string{
		"BEGIN", "SELECT FROM sessions WHERE id = lpad('7', 26, '0') FOR UPDATE",
		"SELECT FROM refresh_tokens WHERE session_id = lpad('7', 26, '0') FOR UPDATE",
	} {
		_, err := holder.Exec(t.Context(), sql)
		must(t, err)
	}
	var group sync.WaitGroup
	for _, server := range servers {
		group.Go(func() {
			if _, err := server.sessions.CleanUpSessions(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	const left = "SELECT (SELECT count(*) FROM sessions) * 10 + (SELECT count(*) FROM refresh_tokens WHERE sealed_successor IS NOT NULL)"
	if n := pgtest.Value[int](t, url, left); n != 21 {
		t.Errorf("%d sessions and %d sealed successors are left, want the live one, and the one that somebody held with its own", n/10, n%10)
	}
	_, err := holder.Exec(t.Context(), "ROLLBACK")
	must(t, err)
	if done := servers[0].cleanUp(t); done != (domain.SessionCleanup{Cleared: 1, Purged: 1}) {
		t.Errorf("once it was free, this was done: %+v", done)
	}
	servers[1].wantLive(t, tokens)
	pgtest.CheckSessions(t, url)
}

// What cannot be deleted stays, and stops the deletion of nothing else, however old it is.
func TestCleanUpSkipsFailures(t *testing.T) {
	t.Parallel()
	for _, table := range []string{"sessions", "refresh_tokens", "deleted_sessions"} {
		t.Run(table, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			first := s.actor(t, s.login(t, user)).SessionID
			s.mustEnd(t, s.login(t, user))
			pgtest.Exec(t, s.url, "UPDATE sessions SET revoked_at = now() - interval '1 year', revoked_reason = 'test' WHERE id = $1", first)
			column := map[string]string{"refresh_tokens": "session_id"}[table]
			allow := refuse(t, s.url, "DELETE ON "+table+" FOR EACH ROW WHEN (OLD."+cmp.Or(column, "id")+" = '"+first+"')")
			_, err := s.sessions.CleanUpSessions(t.Context())
			wantInternal(t, err)
			const left = `SELECT coalesce(string_agg(DISTINCT id, ' '), '') FROM (SELECT id FROM sessions
				UNION ALL SELECT session_id FROM refresh_tokens UNION ALL SELECT id FROM deleted_sessions) AS left_over`
			if got := pgtest.Value[string](t, s.url, left); got != first {
				t.Errorf("left are %q, want %q", got, first)
			}
			allow()
			s.cleanUp(t)
			if got := pgtest.Value[string](t, s.url, left); got != "" {
				t.Errorf("in the end, left are %q", got)
			}
		})
	}
}

// mustEnd ends a session longer ago than it is kept.
func (s *service) mustEnd(t *testing.T, tokens domain.Tokens) {
	t.Helper()
	must(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
	pgtest.Exec(t, s.url, "UPDATE sessions SET revoked_at = now() - interval '1 day' WHERE id = $1", s.actorID(t, tokens))
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
		t.Errorf("when it was told to stop it said %v", err)
	}
}
