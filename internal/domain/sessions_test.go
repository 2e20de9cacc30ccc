package domain_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
)

func TestRegisterUser(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	name := "Ada Lovelace"
	client := domain.Client{UserAgent: "curl/8", IP: netip.MustParseAddr("2001:db8::1")}
	tokens, err := s.sessions.RegisterUser(t.Context(),
		domain.Registration{Email: "Ada@Example.com", Password: pgtest.Password, Name: &name}, client)
	must(t, err)

	user := s.actor(t, tokens).User
	if user.Email != "Ada@Example.com" || user.Name == nil || *user.Name != name || user.Role != domain.RoleUser || !user.IsActive {
		t.Errorf("registered %+v", user)
	}
	if strings.Contains(user.PasswordHash, pgtest.Password) || !strings.HasPrefix(user.PasswordHash, "$argon2id$") {
		t.Errorf("the password is stored as %q", user.PasswordHash)
	}
	if tokens.ExpiresIn != accessTokenLifetime {
		t.Errorf("the access token is said to live %s", tokens.ExpiresIn)
	}
	type stored struct {
		UserID, UserAgent, IP string
		Days                  float64
	}
	got := pgtest.Rows[stored](t, s.url, `SELECT user_id, user_agent, host(ip),
		(extract(epoch FROM expires_at - created_at) / 86400)::float8 FROM sessions`)
	if want := (stored{user.ID, "curl/8", "2001:db8::1", 30}); len(got) != 1 || got[0] != want {
		t.Errorf("the sessions are %+v, want %+v", got, want)
	}
	s.wantLive(t, tokens)
	pgtest.CheckSessions(t, s.url)
}

func TestRefusedRegistrationsLeaveNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "Ada@example.com"})
	register := func(email, password string) error {
		_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: password}, domain.Client{})
		return err
	}

	wantError(t, register("aDA@EXAMPLE.COM", pgtest.Password), domain.ErrEmailTaken)
	wantField(t, register("not an address", pgtest.Password), "/email", "invalid_format")
	wantField(t, register("b@example.com", "2 short"), "/password", "too_short")
	wantField(t, register("b@example.com", strings.Repeat("long", 33)), "/password", "too_long")
	wantField(t, register("b@example.com", "password1234567"), "/password", "password_blocklisted")
	wantField(t, register("charlotte@example.com", "charlotte-8402-"), "/password", "password_blocklisted")
	wantField(t, register("b@example.com", "plinth-20262027"), "/password", "password_blocklisted")

	if n := pgtest.Value[int](t, s.url, "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)"); n != 1 {
		t.Errorf("%d rows, want the one user that was there", n)
	}
}

func TestFailedLoginsAreIndistinguishable(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "kate@example.com"})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "inactive@example.com", Inactive: true})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "import@example.com", PasswordHash: "md5:5f4dcc3b5aa765d61d8327deb882cf99"})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "nohash@example.com", PasswordHash: " "})
	for name, test := range map[string]struct{ email, password string }{
		"unknown e-mail":     {"nobody@example.com", pgtest.Password},
		"no e-mail at all":   {"", pgtest.Password},
		"Kelvin sign":        {"\u212Aate@example.com", pgtest.Password},
		"wrong password":     {"kate@example.com", pgtest.Password + "r"},
		"no password":        {"kate@example.com", ""},
		"case of a password": {"kate@example.com", strings.ToUpper(pgtest.Password)},
		"longest password":   {"kate@example.com", strings.Repeat("x", 1024)},
		"inactive account":   {"inactive@example.com", pgtest.Password},
		"unreadable hash":    {"import@example.com", "password"},
		"empty hash":         {"nohash@example.com", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tokens, err := s.sessions.LoginUser(t.Context(), test.email, test.password, domain.Client{})
			wantError(t, err, domain.ErrInvalidCredentials)
			if tokens.Access != "" {
				t.Error("there are tokens beside the error")
			}
			if err == nil || err.Error() != domain.ErrInvalidCredentials.Message {
				t.Errorf("got %q, want the words of every other failure", err)
			}
		})
	}
}

