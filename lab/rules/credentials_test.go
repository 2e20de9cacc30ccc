package rules_test

import (
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
