package rules_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

// The account changes during the verification.
func TestLoginRechecksAccount(t *testing.T) {
	t.Parallel()
	for name, sql := range map[string]string{
		"deactivated": "UPDATE users SET is_active = false",
		"deleted":     "DELETE FROM users",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.URL(t)
			s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
				return &hookedStore{Store: store, beforeTx: func() { pgtest.Exec(t, url, sql) }}
			}})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			_, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
			wantError(t, err, domain.ErrInvalidCredentials)
			if n := pgtest.Value[int](t, url, "SELECT count(*) FROM sessions"); n != 0 {
				t.Errorf("%d sessions were opened", n)
			}
		})
	}
}

func TestLoginDuringPasswordChange(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		password string // of the new hash
		works    bool
	}{
		"by another one": {"a new and long password", false},
		// Another login has rehashed the password.
		"by another hash of it": {pgtest.Password, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, hash := pgtest.URL(t), pgtest.HashPassword(t, test.password)
			var once sync.Once
			s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
				return &hookedStore{Store: store, beforeTx: func() {
					once.Do(func() { pgtest.Exec(t, url, "UPDATE users SET password_hash = $1", hash) })
				}}
			}})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			tokens, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
			if !test.works {
				wantError(t, err, domain.ErrInvalidCredentials)
				return
			}
			must(t, err)
			s.wantLive(t, tokens)
		})
	}
}

func TestLoginGivesUpOnChangingHash(t *testing.T) {
	t.Parallel()
	url, changes := pgtest.URL(t), 0
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, beforeTx: func() {
			changes++
			pgtest.Exec(t, url, "UPDATE users SET password_hash = $1", pgtest.HashPassword(t, pgtest.Password))
		}}
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	_, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
	wantError(t, err, domain.ErrInvalidCredentials)
	if changes != 2 {
		t.Errorf("%d attempts, want 2", changes)
	}
}

// The change comes after the login has locked the account, and before its commit.
func TestPasswordChangeEndsConcurrentLogin(t *testing.T) {
	t.Parallel()
	url, hash := pgtest.URL(t), pgtest.HashPassword(t, "a new and long password")
	var userID string
	changed := make(chan error, 1)
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, afterLockUser: func(outside domain.Store) {
			goUntilBlocked(t, url, func(ctx context.Context) { changed <- changePassword(ctx, outside, userID, hash) })
		}}
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	userID = user.ID
	tokens := s.login(t, user)
	must(t, outcome(t, changed))
	s.wantEnded(t, tokens)
}

func TestConcurrentLoginsKeepSessionLimit(t *testing.T) {
	t.Parallel()
	options := standard()
	options.MaxPerUser = 1
	url := pgtest.URL(t)
	other := newService(t, serviceOpts{url: url, sessions: options})
	user := pgtest.User(t, other.store, pgtest.UserOpts{})
	failed := make(chan error, 1)
	s := newService(t, serviceOpts{url: url, sessions: options, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, afterLockUser: func(domain.Store) {
			goUntilBlocked(t, url, func(ctx context.Context) {
				_, err := other.sessions.LoginUser(ctx, user.Email, pgtest.Password, domain.Client{})
				failed <- err
			})
		}}
	}})
	s.login(t, user)
	must(t, outcome(t, failed))
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM sessions WHERE revoked_at IS NULL"); n != 1 {
		t.Errorf("%d sessions are live, want 1", n)
	}
	pgtest.CheckSessions(t, url)
}

// Of two concurrent logins, the last one has the newest session, even if it began first.
func TestDelayedLoginHasNewestSession(t *testing.T) {
	t.Parallel()
	options := standard()
	options.MaxPerUser = 1
	url := pgtest.URL(t)
	other := newService(t, serviceOpts{url: url, sessions: options})
	user := pgtest.User(t, other.store, pgtest.UserOpts{})
	var first domain.Tokens
	s := newService(t, serviceOpts{url: url, sessions: options, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, beforeLockUser: func() { first = other.login(t, user) }}
	}})
	second := s.login(t, user)
	s.wantEnded(t, first)
	s.wantLive(t, second)
	pgtest.CheckSessions(t, url)
}

func TestRehashKeepsNewPassword(t *testing.T) {
	t.Parallel()
	url, changed := pgtest.URL(t), pgtest.HashPassword(t, "a new and long password")
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, beforeRehash: func() {
			pgtest.Exec(t, url, "UPDATE users SET password_hash = $1", changed)
		}}
	}})
	user := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: bcryptHash(t)})
	s.login(t, user)
	if s.passwordHash(t, user) != changed {
		t.Error("the new password is gone")
	}
}

