package domain_test

import (
	"flag"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// usedTokens is more than the clean-up deletes in one statement, unless the flag says otherwise.
var usedTokens = flag.Int("tokens", 2500, "used refresh tokens of a session in TestSessionWithManyTokens")

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
		t.Errorf("%d tokens are left after a refresh, want 100 less", n)
	}

	_, leaving := crowded()
	must(t, s.users.DeleteCurrentUser(t.Context(), leaving, pgtest.Password))
	if n := tokensOf(leaving); n != manyTokens+1 {
		t.Errorf("the deletion of an account left %d tokens, want it to delete none", n)
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
