package rules_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// Two removals on two servers, in every combination: the second starts after the first has found
// another admin, and before its commit.
func TestConcurrentRemovalsKeepOneAdmin(t *testing.T) {
	t.Parallel()
	ways := map[string]removal{"demoted": demote, "deactivated": deactivate, "deleted": deleteOneself}
	for firstName, first := range ways {
		for secondName, second := range ways {
			for name, byEachOther := range map[string]bool{"on their own": false, "by each other": true} {
				t.Run(firstName+" and "+secondName+" "+name, func(t *testing.T) {
					t.Parallel()
					url := pgtest.URL(t)
					other := newService(t, serviceOpts{url: url, maxConns: 2})
					ada, bob := other.newAdmin(t), other.newAdmin(t)
					byFirst, bySecond := ada, bob
					if byEachOther {
						byFirst, bySecond = bob, ada
					}
					var once sync.Once
					loser := make(chan error, 1)
					s := newService(t, serviceOpts{url: url, maxConns: 2, wrap: func(store domain.Store) domain.Store {
						return &hookedStore{Store: store, afterLockUser: func(domain.Store) {
							once.Do(func() {
								goUntilBlocked(t, url,
									func(ctx context.Context) { loser <- second(ctx, other, bySecond, bob) })
							})
						}}
					}})
					must(t, first(t.Context(), s, byFirst, ada))
					wantError(t, outcome(t, loser), domain.ErrLastAdmin)
					wantOneAdmin(t, url)
				})
			}
		}
	}
}

// Ten admins remove each other and themselves on two servers.
func TestManyConcurrentRemovalsKeepOneAdmin(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	admins := make([]domain.Actor, 10)
	for i := range admins {
		admins[i] = servers[0].newAdmin(t)
	}
	ways := []removal{demote, deactivate, deleteOneself}
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range storm {
		group.Go(func() {
			<-start
			err := ways[i%len(ways)](t.Context(), servers[i%2], admins[i%10], admins[i/10])
			expected := errors.Is(err, domain.ErrLastAdmin) || errors.Is(err, domain.ErrInvalidToken) ||
				errors.Is(err, domain.ErrUserNotFound)
			if err != nil && !expected {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	close(start)
	group.Wait()
	wantOneAdmin(t, servers[0].url)
	pgtest.CheckSessions(t, servers[0].url)
}

// The account gets another e-mail before the transaction.
func TestEnsureAdminRechecksEmail(t *testing.T) {
	t.Parallel()
	var s *service
	var hooked hookedStore
	s = newService(t, serviceOpts{wrap: func(store domain.Store) domain.Store {
		hooked.Store = store
		return &hooked
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "chief@example.com"})
	hooked.beforeTx = func() {
		pgtest.Exec(t, s.url, "UPDATE users SET email = 'else@example.com' WHERE id = $1", user.ID)
	}
	_, err := s.users.EnsureAdmin(t.Context(), domain.AdminRequest{Email: user.Email, Promote: true})
	wantError(t, err, domain.ErrUserNotFound)
	if role := pgtest.Value[string](t, s.url, "SELECT role FROM users"); role != "user" {
		t.Errorf("the role is %s", role)
	}
}

func TestRefusedEnsureAdminChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "charlotte@example.com"})
	tokens := s.login(t, user)
	ensure := func(email, password string) error {
		_, err := s.users.EnsureAdmin(t.Context(), resetAdmin(email, password))
		return err
	}
	wantField(t, ensure("no address", pgtest.Password), "/email", "invalid_format")
	wantField(t, ensure("charlotte@example.com", "2 short"), "/password", "too_short")
	wantField(t, ensure("charlotte@example.com", "charlotte-8402-"), "/password", "password_blocklisted")
	wantField(t, ensure("nobody@example.com", "password1234567"), "/password", "password_blocklisted")
	if got := s.actor(t, tokens).User; got != user {
		t.Errorf("the user is %+v, want %+v", got, user)
	}
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM users"); n != 1 {
		t.Errorf("there are %d users", n)
	}
}
