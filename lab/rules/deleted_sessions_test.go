package rules_test

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

// A session of an earlier release, which kept used tokens, can have any number of them. A request
// deletes at most one batch. Refreshes, the deletion of the account and the clean-up of other
// sessions succeed.
func TestSessionWithManyTokens(t *testing.T) {
	t.Parallel()
	manyTokens := *usedTokens
	options := standard()
	options.Retention = 7 * 24 * time.Hour
	s := newService(t, serviceOpts{sessions: options})
	crowded := func() (domain.Tokens, domain.Actor) {
		tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
		actor := s.actor(t, tokens)
		s.addUsedTokens(t, actor.SessionID, manyTokens)
		return tokens, actor
	}
	tokensOf := func(actor domain.Actor) int {
		return pgtest.Value[int](t, s.url, "SELECT count(*) FROM refresh_tokens WHERE session_id = $1", actor.SessionID)
	}

	refreshed, owner := crowded()
	refreshed = s.mustRefresh(t, refreshed)
	if n := tokensOf(owner); n != manyTokens+2-100 {
		t.Errorf("%d tokens are left after a refresh, want 100 fewer", n)
	}

	_, leaving := crowded()
	must(t, s.users.DeleteCurrentUser(t.Context(), leaving, pgtest.Password))
	if n := tokensOf(leaving); n != manyTokens+1 {
		t.Errorf("the deletion of an account left %d tokens, want all", n)
	}
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM sessions WHERE user_id = $1", leaving.User.ID); n != 0 {
		t.Errorf("%d sessions of the account are left", n)
	}

	_, ended := crowded()
	bystander := s.actor(t, s.login(t, ended.User))
	for i, actor := range []domain.Actor{ended, bystander} {
		pgtest.Exec(t, s.url, "UPDATE sessions SET revoked_at = now() - make_interval(days => 9 - $2), revoked_reason = 'logged_out' WHERE id = $1",
			actor.SessionID, i)
	}
	if done := s.cleanUp(t); done.Purged != 2 {
		t.Errorf("%d sessions were purged, want 2", done.Purged)
	}
	for _, actor := range []domain.Actor{leaving, ended, bystander} {
		if n := tokensOf(actor); n != 0 {
			t.Errorf("%d tokens of a deleted session are left", n)
		}
	}
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM deleted_sessions"); n != 0 {
		t.Errorf("%d sessions are still queued", n)
	}
	s.wantLive(t, refreshed)
	pgtest.CheckSessions(t, s.url)
}

// Two servers clean up more than a batch, while a transaction locks one session and its tokens.
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
		t.Errorf("%d sessions and %d sealed successors are left, want the live and the locked session, and the locked successor", n/10, n%10)
	}
	_, err := holder.Exec(t.Context(), "ROLLBACK")
	must(t, err)
	if done := servers[0].cleanUp(t); done != (domain.SessionCleanup{Cleared: 1, Purged: 1}) {
		t.Errorf("after the lock: %+v", done)
	}
	servers[1].wantLive(t, tokens)
	pgtest.CheckSessions(t, url)
}

// A row that cannot be deleted does not prevent the deletion of others.
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
			allow := refuse(t, s.url,
				"DELETE ON "+table+" FOR EACH ROW WHEN (OLD."+cmp.Or(column, "id")+" = '"+first+"')")
			_, err := s.sessions.CleanUpSessions(t.Context())
			wantInternal(t, err)
			const left = `SELECT coalesce(string_agg(DISTINCT id, ' '), '') FROM (SELECT id FROM sessions
				UNION ALL SELECT session_id FROM refresh_tokens UNION ALL SELECT id FROM deleted_sessions) AS left_over`
			if got := pgtest.Value[string](t, s.url, left); got != first {
				t.Errorf("%q are left, want %q", got, first)
			}
			allow()
			s.cleanUp(t)
			if got := pgtest.Value[string](t, s.url, left); got != "" {
				t.Errorf("%q are left at the end", got)
			}
		})
	}
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
