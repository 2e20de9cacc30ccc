package domain_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/internal/auth"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// strict is what a service allows that is not told otherwise.
func strict() domain.ThrottleOptions {
	return domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 50}
}

// at is a client somewhere.
func at(address string) domain.Client { return domain.Client{IP: netip.MustParseAddr(address)} }

// guess tries to log in, and returns how.
func (s *service) guess(t *testing.T, email, password, address string) error {
	t.Helper()
	_, err := s.sessions.LoginUser(t.Context(), email, password, at(address))
	return err
}

// fail uses up what is free of delay.
func (s *service) fail(t *testing.T, times int, email, address string) {
	t.Helper()
	for range times {
		wantError(t, s.guess(t, email, "wrong", address), domain.ErrInvalidCredentials)
	}
}

// later moves all throttles as if time had passed.
func (s *service) later(t *testing.T, passed time.Duration) {
	t.Helper()
	pgtest.Exec(t, s.url, `UPDATE throttles SET forgiven_at = forgiven_at - make_interval(secs => $1),
		blocked_until = blocked_until - make_interval(secs => $1)`, passed.Seconds())
}

// wantWait wants an error to say how long to wait, to the few seconds that a test may take.
func wantWait(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	wantError(t, err, domain.ErrTooManyAttempts)
	if failure, ok := errors.AsType[*domain.Error](err); ok && (failure.RetryAfter > wait || failure.RetryAfter < wait-10*time.Second) {
		t.Errorf("the wait is %v, want %v", failure.RetryAfter, wait)
	}
}

func TestGuessingBecomesSlow(t *testing.T) {
	t.Parallel()
	for name, email := range map[string]string{"an account": "ada@example.com", "an e-mail without one": "nobody@example.com"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: strict()})
			pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"})
			s.fail(t, 5, email, "192.0.2.1")
			// By the second 480, a failure has been forgiven.
			for _, seconds := range []int{15, 30, 60, 120, 240, 480, 480, 900, 900, 900} {
				wait := time.Duration(seconds) * time.Second
				wantWait(t, s.guess(t, email, "wrong", "192.0.2.1"), wait)
				wantWait(t, s.guess(t, strings.ToUpper(email), pgtest.Password, "192.0.2.2"), wait)
				s.later(t, wait)
				wantError(t, s.guess(t, email, "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
			}
		})
	}
}

func TestTheRightPasswordEndsTheDelay(t *testing.T) {
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

// An inactive account is like a wrong password: if the right one did not count, it could be told from others.
func TestInactiveAccountsAreThrottledLikeAllOthers(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Inactive: true})
	for range 5 {
		wantError(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), domain.ErrInvalidCredentials)
	}
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
}

func TestFailuresAreForgiven(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	s.fail(t, 5, user.Email, "192.0.2.1")
	s.later(t, 45*time.Minute) // three of the five
	s.fail(t, 3, user.Email, "192.0.2.1")
	wantWait(t, s.guess(t, user.Email, "wrong", "192.0.2.1"), 15*time.Second)
}

// All of a hundred guesses that come at once are looked at before any of them has failed, unless they count from the start.
func TestGuessesAtOnceCountToo(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict(), maxConns: 2})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	var looked, refused atomic.Int64
	var group sync.WaitGroup
	for range 100 {
		group.Go(func() {
			_, err := s.sessions.LoginUser(t.Context(), user.Email, "wrong", at("192.0.2.1"))
			switch {
			case errors.Is(err, domain.ErrInvalidCredentials):
				looked.Add(1)
			case errors.Is(err, domain.ErrTooManyAttempts):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	group.Wait()
	if looked.Load() != 5 || refused.Load() != 95 {
		t.Errorf("%d passwords were looked at and %d refused, want 5 and 95", looked.Load(), refused.Load())
	}
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
}

func TestAnAttackerElsewhereDoesNotLockOutTheOwner(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	must(t, s.guess(t, user.Email, pgtest.Password, "2001:db8::1"))

	s.fail(t, 5, user.Email, "198.51.100.66")
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "198.51.100.66"), 15*time.Second)
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "203.0.113.1"), 15*time.Second)
	must(t, s.guess(t, strings.ToUpper(user.Email), pgtest.Password, "192.0.2.1"))
	must(t, s.guess(t, user.Email, pgtest.Password, "2001:db8::ffff:2")) // of the same /64
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "2001:db8:0:1::1"), 15*time.Second)
	wantWait(t, s.guess(t, user.Email, "wrong", "198.51.100.66"), 15*time.Second) // the owner's success has not helped

	// Where the owner is known one can guess too, but no better than elsewhere, and it is the owner's network.
	s.fail(t, 5, user.Email, "192.0.2.1")
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	must(t, s.guess(t, user.Email, pgtest.Password, "2001:db8::1"))

	// What is known is known of one account, and not for ever.
	other := pgtest.User(t, s.store, pgtest.UserOpts{})
	s.fail(t, 5, other.Email, "198.51.100.66")
	wantWait(t, s.guess(t, other.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	pgtest.Exec(t, s.url, "UPDATE known_networks SET last_login_at = last_login_at - interval '91 days'")
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "2001:db8::1"), 15*time.Second)
}

