package domain_test

import (
	"errors"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// storm is how many requests come at once, from as many goroutines, on two servers with a pool of two connections each.
const storm = 100

// refreshAtOnce sends one refresh token many times at once, and returns how often each successor was given out.
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

func twoServers(t *testing.T, options domain.SessionOptions) []*service {
	t.Helper()
	first := newService(t, serviceOpts{maxConns: 2, sessions: options})
	second := newService(t, serviceOpts{maxConns: 2, sessions: options, url: first.url})
	return []*service{first, second}
}

func TestARefreshStormWithoutGraceHasOneWinner(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, withoutGrace())
	user := pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	tokens, other := servers[0].login(t, user), servers[0].login(t, user)
	session := servers[0].actor(t, tokens).SessionID

	successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
	if len(successors) != 1 {
		t.Fatalf("%d successors were given out, want 1", len(successors))
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

func TestARefreshStormInGraceHasOneSuccessor(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	tokens := servers[0].login(t, pgtest.User(t, servers[0].store, pgtest.UserOpts{}))

	successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
	if len(successors) != 1 {
		t.Fatalf("%d successors were given out, want 1", len(successors))
	}
	for successor, times := range successors {
		if times != storm {
			t.Errorf("%d of %d requests got it", times, storm)
		}
		_, err := servers[1].refresh(t, successor)
		must(t, err)
	}
	pgtest.CheckSessions(t, servers[0].url)
}

// Clients that refresh while the session ends get a pair that no longer works, or none.
func TestARefreshStormDuringAPasswordChange(t *testing.T) {
	t.Parallel()
	servers := twoServers(t, standard())
	user := pgtest.User(t, servers[0].store, pgtest.UserOpts{})
	tokens, changing := servers[0].login(t, user), servers[1].actor(t, servers[1].login(t, user))

	changed := make(chan error, 1)
	go func() {
		current, password := pgtest.Password, "a new and long password"
		_, err := servers[1].users.UpdateCurrentUser(t.Context(), changing, domain.CurrentUserChange{
			Password: &password, CurrentPassword: &current,
		})
		changed <- err
	}()
	successors := refreshAtOnce(t, servers, tokens.Refresh.Reveal())
	must(t, <-changed)
	servers[0].wantEnded(t, tokens)
	for successor := range successors {
		_, err := servers[0].refresh(t, successor)
		wantError(t, err, domain.ErrInvalidRefreshToken)
	}
	pgtest.CheckSessions(t, servers[0].url)
}