func TestLoginPasswordLength(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	_, err := s.sessions.LoginUser(t.Context(), user.Email, strings.Repeat("x", 1025), domain.Client{})
	wantField(t, err, "/password", "too_long")
}

func TestLoginIgnoresCaseOfEmail(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "Ada.Lovelace@Example.com"})
	tokens, err := s.sessions.LoginUser(t.Context(), "aDA.lOVELACE@eXAMPLE.COM", pgtest.Password, domain.Client{})
	must(t, err)
	if got := s.actor(t, tokens).User; got.ID != user.ID || got.Email != "Ada.Lovelace@Example.com" {
		t.Errorf("logged in as %+v", got)
	}
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	ada, eve := pgtest.User(t, s.store, pgtest.UserOpts{}), pgtest.User(t, s.store, pgtest.UserOpts{})
	adas, eves := s.login(t, ada), s.login(t, eve)
	if got := s.actor(t, adas).User.ID; got != ada.ID {
		t.Errorf("ada's token speaks for %s", got)
	}

	mixed, _, err := newAccessTokens(t, time.Now).Issue(ada.ID, s.actor(t, eves).SessionID)
	must(t, err)
	for name, token := range map[string]string{
		"nothing":                          "",
		"a refresh token":                  adas.Refresh.Reveal(),
		"a token with another's session":   mixed,
		"a token with something behind it": adas.Access + "x",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := s.sessions.Authenticate(t.Context(), token)
			wantError(t, err, domain.ErrInvalidToken)
		})
	}
}

func TestAccessTokenExpires(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	later := newService(t, serviceOpts{url: s.url, now: func() time.Time { return time.Now().Add(accessTokenLifetime + time.Minute) }})
	_, err := later.sessions.Authenticate(t.Context(), tokens.Access)
	wantError(t, err, domain.ErrInvalidToken)
	s.wantLive(t, tokens)
}

func TestRoleIsReadFromStore(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})
	tokens := s.login(t, admin)
	if !s.actor(t, tokens).HasRole(domain.RoleAdmin) {
		t.Fatal("an admin is none")
	}
	pgtest.Exec(t, s.url, "UPDATE users SET role = 'user'")
	actor := s.actor(t, tokens)
	if actor.HasRole(domain.RoleAdmin) {
		t.Error("a demoted admin is still one")
	}
	_, err := s.users.GetUser(t.Context(), actor, admin.ID)
	wantError(t, err, domain.ErrForbidden)
}

func TestExcessSessionsEndOldest(t *testing.T) {
	t.Parallel()
	options := standard()
	options.MaxPerUser = 2
	s := newService(t, serviceOpts{sessions: options})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	other := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	first, second := s.login(t, user), s.login(t, user)
	session := s.actor(t, first).SessionID
	first = s.wantLive(t, first) // use does not make it younger
	third := s.login(t, user)

	s.wantEnded(t, first)
	if reason := s.endReason(t, session); reason != domain.RevokedByNewerSessions {
		t.Errorf("the oldest session ended because of %q", reason)
	}
	for _, tokens := range []domain.Tokens{second, third, other} {
		s.wantLive(t, tokens)
	}
	pgtest.CheckSessions(t, s.url)
}

func TestRehashOnLogin(t *testing.T) {
	t.Parallel()
	weaker, err := auth.NewPasswordHasher(auth.PasswordParams{MemoryKiB: 8, Iterations: 1, Parallelism: 1}, auth.PasswordHasherOptions{})
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

func (s *service) passwordHash(t *testing.T, user domain.User) string {
	t.Helper()
	stored, err := s.store.GetUser(t.Context(), user.ID)
	must(t, err)
	return stored.PasswordHash
}
