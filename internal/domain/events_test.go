package domain_test

import (
	"context"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestBeforeDeleteRunsInTheTransaction(t *testing.T) {
	t.Parallel()
	refusal := &domain.Error{Code: domain.ErrLastAdmin.Code, Message: "Hand over your projects first."}
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
