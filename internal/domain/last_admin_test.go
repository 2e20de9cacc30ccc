package domain_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// leaving is a way to have one active admin less: by asks, and target goes.
type leaving func(ctx context.Context, s *service, by, target domain.Actor) error

func demote(ctx context.Context, s *service, by, target domain.Actor) error {
	role := domain.RoleUser
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{Role: &role})
	return err
}

func deactivate(ctx context.Context, s *service, by, target domain.Actor) error {
	active := false
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{IsActive: &active})
	return err
}

func deleteOneself(ctx context.Context, s *service, _, target domain.Actor) error {
	return s.users.DeleteCurrentUser(ctx, target, pgtest.Password)
}

func (s *service) newAdmin(t *testing.T) domain.Actor {
	t.Helper()
	return s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
}

func wantOneAdmin(t *testing.T, url string) {
	t.Helper()
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM users WHERE role = 'admin' AND is_active"); n != 1 {
		t.Errorf("there are %d active admins, want 1", n)
	}
}

func TestLastAdminCannotBeRemoved(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]leaving{"demoted": demote, "deactivated": deactivate, "deleted": deleteOneself} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			pgtest.User(t, s.store, pgtest.UserOpts{})
			pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin, Inactive: true})
			last := s.newAdmin(t)
			wantError(t, leave(t.Context(), s, last, last), domain.ErrLastAdmin)
			wantOneAdmin(t, s.url)

			other := s.newAdmin(t)
			must(t, leave(t.Context(), s, other, last))
			wantError(t, leave(t.Context(), s, other, other), domain.ErrLastAdmin)
			wantOneAdmin(t, s.url)
			name := "Ada"
			_, err := s.users.UpdateUser(t.Context(), other, other.User.ID, domain.UserChange{SetName: true, Name: &name})
			must(t, err) // all else may change
			pgtest.CheckSessions(t, s.url)
		})
	}
}

// Two that go at once, on two servers, in every combination: the second begins when the first has
// made sure that there is another admin, and has not gone yet.
func TestConcurrentRemovalsKeepOneAdmin(t *testing.T) {
	t.Parallel()
	ways := map[string]leaving{"demoted": demote, "deactivated": deactivate, "deleted": deleteOneself}
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
								goUntilBlocked(t, url, func(ctx context.Context) { loser <- second(ctx, other, bySecond, bob) })
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

// Ten admins that all demote each other, and themselves, on two servers, leave one.
func TestManyConcurrentRemovalsKeepOneAdmin(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	admins := make([]domain.Actor, 10)
	for i := range admins {
		admins[i] = servers[0].newAdmin(t)
	}
	ways := []leaving{demote, deactivate, deleteOneself}
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range storm {
		group.Go(func() {
			<-start
			err := ways[i%len(ways)](t.Context(), servers[i%2], admins[i%10], admins[i/10])
			expected := errors.Is(err, domain.ErrLastAdmin) || errors.Is(err, domain.ErrInvalidToken) || errors.Is(err, domain.ErrUserNotFound)
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
