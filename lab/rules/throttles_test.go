package rules_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/throttle"
)

// Guesses that counted only after their failure would all be verified.
func TestConcurrentGuessesCount(t *testing.T) {
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
		t.Errorf("%d passwords were verified and %d refused, want 5 and 95", looked.Load(), refused.Load())
	}
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
}

func TestConcurrentStartsShareThrottleKey(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	var group sync.WaitGroup
	for range 4 {
		s := newService(t, serviceOpts{throttles: strict(), url: url})
		group.Go(func() { s.fail(t, 1, "ada@example.com", "192.0.2.1") })
	}
	group.Wait()
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM throttles"); n != 3 {
		t.Errorf("%d counters, want 3", n)
	}
}

// An attempt that waited for the row of a counter began before the other one was counted.
func TestConcurrentRightPasswordsAreNotBlocked(t *testing.T) {
	t.Parallel()
	url, waiting := pgtest.URL(t), make(chan error, 1)
	s := newService(t, serviceOpts{url: url})
	key := throttle.Key{Account: bytes.Repeat([]byte{1}, 32)}
	policy := throttle.Policy{Free: 5, ForgiveAfter: time.Minute, FirstDelay: time.Minute, MostDelay: time.Minute}
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

func TestFailedVerificationIsUncounted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ err, want error }{
		"overloaded":          {auth.ErrOverloaded, domain.ErrOverloaded},
		"given up":            {context.Canceled, context.Canceled},
		"out of its time":     {context.DeadlineExceeded, context.DeadlineExceeded},
		"for reasons of ours": {errors.New("broken"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{throttles: strict()})
			s.failVerification(test.err)
			for range 10 {
				if err := s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"); err == nil || test.want != nil &&
					!errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
			}
			const counted = "SELECT count(*) FROM throttles WHERE forgiven_at > now() + interval '1 second' OR blocked_until > now()"
			if n := pgtest.Value[int](t, s.url, counted); n > 0 {
				t.Errorf("%d counters are not zero", n)
			}
			s.failVerification(nil)
			s.fail(t, 5, "nobody@example.com", "192.0.2.1")
		})
	}
}

// A client that hangs up before the verification has learned nothing.
func TestCanceledAttemptIsUncounted(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	for range 10 {
		ctx, hangUp := context.WithCancel(t.Context())
		s.hasher.dummy = func(ctx context.Context, _ string) error {
			hangUp()
			return ctx.Err()
		}
		if _, err := s.sessions.LoginUser(ctx, "nobody@example.com", "wrong", at("192.0.2.1")); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want canceled", err)
		}
	}
	s.failVerification(nil)
	s.fail(t, 5, "nobody@example.com", "192.0.2.1")
	wantWait(t, s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"), 15*time.Second)
}

