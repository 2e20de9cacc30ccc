package domain_test

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

func TestLogoutWithAnyToken(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]int{"the first, used long ago": 0, "one whose grace is not over": 1, "the newest": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			other, first := s.login(t, user), s.login(t, user)
			second := s.mustRefresh(t, first)
			chain := []domain.Tokens{first, second, s.mustRefresh(t, second)}
			session := s.actor(t, first).SessionID

			for range 2 { // it is the same to say it again
				must(t, s.sessions.LogoutUser(t.Context(), chain[pick].Refresh.Reveal(), domain.Client{}))
				for _, tokens := range chain {
					s.wantEnded(t, tokens)
				}
			}
			if reason := s.endReason(t, session); reason != domain.RevokedByLogout {
				t.Errorf("the session ended because of %q", reason)
			}
			s.wantLive(t, other)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

func TestLogoutWithInvalidToken(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	unknown, err := auth.NewRefreshToken(bytes.NewReader(make([]byte, 32)))
	must(t, err)
	for _, text := range []string{"", "rt_", "not a token", unknown.Reveal(), tokens.Access, tokens.Refresh.Reveal() + "A"} {
		must(t, s.sessions.LogoutUser(t.Context(), text, domain.Client{}))
	}
	s.wantLive(t, tokens)
}

// Why a session ended first is what counts.
func TestLogoutKeepsRevocationReason(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	session := s.actor(t, r0).SessionID
	s.mustRefresh(t, r0)
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	must(t, s.sessions.LogoutUser(t.Context(), r0.Refresh.Reveal(), domain.Client{}))
	if reason := s.endReason(t, session); reason != domain.RevokedByTokenReuse {
		t.Errorf("the session ended because of %q", reason)
	}
}

// Each way to end all sessions of an account ends them at once, access tokens too, and those of
// nobody else.
func TestEndingAllSessions(t *testing.T) {
	t.Parallel()
	inactive, admin := false, domain.RoleAdmin
	for name, test := range map[string]struct {
		end    func(ctx context.Context, s *service, admin, user domain.Actor) error
		reason domain.RevocationReason
	}{
		"log out everywhere": {func(ctx context.Context, s *service, _, user domain.Actor) error {
			return s.sessions.LogoutAllSessions(ctx, user)
		}, domain.RevokedByLogout},
		"by an admin": {func(ctx context.Context, s *service, admin, user domain.Actor) error {
			return s.sessions.RevokeUserSessions(ctx, admin, user.User.ID)
		}, domain.RevokedByAdmin},
		"deactivation": {func(ctx context.Context, s *service, admin, user domain.Actor) error {
			_, err := s.users.UpdateUser(ctx, admin, user.User.ID, domain.UserChange{IsActive: &inactive})
			return err
		}, domain.RevokedByDeactivation},
		"another role": {func(ctx context.Context, s *service, boss, user domain.Actor) error {
			_, err := s.users.UpdateUser(ctx, boss, user.User.ID, domain.UserChange{Role: &admin})
			return err
		}, domain.RevokedByRoleChange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			boss := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin}))
			bystander := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			mine, other := s.login(t, user), s.login(t, user)
			actor := s.actor(t, mine)
			must(t, test.end(t.Context(), s, s.actor(t, boss), actor))

			s.wantEnded(t, mine)
			s.wantEnded(t, other)
			if reason := s.endReason(t, actor.SessionID); reason != test.reason {
				t.Errorf("the session ended because of %q", reason)
			}
			s.wantLive(t, boss)
			s.wantLive(t, bystander)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

func TestRevokeUserSessionsIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	user := s.actor(t, tokens)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), user, user.User.ID), domain.ErrForbidden)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), user, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), domain.ErrForbidden)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), admin, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), domain.ErrUserNotFound)
	s.wantLive(t, tokens)

	must(t, s.sessions.RevokeUserSessions(t.Context(), admin, admin.User.ID)) // one's own, too
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), admin, user.User.ID), domain.ErrInvalidToken)
	s.actor(t, tokens)
}

