package domain_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// strict returns the default limits of a server.
func strict() domain.ThrottleOptions {
	return domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 50, TotalFailures: 100}
}

// at returns a client with an address.
func at(address string) domain.Client { return domain.Client{IP: netip.MustParseAddr(address)} }

// guess logs in.
func (s *service) guess(t *testing.T, email, password, address string) error {
	t.Helper()
	_, err := s.sessions.LoginUser(t.Context(), email, password, at(address))
	return err
}

// fail makes failed logins without a delay.
func (s *service) fail(t *testing.T, times int, email, address string) {
	t.Helper()
	for range times {
		wantError(t, s.guess(t, email, "wrong", address), domain.ErrInvalidCredentials)
	}
}

// later moves all throttles into the past.
func (s *service) later(t *testing.T, passed time.Duration) {
	t.Helper()
	pgtest.Exec(t, s.url, `UPDATE throttles SET forgiven_at = forgiven_at - make_interval(secs => $1),
		blocked_until = blocked_until - make_interval(secs => $1)`, passed.Seconds())
}

// wantWait fails the test unless an error says to wait that long, less the seconds of the test.
func wantWait(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	wantError(t, err, domain.ErrTooManyAttempts)
	if failure, ok := errors.AsType[*domain.Error](err); ok &&
		(failure.RetryAfter > wait || failure.RetryAfter < wait-10*time.Second) {
		t.Errorf("the wait is %v, want %v", failure.RetryAfter, wait)
	}
}

func TestGuessesAreDelayed(t *testing.T) {
	t.Parallel()
	for name, email := range accountAndNone() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: strict()})
			pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"})
			s.fail(t, 5, email, "192.0.2.1")
			// A failure is forgiven before the second 480.
			for _, seconds := range []int{15, 30, 60, 120, 240, 480, 480, 900, 900, 900} {
				wait := time.Duration(seconds) * time.Second
				wantWait(t, s.guess(t, email, "wrong", "192.0.2.1"), wait)
				wantWait(t, s.guess(t, strings.ToUpper(email), pgtest.Password, "192.0.2.1"), wait)
				s.later(t, wait)
				wantError(t, s.guess(t, email, "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
			}
		})
	}
}

func TestRightPasswordResetsCounter(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	for range 3 {
		s.fail(t, 4, user.Email, "192.0.2.1")
		must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	}
	s.fail(t, 5, user.Email, "192.0.2.1")
	s.later(t, 15*time.Second)
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	s.fail(t, 5, user.Email, "192.0.2.1")
}

func TestFailuresAreForgiven(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	s.fail(t, 5, user.Email, "192.0.2.1")
	s.later(t, 45*time.Minute) // forgives three of five
	s.fail(t, 3, user.Email, "192.0.2.1")
	wantWait(t, s.guess(t, user.Email, "wrong", "192.0.2.1"), 15*time.Second)
}

// Failures from one network do not refuse the owner in another one; failures from all networks are
// bounded.
func TestGuessesElsewhereDoNotLockOutOwner(t *testing.T) {
	t.Parallel()
	for name, email := range accountAndNone() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{
				AccountFailures: 5, NetworkFailures: 50, TotalFailures: 20,
			}})
			user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"})
			s.fail(t, 5, email, "198.51.100.1")
			wantWait(t, s.guess(t, email, pgtest.Password, "198.51.100.1"), 15*time.Second)
			if email == user.Email {
				must(t, s.guess(t, email, pgtest.Password, "203.0.113.1"))
				wantWait(t, s.guess(t, email, "wrong", "198.51.100.1"), 15*time.Second) // still
			}
			for i := range 3 {
				s.fail(t, 5, email, fmt.Sprintf("198.51.100.%d", i+2))
			}
			wantWait(t, s.guess(t, email, pgtest.Password, "203.0.113.1"), 15*time.Second)
		})
	}
}

