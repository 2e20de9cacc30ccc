//go:build timing

package timing_test

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
	"example.com/plinth/kit/idgen"
)

// samples is how many failed logins of each kind are timed.
const samples = 300

// TestLoginTiming tests whether the time of a failed login reveals what was wrong with it, and so
// which accounts exist. For each pair of kinds it prints the AUC of the best guess by time: the
// probability that a login of one kind takes longer than one of the other. 0.5 means no
// information, 0 and 1 mean certainty. The service must stay within 0.40 and 0.60. Each of the
// usual shortcuts must be outside, or the measurement is not sensitive enough.
//
// It takes minutes on an idle machine; make timing runs it.
//
//nolint:paralleltest // by the clock
func TestLoginTiming(t *testing.T) {
	params := auth.DefaultPasswordParams()
	old := params
	old.MemoryKiB /= 2
	for _, test := range []struct {
		name  string
		dummy func(ctx context.Context, password string) error // nil for that of the service
	}{
		{"the service", nil},
		{"without a dummy hash", func(context.Context, string) error { return nil }},
		{"with a random sleep", sleepAtRandom},
		{"with a dummy hash of old parameters", newHasher(t, old).VerifyDummy},
	} {
		t.Run(test.name, func(t *testing.T) {
			var hasher domain.PasswordHasher = newHasher(t, params)
			if test.dummy != nil {
				hasher = dummyHasher{hasher, test.dummy}
			}
			store := pgtest.New(t)
			unknown, wrong, inactive := timeLogins(t, store, newSessions(t, store, hasher), params)
			byUnknown, byInactive := auc(unknown, wrong), auc(inactive, wrong)
			t.Logf("AUC of unknown e-mails %.3f, of inactive accounts %.3f, against wrong passwords; medians %s, %s, %s",
				byUnknown, byInactive, middle(unknown), middle(inactive), middle(wrong))
			if even(byUnknown) != (test.dummy == nil) || !even(byInactive) {
				t.Error("want 0.40 to 0.60 for the service and for inactive accounts only")
			}
		})
	}
}

func newHasher(t *testing.T, params auth.PasswordParams) *auth.PasswordHasher {
	t.Helper()
	hasher, err := auth.NewPasswordHasher(params, auth.PasswordHasherOptions{})
	must(t, err)
	return hasher
}

// newSessions returns the session service of the app, with throttles that are never reached.
func newSessions(t *testing.T, store domain.Store, hasher domain.PasswordHasher) *domain.SessionService {
	t.Helper()
	keys, err := auth.NewSymmetricKeySet([]byte("0123456789abcdef0123456789abcdef"))
	must(t, err)
	accessTokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys: keys, Issuer: "test", Audience: "test", Lifetime: 15 * time.Minute, Now: time.Now,
	})
	must(t, err)
	ids := idgen.New(time.Now, rand.Reader)
	audit := domain.NewAuditService(store, ids, time.Now, 0)
	throttles := domain.NewThrottleService(store, audit, rand.Reader, domain.ThrottleOptions{
		AccountFailures: 1_000_000, NetworkFailures: 1_000_000, TotalFailures: 1_000_000,
	})
	passwords := domain.NewPasswords(hasher, domain.PasswordOptions{AppName: "Plinth", MinLength: 15})
	return domain.NewSessionService(store, passwords, throttles, accessTokens, audit, ids, rand.Reader, domain.SessionOptions{
		Lifetime: 30 * 24 * time.Hour, RefreshTokenLifetime: 7 * 24 * time.Hour, RefreshGrace: 10 * time.Second, MaxPerUser: 20,
	})
}

// dummyHasher replaces what a login to an unknown account does.
type dummyHasher struct {
	domain.PasswordHasher

	dummy func(ctx context.Context, password string) error
}

// VerifyDummy implements domain.PasswordHasher.
func (h dummyHasher) VerifyDummy(ctx context.Context, password string) error {
	return h.dummy(ctx, password)
}

func even(auc float64) bool { return 0.40 <= auc && auc <= 0.60 }

// sleepAtRandom takes as long as a hash on average: a common false remedy.
func sleepAtRandom(context.Context, string) error {
	n, err := rand.Int(rand.Reader, big.NewInt(int64(40*time.Millisecond)))
	if err == nil {
		time.Sleep(time.Duration(n.Int64()))
	}
	return err
}

// timeLogins alternates between the kinds, so that other load affects all alike. Each login is to
// another account: no account is throttled, and no cache favors one kind.
func timeLogins(t *testing.T, store domain.Store, sessions *domain.SessionService, params auth.PasswordParams) (unknown, wrong, inactive []time.Duration) {
	t.Helper()
	hash, err := newHasher(t, params).Hash(t.Context(), pgtest.Password)
	must(t, err)
	for range samples {
		active := pgtest.User(t, store, pgtest.UserOpts{PasswordHash: hash})
		disabled := pgtest.User(t, store, pgtest.UserOpts{PasswordHash: hash, Inactive: true})
		unknown = append(unknown, timeLogin(t, sessions, strings.ToLower(rand.Text())+"@example.com", pgtest.Password))
		wrong = append(wrong, timeLogin(t, sessions, active.Email, "another password"))
		inactive = append(inactive, timeLogin(t, sessions, disabled.Email, pgtest.Password))
	}
	return unknown, wrong, inactive
}

func timeLogin(t *testing.T, sessions *domain.SessionService, email, password string) time.Duration {
	t.Helper()
	started := time.Now()
	_, err := sessions.LoginUser(t.Context(), email, password, domain.Client{})
	took := time.Since(started)
	if !errors.Is(err, domain.ErrInvalidCredentials) {
		t.Fatalf("a failed login: %v", err)
	}
	return took
}

// auc returns the probability that one of a takes longer than one of b (Mann and Whitney's U,
// normalized).
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

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
