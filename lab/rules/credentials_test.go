package rules_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// During the verification, the account gets another hash of the current password, or another
// password.
func TestReauthenticationRechecksHash(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		password string // of the new hash
		want     *domain.Error
	}{
		"another hash":     {pgtest.Password, nil},
		"another password": {"a new and long password", domain.ErrReauthenticationFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, hash := pgtest.URL(t), pgtest.HashPassword(t, test.password)
			plain := newService(t, serviceOpts{url: url})
			user := pgtest.User(t, plain.store, pgtest.UserOpts{})
			actor := plain.actor(t, plain.login(t, user))
			var once sync.Once
			s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
				return &hookedStore{Store: store, beforeTx: func() {
					once.Do(func() { pgtest.Exec(t, url, "UPDATE users SET password_hash = $1", hash) })
				}}
			}})
			err := s.users.DeleteCurrentUser(t.Context(), actor, pgtest.Password)
			if test.want == nil {
				must(t, err)
			} else {
				wantError(t, err, test.want)
			}
			if n := pgtest.Value[int](t, url, "SELECT count(*) FROM users"); (n == 0) != (test.want == nil) {
				t.Errorf("there are %d users", n)
			}
		})
	}
}

func TestReauthenticationGivesUpOnChangingHash(t *testing.T) {
	t.Parallel()
	url, changes := pgtest.URL(t), 0
	plain := newService(t, serviceOpts{url: url})
	actor := plain.actor(t, plain.login(t, pgtest.User(t, plain.store, pgtest.UserOpts{})))
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, beforeTx: func() {
			changes++
			pgtest.Exec(t, url, "UPDATE users SET password_hash = $1", pgtest.HashPassword(t, pgtest.Password))
		}}
	}})
	wantError(t, s.users.DeleteCurrentUser(t.Context(), actor, pgtest.Password), domain.ErrReauthenticationFailed)
	if changes != 2 {
		t.Errorf("%d attempts, want 2", changes)
	}
}

// One of many concurrent changes for the same version succeeds.
func TestConcurrentChangesOfOneVersion(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	user := pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	actor := servers[0].actor(t, servers[0].login(t, user))
	var group sync.WaitGroup
	won := make(chan string, storm)
	for i := range storm {
		group.Go(func() {
			name := strings.Repeat("x", i+1)
			_, err := servers[i%2].users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{
				SetName: true, Name: &name, OnlyIf: isOneOf(user.Version),
			})
			if err == nil {
				won <- name
			} else if !errors.Is(err, domain.ErrPreconditionFailed) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if len(won) != 1 {
		t.Fatalf("%d changes were made", len(won))
	}
	stored, err := servers[0].store.GetUser(t.Context(), user.ID)
	must(t, err)
	if name := <-won; value(stored.Name) != name || stored.Version != user.Version+1 {
		t.Errorf("the account is %+v, want the name %s", stored, name)
	}
}

// The session may end between the authentication of a request and its change.
func TestEndedSessionChangesNothing(t *testing.T) {
	t.Parallel()
	name, current := "Mallory of the Hill", pgtest.Password
	for what, change := range map[string]func(ctx context.Context, s *service, actor domain.Actor) error{
		"a name": func(ctx context.Context, s *service, actor domain.Actor) error {
			_, err := s.users.UpdateCurrentUser(ctx, actor, domain.CurrentUserChange{SetName: true, Name: &name})
			return err
		},
		"a password": func(ctx context.Context, s *service, actor domain.Actor) error {
			_, err := s.users.UpdateCurrentUser(ctx, actor,
				domain.CurrentUserChange{Password: &name, CurrentPassword: &current})
			return err
		},
		"the account": func(ctx context.Context, s *service, actor domain.Actor) error {
			return s.users.DeleteCurrentUser(ctx, actor, current)
		},
		"other sessions": func(ctx context.Context, s *service, actor domain.Actor) error {
			return s.sessions.LogoutAllSessions(ctx, actor)
		},
		"another account": func(ctx context.Context, s *service, actor domain.Actor) error {
			_, err := s.users.UpdateUser(ctx, actor, "01ARZ3NDEKTSV4RRFFQ69G5FAV",
				domain.UserChange{SetName: true, Name: &name})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			must(t, s.store.InTx(t.Context(), func(tx domain.Store) error {
				_, err := tx.CreateUser(t.Context(), domain.NewUser{
					ID: "01ARZ3NDEKTSV4RRFFQ69G5FAV", Email: "else@example.com", PasswordHash: "$", Role: domain.RoleUser,
				})
				return err
			}))
			user := pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
			pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
			tokens, other := s.login(t, user), s.login(t, user)
			actor := s.actor(t, tokens)
			must(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
			wantError(t, change(t.Context(), s, actor), domain.ErrInvalidToken)
			if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM users WHERE version = 1"); n != 3 {
				t.Errorf("%d of 3 accounts are unchanged", n)
			}
			s.wantLive(t, other)
		})
	}
}

// The actor was demoted after the authentication of the request, and the session is still live.
func TestFormerAdminIsForbidden(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	admin := pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	actor := s.actor(t, s.login(t, admin))
	pgtest.Exec(t, s.url, "UPDATE users SET role = 'user' WHERE id = $1", admin.ID)
	no := false
	_, err := s.users.UpdateUser(t.Context(), actor, user.ID, domain.UserChange{IsActive: &no})
	wantError(t, err, domain.ErrForbidden)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), actor, user.ID), domain.ErrForbidden)
}