// A client that hangs up during the verification has guessed.
func TestWrongPasswordCountsAfterHangUp(t *testing.T) {
	t.Parallel()
	hangUp := func() {}
	s := newService(t, serviceOpts{throttles: strict(), hashing: auth.PasswordHasherOptions{
		Waited: func(time.Duration) { hangUp() }, // just before the hash, which is not canceled
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	actor := s.actor(t, s.login(t, user))
	actor.Client = at("192.0.2.1")
	for name, guess := range map[string]func(ctx context.Context, password string) error{
		user.Email: func(ctx context.Context, password string) error {
			_, err := s.sessions.LoginUser(ctx, user.Email, password, at("192.0.2.1"))
			return err
		},
		"nobody@example.com": func(ctx context.Context, password string) error {
			_, err := s.sessions.LoginUser(ctx, "nobody@example.com", password, at("192.0.2.1"))
			return err
		},
		"current password": func(ctx context.Context, password string) error {
			return s.users.DeleteCurrentUser(ctx, actor, password)
		},
	} {
		pgtest.Exec(t, s.url, "TRUNCATE throttles")
		for range 5 {
			ctx, cancel := context.WithCancel(t.Context())
			hangUp = cancel
			if err := guess(ctx, "wrong"); ctx.Err() == nil || err == nil {
				t.Errorf("%s: got %v after %v", name, err, ctx.Err())
			}
			hangUp = func() {}
		}
		wantWait(t, guess(t.Context(), "wrong"), 15*time.Second)
	}
	const recorded = "SELECT count(*) FROM audit_events WHERE type IN ('authn_login_fail', 'authn_reauthentication_fail')"
	if n := pgtest.Value[int](t, s.url, recorded); n != 15 {
		t.Errorf("%d wrong passwords were recorded, want 15", n)
	}
}

func TestUnrecordedWrongPasswordCounts(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	allow := refuse(t, s.url, "INSERT ON audit_events")
	for range 5 {
		wantInternal(t, s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"))
	}
	allow()
	wantWait(t, s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"), 15*time.Second)
}

// If the right password of an inactive account did not count, the counter would reveal it.
func TestInactiveAccountsAreThrottled(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Inactive: true})
	for range 5 {
		wantError(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), domain.ErrInvalidCredentials)
	}
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
}

// Failed logins do not throttle the current password in a session.
func TestGuessesDoNotLockOutSession(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 5, TotalFailures: 5}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	actor := s.actor(t, s.login(t, user))
	actor.Client = at("192.0.2.1")
	s.fail(t, 5, user.Email, "192.0.2.1")
	wantWait(t, s.guess(t, user.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	password, current := "a new and long password", pgtest.Password
	_, err := s.users.UpdateCurrentUser(t.Context(), actor,
		domain.CurrentUserChange{Password: &password, CurrentPassword: &current})
	must(t, err)
}

// With the right current password, no refusal is a guess.
func TestOtherwiseRefusedChangeIsUncounted(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	actor := s.actor(t, s.login(t, user))
	common, current := "password1234567", pgtest.Password
	for range 10 {
		_, err := s.users.UpdateCurrentUser(t.Context(), actor,
			domain.CurrentUserChange{Password: &common, CurrentPassword: &current})
		wantField(t, err, "/password", "password_blocklisted")
	}
}

// Without the key, the table reveals no e-mail and no address. All servers of a database share the
// key.
func TestCounterKeysAreDigests(t *testing.T) {
	t.Parallel()
	counted := func(s *service) [][]byte {
		t.Helper()
		s.fail(t, 1, "ada@example.com", "192.0.2.1")
		found := pgtest.Value[[][]byte](t, s.url,
			"SELECT array_agg(account_key || network_key ORDER BY account_key, network_key) FROM throttles")
		pgtest.Exec(t, s.url, "DELETE FROM throttles")
		return found
	}
	first := newService(t, serviceOpts{throttles: strict()})
	other := newService(t, serviceOpts{throttles: strict()})
	again := newService(t, serviceOpts{throttles: strict(), url: first.url})
	once, twice, elsewhere := counted(first), counted(again), counted(other)
	if len(once) != 3 || !slices.EqualFunc(once, twice, bytes.Equal) {
		t.Errorf("servers of one database have different counters: %x and %x", once, twice)
	}
	for _, key := range elsewhere {
		if slices.ContainsFunc(once, func(candidate []byte) bool { return bytes.Equal(candidate, key) }) {
			t.Errorf("%x does not depend on the key", key)
		}
	}
}

func TestRefundRemovesOwnDelayOnly(t *testing.T) {
	t.Parallel()
	store, ctx := pgtest.New(t), t.Context()
	key := throttle.Key{Account: make([]byte, 32)}
	policy := throttle.Policy{Free: 2, ForgiveAfter: time.Hour, FirstDelay: time.Minute, MostDelay: time.Hour}
	reserve := func() throttle.Reservation {
		t.Helper()
		reservation, err := store.ReserveAttempt(ctx, key, policy)
		must(t, err)
		return reservation
	}
	first, second := reserve(), reserve()
	must(t, store.RefundAttempt(ctx, first))
	_, err := store.ReserveAttempt(ctx, key, policy)
	wantWait(t, err, time.Minute)
	must(t, store.RefundAttempt(ctx, second))
	reserve()
}
