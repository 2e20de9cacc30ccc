package domain_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// These tests are of which attempts count, and which are given back.

// hashes are all like this one.
func (s *service) hashes(err error) {
	s.sessions.ReplaceDummy(func(context.Context, string) error { return err })
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
			s.hashes(test.err)
			for range 10 {
				if err := s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"); err == nil || test.want != nil && !errors.Is(err, test.want) {
					t.Fatalf("got %v, want %v", err, test.want)
				}
			}
			const counted = "SELECT count(*) FROM throttles WHERE forgiven_at > now() + interval '1 second' OR blocked_until > now()"
			if n := pgtest.Value[int](t, s.url, counted); n > 0 {
				t.Errorf("%d counters have counted", n)
			}
			s.hashes(nil)
			s.fail(t, 5, "nobody@example.com", "192.0.2.1")
		})
	}
}

// Whoever hangs up while waiting has not learned anything, and what the request did ends with it,
// but for this.
func TestCanceledAttemptIsUncounted(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{throttles: strict()})
	for range 10 {
		ctx, hangUp := context.WithCancel(t.Context())
		s.sessions.ReplaceDummy(func(ctx context.Context, _ string) error {
			hangUp()
			return ctx.Err()
		})
		if _, err := s.sessions.LoginUser(ctx, "nobody@example.com", "wrong", at("192.0.2.1")); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want canceled", err)
		}
	}
	s.hashes(nil)
	s.fail(t, 5, "nobody@example.com", "192.0.2.1")
	wantWait(t, s.guess(t, "nobody@example.com", "wrong", "192.0.2.1"), 15*time.Second)
}

// … but if the password has been looked at by then, and was wrong, it was a guess, and the audit
// log tells of it.
func TestWrongPasswordCountsAfterHangUp(t *testing.T) {
	t.Parallel()
	hangUp := func() {}
	s := newService(t, serviceOpts{throttles: strict(), hashing: auth.PasswordHasherOptions{
		Waited: func(time.Duration) { hangUp() }, // just before the hash, which goes on to its end
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

// … nor does it matter whether it can be recorded.
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

// A refund takes back the delay that its attempt has brought about, and no other.
func TestRefundRemovesOwnDelayOnly(t *testing.T) {
	t.Parallel()
	store, ctx := pgtest.New(t), t.Context()
	key := domain.ThrottleKey{Account: make([]byte, 32)}
	policy := domain.ThrottlePolicy{Free: 2, ForgiveAfter: time.Hour, FirstDelay: time.Minute, MostDelay: time.Hour}
	reserve := func() domain.Reservation {
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
