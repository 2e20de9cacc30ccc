package rules_test

import (
	"context"
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestFailedRefreshCanBeRepeated(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		"UPDATE OF used_at ON refresh_tokens", "INSERT ON refresh_tokens", "UPDATE OF last_used_at ON sessions",
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			tokens := s.mustRefresh(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{})))
			allow := refuse(t, s.url, event)
			_, err := s.refresh(t, tokens.Refresh.Reveal())
			wantInternal(t, err)
			allow()
			s.wantLive(t, s.wantLive(t, tokens))
			pgtest.CheckSessions(t, s.url)
		})
	}
}

// If the parent stayed, it would yield its successor again.
func TestRotationPrunesParentInTransaction(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	allow := refuse(t, s.url, "DELETE ON refresh_tokens")
	_, err := s.refresh(t, r1.Refresh.Reveal())
	wantInternal(t, err)
	allow()
	if again := s.mustRefresh(t, r0); again.Refresh.Reveal() != r1.Refresh.Reveal() {
		t.Error("the retry has another successor")
	}
	s.wantLive(t, r1)
	pgtest.CheckSessions(t, s.url)
}

func TestReuseFailsIfSessionCannotBeEnded(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	r1 := s.mustRefresh(t, r0)
	allow := refuse(t, s.url, "UPDATE ON sessions")
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantInternal(t, err)
	allow()
	_, err = s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	s.wantEnded(t, r1)
}

func TestFailedRegistrationLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, event := range []string{
		"INSERT ON users", "INSERT ON sessions", "INSERT ON refresh_tokens", "UPDATE ON sessions",
	} {
		t.Run(event, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			registration := domain.Registration{Email: "ada@example.com", Password: pgtest.Password}
			allow := refuse(t, s.url, event)
			_, err := s.sessions.RegisterUser(t.Context(), registration, domain.Client{})
			wantInternal(t, err)
			allow()
			tokens, err := s.sessions.RegisterUser(t.Context(), registration, domain.Client{})
			must(t, err)
			s.wantLive(t, tokens)
		})
	}
}

func TestFailedPasswordChangeChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	mine, other := s.login(t, user), s.login(t, user)
	actor, password, current := s.actor(t, mine), "a new and long password", pgtest.Password
	allow := refuse(t, s.url, "UPDATE ON sessions")
	_, err := s.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{
		Password: &password, CurrentPassword: &current,
	})
	wantInternal(t, err)
	_, err = s.users.EnsureAdmin(t.Context(), resetAdmin(user.Email, password))
	wantInternal(t, err)
	allow()
	if s.actor(t, s.login(t, user)).HasRole(domain.RoleAdmin) {
		t.Error("the account was promoted")
	}
	s.wantLive(t, other)
}

func TestFailedDeletionDeletesNothing(t *testing.T) {
	t.Parallel()
	for _, event := range []string{"INSERT ON deleted_sessions", "DELETE ON sessions", "DELETE ON users"} {
		s := newService(t, serviceOpts{})
		tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
		actor := s.actor(t, tokens)
		allow := refuse(t, s.url, event)
		wantInternal(t, s.users.DeleteCurrentUser(t.Context(), actor, pgtest.Password))
		allow()
		s.wantLive(t, tokens)
	}
}

func TestFailedUpdateChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	actor := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	tokens, no := s.login(t, user), false
	allow := refuse(t, s.url, "UPDATE OF revoked_at ON sessions")
	_, err := s.users.UpdateUser(t.Context(), actor, user.ID, domain.UserChange{IsActive: &no})
	wantInternal(t, err)
	wantInternal(t, s.sessions.RevokeUserSessions(t.Context(), actor, user.ID))
	wantInternal(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
	allow()
	s.wantLive(t, tokens)
}

// failingRecorder cannot record.
type failingRecorder struct{ domain.NoRecorder }

var errNotRecorded = errors.New("not recorded")

func (failingRecorder) Record(context.Context, domain.Store, ...domain.Event) error {
	return errNotRecorded
}

func TestChangesFailIfTheirEventCannotBeRecorded(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	recorded := newService(t, serviceOpts{url: url})
	s := newService(t, serviceOpts{url: url, events: failingRecorder{}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	tokens := recorded.login(t, user)
	actor, name, current := s.actor(t, tokens), "Ada", pgtest.Password
	email, no := "new@example.com", false
	for what, change := range map[string]func() error{
		"register": func() error {
			_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: current},
				domain.Client{})
			return err
		},
		"log in": func() error {
			_, err := s.sessions.LoginUser(t.Context(), user.Email, current, domain.Client{})
			return err
		},
		"change the name": func() error {
			_, err := s.users.UpdateCurrentUser(t.Context(), actor,
				domain.CurrentUserChange{SetName: true, Name: &name})
			return err
		},
		"change the e-mail": func() error {
			_, err := s.users.UpdateCurrentUser(t.Context(), actor,
				domain.CurrentUserChange{Email: &email, CurrentPassword: &current})
			return err
		},
		"deactivate": func() error {
			_, err := s.users.UpdateUser(t.Context(), actor, user.ID, domain.UserChange{IsActive: &no})
			return err
		},
		"delete": func() error { return s.users.DeleteCurrentUser(t.Context(), actor, current) },
		"log out": func() error {
			return s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(),
				domain.Client{})
		},
		"end all sessions": func() error { return s.sessions.LogoutAllSessions(t.Context(), actor) },
		"clear a throttle": func() error { return s.throttles.ClearUserThrottle(t.Context(), actor, user.ID) },
	} {
		if err := change(); !errors.Is(err, errNotRecorded) {
			t.Errorf("%s: got %v, want %v", what, err, errNotRecorded)
		}
	}
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM users WHERE version = 1 AND is_active"); n != 2 {
		t.Errorf("%d of 2 accounts are unchanged", n)
	}
	recorded.wantLive(t, tokens)
}
