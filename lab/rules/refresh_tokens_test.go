package rules_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestConcurrentRefreshesWithoutGrace(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, withoutGrace())
	user := pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	tokens, other := servers[0].login(t, user), servers[0].login(t, user)
	session := servers[0].actor(t, tokens).SessionID

	successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
	if len(successors) != 1 {
		t.Fatalf("%d successors, want 1", len(successors))
	}
	for successor, times := range successors {
		if times != 1 {
			t.Errorf("%d requests got the successor, want 1", times)
		}
		_, err := servers[1].refresh(t, successor)
		wantError(t, err, domain.ErrInvalidRefreshToken)
	}
	if reason := servers[0].endReason(t, session); reason != domain.RevokedByTokenReuse {
		t.Errorf("the session ended because of %q", reason)
	}
	servers[1].wantEnded(t, tokens)
	servers[1].wantLive(t, other)
	pgtest.CheckSessions(t, servers[0].url)
}

func TestConcurrentRefreshesInGrace(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	tokens := servers[0].login(t, pgtest.User(t, servers[0].store, pgtest.UserOpts{}))

	successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
	if len(successors) != 1 {
		t.Fatalf("%d successors, want 1", len(successors))
	}
	for successor, times := range successors {
		if times != storm {
			t.Errorf("%d of %d requests got the successor", times, storm)
		}
		_, err := servers[1].refresh(t, successor)
		must(t, err)
	}
	pgtest.CheckSessions(t, servers[0].url)
}

// A refresh during the end of its session returns a pair that does not work, or none.
func TestConcurrentRefreshesAndSessionEnd(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(ctx context.Context, s *service, admin, user domain.Actor,
		tokens domain.Tokens) error{
		"a password change": func(ctx context.Context, s *service, _, user domain.Actor, _ domain.Tokens) error {
			return changePasswordElsewhere(ctx, s, user)
		},
		"a logout": func(ctx context.Context, s *service, _, _ domain.Actor, tokens domain.Tokens) error {
			return s.sessions.LogoutUser(ctx, tokens.Refresh.Reveal(), domain.Client{})
		},
		"a logout everywhere": func(ctx context.Context, s *service, _, user domain.Actor, _ domain.Tokens) error {
			return s.sessions.LogoutAllSessions(ctx, user)
		},
		"its owner": func(ctx context.Context, s *service, _, user domain.Actor, _ domain.Tokens) error {
			return s.sessions.RevokeCurrentUserSession(ctx, user, user.SessionID)
		},
		"an admin": func(ctx context.Context, s *service, admin, user domain.Actor, _ domain.Tokens) error {
			return s.sessions.RevokeUserSessions(ctx, admin, user.User.ID)
		},
		"deactivation": func(ctx context.Context, s *service, admin, user domain.Actor, _ domain.Tokens) error {
			return deactivate(ctx, s, admin, user)
		},
		"another role": func(ctx context.Context, s *service, admin, user domain.Actor, _ domain.Tokens) error {
			return demote(ctx, s, admin, user)
		},
		"deletion": func(ctx context.Context, s *service, _, user domain.Actor, _ domain.Tokens) error {
			return deleteOneself(ctx, s, user, user)
		},
	} {
		t.Run("by "+name, func(t *testing.T) {
			t.Parallel()
			servers := twoServers(t, standard())
			admin, user := servers[0].newAdmin(t), pgtest.User(t, servers[0].store,
				pgtest.UserOpts{Role: domain.RoleAdmin})
			tokens := servers[0].login(t, user)
			actor := servers[0].actor(t, tokens)

			ended := make(chan error, 1)
			go func() { ended <- end(t.Context(), servers[1], admin, actor, tokens) }()
			successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
			must(t, <-ended)
			servers[0].wantEnded(t, tokens)
			for successor := range successors {
				_, err := servers[0].refresh(t, successor)
				wantError(t, err, domain.ErrInvalidRefreshToken)
			}
			pgtest.CheckSessions(t, servers[0].url)
		})
	}
}

// changePasswordElsewhere changes the password of an account in another session.
func changePasswordElsewhere(ctx context.Context, s *service, user domain.Actor) error {
	current, password := pgtest.Password, "a new and long password"
	tokens, err := s.sessions.LoginUser(ctx, user.User.Email, current, domain.Client{})
	if err != nil {
		return err
	}
	there, err := s.sessions.Authenticate(ctx, tokens.Access)
	if err != nil {
		return err
	}
	_, err = s.users.UpdateCurrentUser(ctx, there,
		domain.CurrentUserChange{Password: &password, CurrentPassword: &current})
	return err
}

// refreshAtOnce sends one refresh token concurrently, and counts the responses by successor.
func refreshAtOnce(t *testing.T, servers []*service, refreshToken string) map[string]int {
	t.Helper()
	var (
		group      sync.WaitGroup
		mu         sync.Mutex
		successors = map[string]int{}
	)
	start := make(chan struct{})
	for i := range storm {
		group.Go(func() {
			<-start
			tokens, err := servers[i%len(servers)].sessions.RefreshTokens(t.Context(), refreshToken, domain.Client{})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				successors[tokens.Refresh.Reveal()]++
			case !errors.Is(err, domain.ErrInvalidRefreshToken):
				t.Errorf("a request failed with %v", err)
			}
		})
	}
	close(start)
	group.Wait()
	return successors
}
