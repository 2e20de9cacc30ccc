package rules_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// outcomes is an Observer that keeps outcomes.
type outcomes struct {
	mu   sync.Mutex
	told []string
}

func (o *outcomes) LoginEnded(outcome domain.LoginOutcome) { o.tell("login " + string(outcome)) }

func (o *outcomes) RefreshEnded(outcome domain.RefreshOutcome) { o.tell("refresh " + string(outcome)) }

func (o *outcomes) tell(outcome string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.told = append(o.told, outcome)
}

// take returns the outcomes since the last call.
func (o *outcomes) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	told := fmt.Sprint(o.told)
	o.told = nil
	return told
}

// failing is a store that fails with err, unless it is nil.
type failing struct {
	domain.Store

	err error
}

func (f *failing) GetUserByEmail(ctx context.Context, email string) (domain.User, error) {
	if f.err != nil {
		return domain.User{}, f.err
	}
	return f.Store.GetUserByEmail(ctx, email)
}

func (f *failing) InTx(ctx context.Context, fn func(domain.Store) error) error {
	if f.err != nil {
		return f.err
	}
	return f.Store.InTx(ctx, fn)
}

func TestObserverCountsOutcomes(t *testing.T) {
	t.Parallel()
	seen := &outcomes{}
	options := standard()
	options.Observer = seen
	store := &failing{}
	s := newService(t, serviceOpts{sessions: options, wrap: func(kept domain.Store) domain.Store {
		store.Store = kept
		return store
	}})
	active := pgtest.User(t, s.store, pgtest.UserOpts{})
	inactive := pgtest.User(t, s.store, pgtest.UserOpts{Inactive: true})
	imported := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: "{SSHA}c2VjcmV0"})
	login := func(email, password string) {
		_, _ = s.sessions.LoginUser(t.Context(), email, password, domain.Client{})
	}
	refresh := func(tokens domain.Tokens) domain.Tokens {
		next, _ := s.refresh(t, tokens.Refresh.Reveal())
		return next
	}

	var first, second domain.Tokens
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() { first = s.login(t, active) }, "[login succeeded]"},
		{func() { login("nobody@example.com", pgtest.Password) }, "[login unknown_email]"},
		{func() { login(active.Email, "wrong") }, "[login wrong_password]"},
		{func() { login(inactive.Email, "wrong") }, "[login wrong_password]"},
		{func() { login(inactive.Email, pgtest.Password) }, "[login inactive]"},
		{func() { login(imported.Email, pgtest.Password) }, "[login unreadable_hash]"},
		{func() { login(active.Email, strings.Repeat("x", 2000)) }, "[login failed]"},
		{func() { second = refresh(first) }, "[refresh rotated]"},
		{func() { refresh(first) }, "[refresh repeated]"},
		{func() { refresh(second) }, "[refresh rotated]"},
		{func() { refresh(first) }, "[refresh reused]"},
		{func() { refresh(first) }, "[refresh invalid]"},
		{func() { _, _ = s.refresh(t, "nonsense") }, "[refresh invalid]"},
		{func() { store.err = domain.ErrUnavailable }, "[]"},
		{func() { login(active.Email, pgtest.Password) }, "[login failed]"},
		{func() { refresh(second) }, "[refresh failed]"},
		{func() { store.err = domain.ErrOverloaded }, "[]"},
		{func() { login(active.Email, pgtest.Password) }, "[login overloaded]"},
		{func() { store.err = &domain.Error{Code: domain.ErrTooManyAttempts.Code} }, "[]"},
		{func() { login(active.Email, pgtest.Password) }, "[login throttled]"},
	} {
		step.do()
		if got := seen.take(); got != step.want {
			t.Errorf("got %s, want %s", got, step.want)
		}
	}
}