func TestWhoeverRegistersIsKnownThere(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	const email = "ada@example.com"
	_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: pgtest.Password}, at("192.0.2.1"))
	must(t, err)
	s.fail(t, 5, email, "198.51.100.66")
	must(t, s.guess(t, email, pgtest.Password, "192.0.2.1"))
}

// One password for many accounts is guessing too. A login of one's own in between must not hide it.
func TestGuessingAtManyAccountsBecomesSlow(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 10}})
	own, victim := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	must(t, s.guess(t, victim.Email, pgtest.Password, "192.0.2.1"))
	for i := range 10 {
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
		if i < 9 {
			must(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.1"))
			pgtest.Exec(t, s.url, "DELETE FROM known_networks WHERE user_id = $1", own.ID)
		}
	}
	wantWait(t, s.guess(t, "y@example.com", "wrong", "192.0.2.1"), 15*time.Second)
	wantWait(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	must(t, s.guess(t, victim.Email, pgtest.Password, "192.0.2.1"))
	must(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.2"))

	// What was refused because of the network counts for no account.
	for range 10 {
		wantError(t, s.guess(t, "z@example.com", "wrong", "192.0.2.1"), domain.ErrTooManyAttempts)
	}
	s.fail(t, 5, "z@example.com", "192.0.2.3")

	// One a minute is what a company's typing errors may come to.
	s.later(t, 15*time.Second)
	s.later(t, 10*time.Minute)
	for i := range 9 {
		s.fail(t, 1, strings.Repeat("u", i+1)+"@example.com", "192.0.2.1")
	}
}

// Whoever has one IPv6 address has all of its /64.
func TestGuessingFromManyAddressesOfANetworkBecomesSlow(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 3}})
	for i, address := range []string{"2001:db8::1", "2001:db8::2", "2001:db8::ffff:0:0:3"} {
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", address)
	}
	wantWait(t, s.guess(t, "y@example.com", "wrong", "2001:db8:0:0:8000::4"), 15*time.Second)
	s.fail(t, 1, "y@example.com", "2001:db8:0:1::1")
}

func TestReauthenticationIsThrottledLikeLogins(t *testing.T) {
	t.Parallel()
	wrong, name := "wrong", "Ada"
	for what, change := range map[string]func(*service, context.Context, domain.Actor, string) error{
		"a change": func(s *service, ctx context.Context, actor domain.Actor, password string) error {
			_, err := s.users.UpdateCurrentUser(ctx, actor, domain.CurrentUserChange{SetName: true, Name: &name, CurrentPassword: &password})
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
			actor.Client = at("198.51.100.66") // somebody has borrowed the session
			s.fail(t, 2, user.Email, "198.51.100.66")
			for range 3 {
				wantError(t, change(s, t.Context(), actor, wrong), domain.ErrReauthenticationFailed)
			}
			wantWait(t, change(s, t.Context(), actor, pgtest.Password), 15*time.Second)
			wantWait(t, s.guess(t, user.Email, pgtest.Password, "198.51.100.66"), 15*time.Second)
			if got := s.user(t, user.ID); got.Name != nil {
				t.Error("the account was changed")
			}
			s.later(t, 15*time.Second)
			must(t, change(s, t.Context(), actor, pgtest.Password))
			s.fail(t, 5, user.Email, "198.51.100.66")
		})
	}
}

// user returns what an account is now; the zero User if it is gone.
func (s *service) user(t *testing.T, id string) domain.User {
	t.Helper()
	user, err := s.store.GetUser(t.Context(), id)
	if !errors.Is(err, domain.ErrUserNotFound) {
		must(t, err)
	}
	return user
}

// The current password was right, so whatever else is wrong with a change is no guess.
func TestAChangeThatFailsForOtherReasonsIsNoGuess(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	actor := s.actor(t, s.login(t, user))
	common, current := "password123", pgtest.Password
	for range 10 {
		_, err := s.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{Password: &common, CurrentPassword: &current})
		wantField(t, err, "/password", "password_blocklisted")
	}
}