func TestLoginSucceedsIfRehashFails(t *testing.T) {
	t.Parallel()
	url, failed := pgtest.URL(t), false
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, beforeRehash: func() {
			failed = true
			pgtest.Exec(t, url, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
				CREATE TRIGGER refuse BEFORE UPDATE ON users EXECUTE FUNCTION refuse()`)
		}}
	}})
	hash := bcryptHash(t)
	user := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: hash})
	tokens := s.login(t, user)
	if !failed || s.passwordHash(t, user) != hash {
		t.Fatal("the rehash did not fail")
	}
	s.wantLive(t, tokens)
}

// changePassword changes a password without the rules.
func changePassword(ctx context.Context, store domain.Store, userID, hash string) error {
	return store.InTx(ctx, func(tx domain.Store) error {
		if _, err := tx.UpdateUser(ctx, userID, domain.UserUpdate{PasswordHash: &hash}); err != nil {
			return err
		}
		_, err := tx.RevokeOtherSessions(ctx, userID, "", domain.RevokedByPasswordChange)
		return err
	})
}

func TestRevocationWaitsForLogin(t *testing.T) {
	t.Parallel()
	url := pgtest.URL(t)
	others := newService(t, serviceOpts{url: url})
	admin := others.actor(t, others.login(t, pgtest.User(t, others.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	user := pgtest.User(t, others.store, pgtest.UserOpts{})
	revoked := make(chan error, 1)
	s := newService(t, serviceOpts{url: url, wrap: func(store domain.Store) domain.Store {
		return &hookedStore{Store: store, afterLockUser: func(domain.Store) {
			goUntilBlocked(t, url, func(ctx context.Context) {
				revoked <- others.sessions.RevokeUserSessions(ctx, admin, user.ID)
			})
		}}
	}})
	tokens := s.login(t, user)
	must(t, outcome(t, revoked))
	s.wantEnded(t, tokens)
}

func TestRehashOnLogin(t *testing.T) {
	t.Parallel()
	weaker, err := auth.NewPasswordHasher(auth.PasswordParams{MemoryKiB: 8, Iterations: 1, Parallelism: 1},
		auth.PasswordHasherOptions{})
	must(t, err)
	weakHash, err := weaker.Hash(t.Context(), pgtest.Password)
	must(t, err)
	for name, test := range map[string]struct {
		hash     string
		replaced bool
	}{
		"bcrypt":            {bcryptHash(t), true},
		"PBKDF2":            {"pbkdf2_sha256$10000$SaltOfDjango22chars0ok$XoThOHSBkxD/OH+nYmzrrBnC+wigV3nRPXfcMAgATWk=", true},
		"weaker parameters": {weakHash, true},
		"today's":           {pgtest.HashPassword(t, pgtest.Password), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			user := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: test.hash})
			_, err := s.sessions.LoginUser(t.Context(), user.Email, "wrong password", domain.Client{})
			wantError(t, err, domain.ErrInvalidCredentials)
			if s.passwordHash(t, user) != test.hash {
				t.Fatal("a wrong password replaced the hash")
			}
			tokens := s.login(t, user)
			now := s.passwordHash(t, user)
			if replaced := now != test.hash; replaced != test.replaced {
				t.Errorf("replaced: %t, want %t", replaced, test.replaced)
			}
			if !strings.HasPrefix(now, "$argon2id$v=19$m=64,t=1,p=1$") {
				t.Errorf("the hash is %s", now)
			}
			s.wantLive(t, tokens)
			s.login(t, user)
			if s.passwordHash(t, user) != now {
				t.Error("the next login replaced the hash again")
			}
		})
	}
}

func TestLogoutWithAnyToken(t *testing.T) {
	t.Parallel()
	for name, pick := range map[string]int{"the first, used long ago": 0, "one whose grace is not over": 1, "the newest": 2} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			other, first := s.login(t, user), s.login(t, user)
			second := s.mustRefresh(t, first)
			chain := []domain.Tokens{first, second, s.mustRefresh(t, second)}
			session := s.actor(t, first).SessionID

			for range 2 { // again, without an effect
				must(t, s.sessions.LogoutUser(t.Context(), chain[pick].Refresh.Reveal(), domain.Client{}))
				for _, tokens := range chain {
					s.wantEnded(t, tokens)
				}
			}
			if reason := s.endReason(t, session); reason != domain.RevokedByLogout {
				t.Errorf("the session ended because of %q", reason)
			}
			s.wantLive(t, other)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

func TestLogoutKeepsRevocationReason(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{sessions: withoutGrace()})
	r0 := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	session := s.actor(t, r0).SessionID
	s.mustRefresh(t, r0)
	_, err := s.refresh(t, r0.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
	must(t, s.sessions.LogoutUser(t.Context(), r0.Refresh.Reveal(), domain.Client{}))
	if reason := s.endReason(t, session); reason != domain.RevokedByTokenReuse {
		t.Errorf("the session ended because of %q", reason)
	}
}
