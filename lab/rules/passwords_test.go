package rules_test

import (
	"crypto/rand"
	"errors"
	"io"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// stall is a source of randomness that blocks once armed is set. Salts are read while a hashing
// slot is held, so a blocked read holds the slot.
type stall struct {
	armed    atomic.Bool
	reached  chan struct{}
	released chan struct{}
}

func (s *stall) Read(p []byte) (int, error) {
	if s.armed.CompareAndSwap(true, false) {
		close(s.reached)
		<-s.released
	}
	return rand.Read(p)
}

func TestFullHashingQueueIsOverloaded(t *testing.T) {
	t.Parallel()
	source := &stall{reached: make(chan struct{}), released: make(chan struct{})}
	s := newService(t, serviceOpts{hashing: auth.PasswordHasherOptions{
		Gate: auth.HashingGateOptions{Slots: 1, QueueSize: 1, MaxWait: time.Nanosecond}, Rand: source,
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	actor := s.actor(t, s.login(t, user))
	register := func(email string) error {
		_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: pgtest.Password},
			domain.Client{})
		return err
	}

	source.armed.Store(true)
	first := make(chan error, 1)
	go func() { first <- register("first@example.com") }()
	<-source.reached

	_, known := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
	_, unknown := s.sessions.LoginUser(t.Context(), "nobody@example.com", pgtest.Password, domain.Client{})
	password, current := "a new and long password", pgtest.Password
	_, changing := s.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{
		Password: &password, CurrentPassword: &current,
	})
	_, resetting := s.users.EnsureAdmin(t.Context(), resetAdmin(user.Email, password))
	for name, err := range map[string]error{
		"login": known, "login without an account": unknown, "registration": register("second@example.com"), "password change": changing,
		"password reset": resetting, "deletion": s.users.DeleteCurrentUser(t.Context(), actor, current),
	} {
		if !errors.Is(err, domain.ErrOverloaded) || !errors.Is(err, auth.ErrOverloaded) {
			t.Errorf("%s: got %v, want overloaded with a cause", name, err)
		}
	}

	close(source.released)
	must(t, <-first)
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM users WHERE role = 'user'"); n != 2 {
		t.Errorf("there are %d users, want 2", n)
	}
}

func TestHashingErrorsAreInternal(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	s := newService(t, serviceOpts{hashing: auth.PasswordHasherOptions{Rand: readerFunc(func(p []byte) (int, error) {
		if broken.Load() {
			return 0, io.ErrUnexpectedEOF
		}
		return rand.Read(p)
	})}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: bcryptHash(t)})
	broken.Store(true)
	_, err := s.sessions.RegisterUser(t.Context(),
		domain.Registration{Email: "b@example.com", Password: pgtest.Password}, domain.Client{})
	if _, visible := errors.AsType[*domain.Error](err); visible || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %v, want an internal error with its cause", err)
	}
	s.wantLive(t, s.login(t, user)) // only the rehash needs a salt
}
