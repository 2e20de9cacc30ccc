package rules_test

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// watchedStore counts open transactions.
type watchedStore struct {
	domain.Store

	open *atomic.Int32
}

func (w watchedStore) InTx(ctx context.Context, fn func(domain.Store) error) error {
	return w.Store.InTx(ctx, func(tx domain.Store) error {
		w.open.Add(1)
		defer w.open.Add(-1)
		return fn(tx)
	})
}

// A transaction during a hash or a signature would hold a connection and locks for too long.
func TestNoHashingInTransactions(t *testing.T) {
	t.Parallel()
	var open, hashes, salts, signatures atomic.Int32
	count := func(what *atomic.Int32) {
		what.Add(1)
		if open.Load() > 0 {
			t.Error("a transaction is open")
		}
	}
	s := newService(t, serviceOpts{
		wrap: func(store domain.Store) domain.Store { return watchedStore{store, &open} },
		hashing: auth.PasswordHasherOptions{
			Waited: func(time.Duration) { count(&hashes) },
			Rand: readerFunc(func(p []byte) (int, error) {
				count(&salts)
				return rand.Read(p)
			}),
		},
		now: func() time.Time {
			count(&signatures)
			return time.Now()
		},
		throttles: strict(),
	})
	salts.Store(0) // for the dummy

	ctx, current, password := t.Context(), pgtest.Password, "a new and long password"
	registered, err := s.sessions.RegisterUser(ctx, domain.Registration{Email: "ada@example.com", Password: current},
		domain.Client{})
	must(t, err)
	actor := s.actor(t, s.mustRefresh(t, s.mustRefresh(t, registered)))
	must(t, s.guess(t, "ada@example.com", current, "192.0.2.1"))
	wantError(t, s.guess(t, "ada@example.com", "wrong", "192.0.2.1"), domain.ErrInvalidCredentials)
	wantError(t, s.guess(t, "nobody@example.com", current, "192.0.2.1"), domain.ErrInvalidCredentials)
	old := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: bcryptHash(t)})
	must(t, s.guess(t, old.Email, current, "192.0.2.1"))
	_, err = s.users.UpdateCurrentUser(ctx, actor,
		domain.CurrentUserChange{Password: &password, CurrentPassword: &current})
	must(t, err)
	actor = s.actor(t, registered)
	wantError(t, s.users.DeleteCurrentUser(ctx, actor, current), domain.ErrReauthenticationFailed)
	must(t, s.users.DeleteCurrentUser(ctx, actor, password))
	_, err = s.users.EnsureAdmin(ctx, resetAdmin(old.Email, password))
	must(t, err)

	// One for each registration and change, two for the login with an old hash, and so on.
	if hashes.Load() != 11 || salts.Load() != 4 {
		t.Errorf("%d hashes with %d salts, want 11 with 4", hashes.Load(), salts.Load())
	}
	if signatures.Load() == 0 {
		t.Error("nothing was signed")
	}
}