func TestClearUserThrottle(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	admin := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	user, other := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	for _, account := range []domain.User{user, other} {
		s.fail(t, 5, account.Email, "198.51.100.66")
	}
	s.fail(t, 5, user.Email, "192.0.2.1")

	must(t, s.throttles.ClearUserThrottle(t.Context(), admin, user.ID))
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	must(t, s.guess(t, user.Email, pgtest.Password, "203.0.113.1"))
	wantError(t, s.guess(t, other.Email, pgtest.Password, "203.0.113.1"), domain.ErrTooManyAttempts)

	must(t, s.throttles.ClearUserThrottle(t.Context(), admin, user.ID)) // which is not throttled
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), admin, "01JD8Z5V3K4N6P7Q8R9S0T1V2W"), domain.ErrUserNotFound)
	actor := s.actor(t, s.login(t, user))
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), actor, other.ID), domain.ErrForbidden)
	must(t, s.sessions.LogoutAllSessions(t.Context(), admin))
	wantError(t, s.throttles.ClearUserThrottle(t.Context(), admin, other.ID), domain.ErrInvalidToken)
}

func TestPurgingLeavesWhatStillCounts(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 2, NetworkFailures: 200}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
	for i := range 60 { // more than a batch
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
	}
	s.later(t, 15*time.Minute)
	s.fail(t, 2, "y@example.com", "192.0.2.2")
	pgtest.Exec(t, s.url, "UPDATE throttles SET forgiven_at = now() WHERE blocked_until > now()") // blocked all the same
	purge := func() int {
		t.Helper()
		purged, err := s.throttles.PurgeThrottles(t.Context())
		must(t, err)
		return purged
	}
	// That of the first network counts its 60 failures for an hour.
	if purged, left := purge(), pgtest.Value[int](t, s.url, "SELECT count(*) FROM throttles"); purged != 60 || left != 3 {
		t.Errorf("%d were purged and %d are left, want 60 and 3", purged, left)
	}
	wantError(t, s.guess(t, "y@example.com", "wrong", "192.0.2.2"), domain.ErrTooManyAttempts)
	pgtest.Exec(t, s.url, "UPDATE known_networks SET last_login_at = now() - interval '89 days'")
	if purged := purge(); purged != 0 {
		t.Errorf("%d were purged, want none", purged)
	}
	pgtest.Exec(t, s.url, "UPDATE known_networks SET last_login_at = now() - interval '91 days'")
	if purged := purge(); purged != 1 {
		t.Errorf("%d were purged, want the network", purged)
	}
}

func TestThrottlesCanBeOff(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 2, NetworkFailures: 2, Off: true}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	s.fail(t, 5, user.Email, "192.0.2.1")
	must(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"))
}

// Only whoever has the key can look for an e-mail or an address among the counters.
func TestCountersAreNamedByDigestsWithAKey(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	keys := func(key string) [][]byte {
		t.Helper()
		hasher, err := auth.NewPasswordHasher(pgtest.PasswordParams(), auth.PasswordHasherOptions{})
		must(t, err)
		passwords, ids := domain.NewPasswords(hasher, "Plinth"), domain.NewIDs(time.Now, rand.Reader)
		throttles := domain.NewThrottleService(s.store, ids, []byte(key), strict())
		sessions := domain.NewSessionService(s.store, passwords, throttles, newAccessTokens(t, time.Now), ids, rand.Reader, standard())
		_, err = sessions.LoginUser(t.Context(), "ada@example.com", "wrong", at("192.0.2.1"))
		wantError(t, err, domain.ErrInvalidCredentials)
		found := pgtest.Value[[][]byte](t, s.url, "SELECT array_agg(account_key || network_key) FROM throttles")
		pgtest.Exec(t, s.url, "DELETE FROM throttles")
		return found
	}
	once, again, other := keys("one"), keys("one"), keys("another")
	for _, key := range once {
		equal := func(candidate []byte) bool { return string(candidate) == string(key) }
		if !slices.ContainsFunc(again, equal) || slices.ContainsFunc(other, equal) {
			t.Errorf("%x does not depend on the key, or on it alone", key)
		}
	}
	if len(once) != 2 || len(once[0]) != 32 {
		t.Errorf("the keys are %x", once)
	}
}

// An attempt that waits for another one on the same counter began before that one was counted. It is not refused for it.
func TestAttemptsThatWaitForEachOtherAreNotBlocked(t *testing.T) {
	t.Parallel()
	url, waiting := pgtest.URL(t), make(chan error, 1)
	s := newService(t, serviceOpts{url: url})
	key := domain.ThrottleKey{Account: bytes.Repeat([]byte{1}, 32)}
	policy := domain.ThrottlePolicy{Free: 5, ForgiveAfter: time.Minute, FirstDelay: time.Minute, MostDelay: time.Minute}
	must(t, s.store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.ReserveAttempt(t.Context(), key, policy); err != nil {
			return err
		}
		goUntilBlocked(t, url, func(ctx context.Context) {
			_, err := s.store.ReserveAttempt(ctx, key, policy)
			waiting <- err
		})
		_, err := tx.ReserveAttempt(t.Context(), key, policy)
		return err
	}))
	must(t, outcome(t, waiting))
}