func TestReauthenticationIsThrottled(t *testing.T) {
	t.Parallel()
	wrong, name := "wrong", "Ada"
	for what, change := range map[string]func(*service, context.Context, domain.Actor, string) error{
		"a change": func(s *service, ctx context.Context, actor domain.Actor, password string) error {
			_, err := s.users.UpdateCurrentUser(ctx, actor,
				domain.CurrentUserChange{SetName: true, Name: &name, CurrentPassword: &password})
			return err
		},
		"the deletion": func(s *service, ctx context.Context, actor domain.Actor, password string) error {
			return s.users.DeleteCurrentUser(ctx, actor, password)
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: strict()})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			actor := s.actor(t, s.login(t, user))
			actor.Client = at("198.51.100.66") // of another party with the session
			for range 5 {
				wantError(t, change(s, t.Context(), actor, wrong), domain.ErrReauthenticationFailed)
			}
			wantWait(t, change(s, t.Context(), actor, pgtest.Password), 15*time.Second)
			for i := range 45 { // which count for the network, too
				s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "198.51.100.66")
			}
			wantWait(t, s.guess(t, "y@example.com", "wrong", "198.51.100.66"), 15*time.Second)
			if got := s.user(t, user.ID); got.Name != nil {
				t.Error("the account was changed")
			}
			s.later(t, 15*time.Second)
			must(t, change(s, t.Context(), actor, pgtest.Password))
		})
	}
}

// user returns an account, or the zero User if it was deleted.
func (s *service) user(t *testing.T, id string) domain.User {
	t.Helper()
	user, err := s.store.GetUser(t.Context(), id)
	if !errors.Is(err, domain.ErrUserNotFound) {
		must(t, err)
	}
	return user
}

func TestClearUserThrottle(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	admin := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	user, other := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	device := s.deviceOf(t, user.Email)
	for _, account := range []domain.User{user, other} {
		s.fail(t, 5, account.Email, "198.51.100.66")
	}
	for range 5 {
		wantError(t, s.guessWith(t, device, user.Email, "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
	}

	must(t, s.throttles.ClearUserThrottle(t.Context(), admin, user.ID))
	must(t, s.guessWith(t, device, user.Email, pgtest.Password, "192.0.2.1"))
	must(t, s.guess(t, user.Email, pgtest.Password, "198.51.100.66"))
	wantError(t, s.guess(t, other.Email, pgtest.Password, "198.51.100.66"), domain.ErrTooManyAttempts)

	must(t, s.throttles.ClearUserThrottle(t.Context(), admin, user.ID)) // is not throttled
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W"),
		domain.ErrUserNotFound)
	actor := s.actor(t, s.login(t, user))
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), actor, other.ID), domain.ErrForbidden)
	must(t, s.sessions.LogoutAllSessions(t.Context(), admin))
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), admin, other.ID), domain.ErrInvalidToken)
}

func TestPurgeThrottlesKeepsActiveCounters(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 2, NetworkFailures: 200, TotalFailures: 100}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	for i := range 60 { // more than a batch
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
	}
	s.later(t, 15*time.Minute)
	s.fail(t, 2, "y@example.com", "192.0.2.2")
	pgtest.Exec(t, s.url, "UPDATE throttles SET forgiven_at = now() WHERE blocked_until > now()") // still blocked
	purge := func() int {
		t.Helper()
		purged, err := s.throttles.PurgeThrottles(t.Context())
		must(t, err)
		return purged
	}
	// Two counters for each e-mail. The one of the first network counts 60 failures for an hour.
	if purged, left := purge(), pgtest.Value[int](t, s.url, "SELECT count(*) FROM throttles"); purged != 120 ||
		left != 4 {
		t.Errorf("%d were purged and %d are left, want 120 and 4", purged, left)
	}
	wantError(t, s.guess(t, "y@example.com", "wrong", "192.0.2.2"), domain.ErrTooManyAttempts)

	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.3"))
	purge() // of the login
	pgtest.Exec(t, s.url,
		"INSERT INTO known_networks (user_id, network_key) SELECT id, decode(repeat('00', 32), 'hex') FROM users")
	for _, table := range []string{"known_devices", "known_networks"} {
		pgtest.Exec(t, s.url, "UPDATE "+table+" SET last_login_at = now() - interval '89 days'")
		if purged := purge(); purged != 0 {
			t.Errorf("%s: %d were purged, want 0", table, purged)
		}
		pgtest.Exec(t, s.url, "UPDATE "+table+" SET last_login_at = now() - interval '91 days'")
		if purged := purge(); purged != 1 {
			t.Errorf("%s: %d were purged, want 1", table, purged)
		}
	}
}

func TestThrottlesOff(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 2, NetworkFailures: 2, Off: true}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	s.fail(t, 5, user.Email, "192.0.2.1")
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
}

// accountAndNone returns an e-mail of an account, if the test creates it, and one without.
func accountAndNone() map[string]string {
	return map[string]string{"an account": "ada@example.com", "an e-mail without one": "nobody@example.com"}
}
