package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// Guesses from a network have the same responses whether the account logs in from there or does not
// exist.
func TestNetworkCounterIsNoOracle(t *testing.T) {
	t.Parallel()
	answers := func(email string) (codes []string) {
		s := newService(t, serviceOpts{throttles: strict()})
		must(t, s.guess(t, pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"}).Email, pgtest.Password,
			"192.0.2.1"))
		for i := range 49 {
			s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
		}
		for _, guessed := range []string{email, "y@example.com", email} {
			codes = append(codes, s.guess(t, guessed, "wrong", "192.0.2.1").Error())
		}
		return codes
	}
	account, none := answers("ada@example.com"), answers("nobody@example.com")
	if !slices.Equal(account, none) ||
		!slices.Equal(account[1:], []string{domain.ErrTooManyAttempts.Message, domain.ErrTooManyAttempts.Message}) {
		t.Errorf("with an account %q, without %q", account, none)
	}
}

// One password for many accounts is a guess, too. A login to an own account must not reset it.
func TestGuessesAtManyAccountsAreDelayed(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 10, TotalFailures: 100}})
	own, victim := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	must(t, s.guess(t, victim.Email, pgtest.Password, "192.0.2.1"))
	for i := range 10 {
		s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", "192.0.2.1")
		if i < 9 {
			must(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.1"))
		}
	}
	wantWait(t, s.guess(t, "y@example.com", "wrong", "192.0.2.1"), 15*time.Second)
	wantWait(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	wantWait(t, s.guess(t, victim.Email, pgtest.Password, "192.0.2.1"), 15*time.Second)
	must(t, s.guess(t, own.Email, pgtest.Password, "192.0.2.2"))

	// Attempts that the network refused count for no account.
	for range 10 {
		wantError(t, s.guess(t, "z@example.com", "wrong", "192.0.2.1"), domain.ErrTooManyAttempts)
	}
	s.fail(t, 5, "z@example.com", "192.0.2.3")

	// One failure a minute is allowed.
	s.later(t, 15*time.Second)
	s.later(t, 10*time.Minute)
	for i := range 9 {
		s.fail(t, 1, strings.Repeat("u", i+1)+"@example.com", "192.0.2.1")
	}
}

// One client may have an IPv6 /64, /56 or /48.
func TestGuessesFromManyAddressesAreDelayed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		address string // a format with a number
		free    int
		next    string // in the next network of the size
	}{
		"/64": {"2001:db8::%x", 10, "2001:db8:0:100::1"},
		"/56": {"2001:db8:0:%x::1", 15, "2001:db8:0:100::1"},
		"/48": {"2001:db8:0:%x00::1", 20, "2001:db8:1::1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limits := domain.ThrottleOptions{AccountFailures: 100, NetworkFailures: 10, TotalFailures: 100}
			t.Run("many accounts", func(t *testing.T) {
				t.Parallel()
				s := newService(t, serviceOpts{throttles: limits})
				for i := range test.free {
					s.fail(t, 1, strings.Repeat("x", i+1)+"@example.com", fmt.Sprintf(test.address, i+1))
				}
				wantWait(t, s.guess(t, "y@example.com", "wrong", fmt.Sprintf(test.address, test.free+1)),
					15*time.Second)
				s.fail(t, 1, "y@example.com", test.next)
			})
			t.Run("an account", func(t *testing.T) {
				t.Parallel()
				s := newService(t, serviceOpts{throttles: domain.ThrottleOptions{
					AccountFailures: 10, NetworkFailures: 100, TotalFailures: 100,
				}})
				for i := range test.free {
					s.fail(t, 1, "y@example.com", fmt.Sprintf(test.address, i+1))
				}
				wantWait(t, s.guess(t, "y@example.com", "wrong", fmt.Sprintf(test.address, test.free+1)),
					15*time.Second)
				s.fail(t, 1, "y@example.com", test.next)
			})
		})
	}
}

// A refused network cannot fill the audit log with invented e-mails.
func TestThrottledNetworkIsOneEvent(t *testing.T) {
	t.Parallel()
	s := newService(t,
		serviceOpts{throttles: domain.ThrottleOptions{AccountFailures: 100, NetworkFailures: 2, TotalFailures: 100}})
	const failures, refusals = 4, 20 // the limit of the /48 is twice that of the /64
	network := func(i int) string { return fmt.Sprintf("2001:db8:0:%x00::1", i) }
	for i := range failures {
		s.fail(t, 1, fmt.Sprintf("a%d@example.com", i), network(i))
	}
	for i := range refusals {
		wantError(t, s.guess(t, fmt.Sprintf("b%d@example.com", i), "wrong", network(failures+i)),
			domain.ErrTooManyAttempts)
	}
	recorded := pgtest.Rows[struct{ Rows, Count int }](t, s.url,
		"SELECT count(*) AS rows, sum(count) AS count FROM audit_events WHERE type = $1", string(domain.EventLoginThrottled))[0]
	if recorded.Rows > 2 || recorded.Count != refusals { // the minute may change
		t.Errorf("%d refusals are counted in %d events, want %d in 1", recorded.Count, recorded.Rows, refusals)
	}
}