// Whoever ends all sessions does not overlook that of a login which is under way.
func TestRevocationWaitsForLogin(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	others := newService(t, serviceOpts{url: url})
	admin := others.actor(t, others.login(t, pgtest.User(t, others.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	user := pgtest.User(t, others.store, pgtest.UserOpts{})
	revoked := make(chan error, 1)
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, afterLockUser: func(domain.Store) {
			goUntilBlocked(t, url, func(ctx context.Context) {
				revoked <- others.sessions.RevokeUserSessions(ctx, admin, user.ID)
			})
		}}
	}})
	tokens := s.login(t, user)
	must(t, outcome(t, revoked))
	s.wantEnded(t, tokens)
}

func TestRevokeCurrentUserSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	mine, other, late, gone := s.login(t, user), s.login(t, user), s.login(t, user), s.login(t, user)
	stranger := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin}))
	actor := s.actor(t, mine)
	id := func(tokens domain.Tokens) string { return s.actor(t, tokens).SessionID }
	otherID, lateID, goneID, strangerID := id(other), id(late), id(gone), id(stranger)
	revoke := func(id string) error { return s.sessions.RevokeCurrentUserSession(t.Context(), actor, id) }
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", lateID)
	must(t, s.sessions.LogoutUser(t.Context(), gone.Refresh.Reveal(), domain.Client{}))

	for what, id := range map[string]string{
		"another user's": strangerID, "one that was not used in time": lateID, "one that was logged out": goneID,
		"one that never was": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "no id at all": "",
	} {
		if err := revoke(id); err == nil {
			t.Errorf("%s was ended", what)
		} else {
			wantError(t, err, domain.ErrSessionNotFound)
		}
	}
	if reason := s.endReason(t, goneID); reason != domain.RevokedByLogout {
		t.Errorf("the session that was logged out ended because of %q", reason)
	}
	must(t, revoke(otherID))
	wantError(t, revoke(otherID), domain.ErrSessionNotFound)
	s.wantEnded(t, other)
	if reason := s.endReason(t, otherID); reason != domain.RevokedByOwner {
		t.Errorf("the session ended because of %q", reason)
	}
	mine = s.wantLive(t, mine)
	s.wantLive(t, stranger)
	must(t, revoke(actor.SessionID)) // one's own
	s.wantEnded(t, mine)
	pgtest.CheckSessions(t, s.url)
}

func TestListCurrentUserSessions(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{})
	s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	first, second, third, late, over, gone := s.login(t, user), s.login(t, user), s.login(t, user), s.login(t, user),
		s.login(t, user), s.login(t, user)
	id := func(tokens domain.Tokens) string { return s.actor(t, tokens).SessionID }
	actor, firstID, secondID, thirdID := s.actor(t, second), id(first), id(second), id(third)
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", id(late))
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", id(over))
	pgtest.Exec(t, s.url, "UPDATE sessions SET expires_at = now() WHERE id = $1", id(over))
	must(t, s.sessions.LogoutUser(t.Context(), gone.Refresh.Reveal(), domain.Client{}))
	s.mustRefresh(t, first)

	sessions, err := s.sessions.ListCurrentUserSessions(t.Context(), actor)
	must(t, err)
	ids := make([]string, len(sessions))
	for i, session := range sessions {
		ids[i] = session.ID
	}
	if want := []string{firstID, thirdID, secondID}; !slices.Equal(ids, want) {
		t.Errorf("the sessions are %v, want %v, the one used last first", ids, want)
	}
	if first := sessions[0]; !first.LastUsedAt.After(first.CreatedAt) || !sessions[1].LastUsedAt.Equal(sessions[1].CreatedAt) {
		t.Errorf("the times of use are not those of the last refresh, or login: %+v", sessions)
	}
}
