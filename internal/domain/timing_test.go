//go:build timing

package domain_test

import (
	"context"
	"crypto/rand"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// samples is how many failed logins of each kind are timed.
const samples = 300

// TestLoginTiming asks whether the time of a failed login tells what was wrong with it: whether somebody who only has a
// clock can tell accounts that exist. For each pair of kinds it prints the AUC of the best guess by time, the chance that
// a login of the one kind takes longer than one of the other: 0.5 says nothing, 0 and 1 say all. The real thing has to
// stay within 0.40 and 0.60, and each of the usual shortcuts outside of it, or the measurement could not tell.
//
// It takes minutes and a machine that does little else, so it is no part of the suite: make timing runs it.
//
//nolint:paralleltest // by the clock
func TestLoginTiming(t *testing.T) {
	params := auth.DefaultPasswordParams()
	old := params
	old.MemoryKiB /= 2
	outdated, err := auth.NewPasswordHasher(old, auth.PasswordHasherOptions{})
	must(t, err)
	for _, test := range []struct {
		name  string
		dummy func(ctx context.Context, password string) error // nil for the real thing
	}{
		{"as it is", nil},
		{"without a dummy hash", func(context.Context, string) error { return nil }},
		{"with a random sleep", sleepAtRandom},
		{"with a dummy hash of old parameters", outdated.VerifyDummy},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newService(t, serviceOpts{params: params})
			if test.dummy != nil {
				s.sessions.ReplaceDummy(test.dummy)
			}
			unknown, wrong, inactive := timeLogins(t, s, params)
			byUnknown, byInactive := auc(unknown, wrong), auc(inactive, wrong)
			t.Logf("AUC of unknown e-mails %.3f, of inactive accounts %.3f, against wrong passwords; medians %s, %s, %s",
				byUnknown, byInactive, middle(unknown), middle(inactive), middle(wrong))
			if even(byUnknown) != (test.dummy == nil) || !even(byInactive) {
				t.Error("that is not what it should be")
			}
		})
	}
}

func even(auc float64) bool { return 0.40 <= auc && auc <= 0.60 }

// sleepAtRandom takes as long as a hash on average, which is what some take for a remedy.
func sleepAtRandom(context.Context, string) error {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(40*time.Millisecond)))
	if err == nil {
		time.Sleep(time.Duration(n.Int64()))
	}
	return err
}

// timeLogins takes turns, so that whatever else the machine does meets all kinds alike. Every login is of another account:
// nothing is throttled, and nothing is in a cache for one kind only.
func timeLogins(t *testing.T, s *service, params auth.PasswordParams) (unknown, wrong, inactive []time.Duration) {
	t.Helper()
	hasher, err := auth.NewPasswordHasher(params, auth.PasswordHasherOptions{})
	must(t, err)
	hash, err := hasher.Hash(t.Context(), pgtest.Password)
	must(t, err)
	for range samples {
		active := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: hash})
		disabled := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: hash, Inactive: true})
		unknown = append(unknown, timeLogin(t, s, strings.ToLower(rand.Text())+"@example.com", pgtest.Password))
		wrong = append(wrong, timeLogin(t, s, active.Email, "another password"))
		inactive = append(inactive, timeLogin(t, s, disabled.Email, pgtest.Password))
	}
	return unknown, wrong, inactive
}

func timeLogin(t *testing.T, s *service, email, password string) time.Duration {
	t.Helper()
	started := time.Now()
	_, err := s.sessions.LoginUser(t.Context(), email, password, domain.Client{})
	took := time.Since(started)
	if !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Fatalf("a failed login: %v", err)
	}
	return took
}

// auc returns the chance that one of a takes longer than one of b (Mann and Whitney's U, as a share).
func auc(a, b []time.Duration) float64 {
	var longer float64
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				longer++
			case x == y:
				longer += 0.5
			}
		}
	}
	return longer / float64(len(a)*len(b))
}

func middle(values []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2].Round(10 * time.Microsecond)
}
