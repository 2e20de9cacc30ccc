package domain_test

import (
	"context"
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestServicesWorkWithoutRecorder(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{events: domain.NoRecorder{}, throttles: strict()})
	registered, err := s.sessions.RegisterUser(t.Context(),
		domain.Registration{Email: "ada@example.com", Password: pgtest.Password}, at("192.0.2.1"))
	must(t, err)
	wantError(t, s.guess(t, "ada@example.com", "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
	must(t, s.guess(t, "ada@example.com", pgtest.Password, "192.0.2.1"))
	actor, password, current := s.actor(t, s.mustRefresh(t, registered)), "a new and long password", pgtest.Password
	wantError(t, s.sessions.Authorize(t.Context(), actor, domain.RoleAdmin), domain.ErrForbidden)
	_, err = s.users.UpdateCurrentUser(t.Context(), actor,
		domain.CurrentUserChange{Password: &password, CurrentPassword: &current})
	must(t, err)
	must(t, s.users.DeleteCurrentUser(t.Context(), s.actor(t, registered), password))
	// scaffold:begin audit
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM audit_events"); n != 0 {
		t.Errorf("%d events were recorded", n)
	}
	// scaffold:end audit
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

func TestBeforeDeleteRunsInTheTransaction(t *testing.T) {
	t.Parallel()
	refusal := &domain.Error{Code: domain.CodeLastAdmin, Message: "Hand over your projects first."}
	var refuses bool
	s := newService(t,
		serviceOpts{users: domain.UserOptions{BeforeDelete: []func(context.Context, domain.Store, domain.User) error{
			func(ctx context.Context, tx domain.Store, user domain.User) error {
				name := "deleted soon"
				if _, err := tx.UpdateUser(ctx, user.ID, domain.UserUpdate{SetName: true, Name: &name}); err != nil ||
					!refuses {
					return err
				}
				return refusal
			},
		}}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	tokens := s.login(t, user)
	refuses = true
	wantError(t, s.users.DeleteCurrentUser(t.Context(), s.actor(t, tokens), pgtest.Password), refusal)
	if got := s.actor(t, tokens).User; got != user {
		t.Errorf("the account is %+v, want %+v", got, user)
	}
	refuses = false
	must(t, s.users.DeleteCurrentUser(t.Context(), s.actor(t, tokens), pgtest.Password))
	s.wantEnded(t, tokens)
}
