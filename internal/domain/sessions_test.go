package domain_test

import (
	"bytes"
	"context"
	"net/netip"
	"slices"
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
	if user.Email != "Ada@Example.com" || user.Name == nil || *user.Name != name || user.Role != domain.RoleUser ||
		!user.IsActive {
		t.Errorf("registered %+v", user)
	}
	if strings.Contains(user.PasswordHash, pgtest.Password) || !strings.HasPrefix(user.PasswordHash, "$argon2id$") {
		t.Errorf("the password is stored as %q", user.PasswordHash)
	}
	if tokens.ExpiresIn != accessTokenLifetime {
		t.Errorf("the access token expires in %s", tokens.ExpiresIn)
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
		_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: password},
			domain.Client{})
		return err
	}

	wantError(t, register("aDA@EXAMPLE.COM", pgtest.Password), domain.ErrEmailTaken)
	wantField(t, register("not an address", pgtest.Password), "/email", "invalid_format")
	wantField(t, register("b@example.com", "2 short"), "/password", "too_short")
	wantField(t, register("b@example.com", strings.Repeat("long", 33)), "/password", "too_long")
	wantField(t, register("b@example.com", "password1234567"), "/password", "password_blocklisted")
	wantField(t, register("charlotte@example.com", "charlotte-8402-"), "/password", "password_blocklisted")
	wantField(t, register("b@example.com", "plinth-2026-2027-2028"), "/password", "password_blocklisted")

	if n := pgtest.Value[int](t, s.url,
		"SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM sessions)"); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

func TestFailedLoginsAreIndistinguishable(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "kate@example.com"})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "inactive@example.com", Inactive: true})
	pgtest.User(t, s.store,
		pgtest.UserOpts{Email: "import@example.com", PasswordHash: "md5:5f4dcc3b5aa765d61d8327deb882cf99"})
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
				t.Error("there are tokens with the error")
			}
			if err == nil || err.Error() != domain.ErrInvalidCredentials.Message {
				t.Errorf("got %q, want the message of all other failures", err)
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
	later := newService(t,
		serviceOpts{url: s.url, now: func() time.Time { return time.Now().Add(accessTokenLifetime + time.Minute) }})
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
		t.Fatal("the actor is not an admin")
	}
	pgtest.Exec(t, s.url, "UPDATE users SET role = 'user'")
	actor := s.actor(t, tokens)
	if actor.HasRole(domain.RoleAdmin) {
		t.Error("the demoted actor is an admin")
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
	first = s.wantLive(t, first) // a refresh does not make it newer
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

func TestLogoutWithInvalidToken(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	unknown, err := auth.NewRefreshToken(bytes.NewReader(make([]byte, 32)))
	must(t, err)
	for _, text := range []string{"", "rt_", "not a token", unknown.Reveal(), tokens.Access, tokens.Refresh.Reveal() + "A"} {
		must(t, s.sessions.LogoutUser(t.Context(), text, domain.Client{}))
	}
	s.wantLive(t, tokens)
}

// Each way to end all sessions of an account ends them at once, with their access tokens, and no
// session of another account.
func TestEndingAllSessions(t *testing.T) {
	t.Parallel()
	inactive, admin := false, domain.RoleAdmin
	for name, test := range map[string]struct {
		end    func(ctx context.Context, s *service, admin, user domain.Actor) error
		reason domain.RevocationReason
	}{
		"log out everywhere": {func(ctx context.Context, s *service, _, user domain.Actor) error {
			return s.sessions.LogoutAllSessions(ctx, user)
		}, domain.RevokedByLogout},
		"by an admin": {func(ctx context.Context, s *service, admin, user domain.Actor) error {
			return s.sessions.RevokeUserSessions(ctx, admin, user.User.ID)
		}, domain.RevokedByAdmin},
		"deactivation": {func(ctx context.Context, s *service, admin, user domain.Actor) error {
			_, err := s.users.UpdateUser(ctx, admin, user.User.ID, domain.UserChange{IsActive: &inactive})
			return err
		}, domain.RevokedByDeactivation},
		"another role": {func(ctx context.Context, s *service, boss, user domain.Actor) error {
			_, err := s.users.UpdateUser(ctx, boss, user.User.ID, domain.UserChange{Role: &admin})
			return err
		}, domain.RevokedByRoleChange},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			boss := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin}))
			bystander := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
			user := pgtest.User(t, s.store, pgtest.UserOpts{})
			mine, other := s.login(t, user), s.login(t, user)
			actor := s.actor(t, mine)
			must(t, test.end(t.Context(), s, s.actor(t, boss), actor))

			s.wantEnded(t, mine)
			s.wantEnded(t, other)
			if reason := s.endReason(t, actor.SessionID); reason != test.reason {
				t.Errorf("the session ended because of %q", reason)
			}
			s.wantLive(t, boss)
			s.wantLive(t, bystander)
			pgtest.CheckSessions(t, s.url)
		})
	}
}

func TestRevokeUserSessionsIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	tokens := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	user := s.actor(t, tokens)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), user, user.User.ID), domain.ErrForbidden)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), user, "01ARZ3NDEKTSV4RRFFQ69G5FAV"), domain.ErrForbidden)
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), admin, "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
		domain.ErrUserNotFound)
	s.wantLive(t, tokens)

	must(t, s.sessions.RevokeUserSessions(t.Context(), admin, admin.User.ID)) // the own account
	wantError(t, s.sessions.RevokeUserSessions(t.Context(), admin, user.User.ID), domain.ErrInvalidToken)
	s.actor(t, tokens)
}

func TestRevokeCurrentUserSession(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	mine, other, late, gone := s.login(t, user), s.login(t, user), s.login(t, user), s.login(t, user)
	stranger := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin}))
	actor := s.actor(t, mine)
	id := func(tokens domain.Tokens) string { return s.actor(t, tokens).SessionID }
	otherID, lateID, goneID, strangerID := id(other), id(late), id(gone), id(stranger)
	revoke := func(id string) error { return s.sessions.RevokeCurrentUserSession(t.Context(), actor, id) }
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", lateID)
	must(t, s.sessions.LogoutUser(t.Context(), gone.Refresh.Reveal(), domain.Client{}))

	for what, id := range map[string]string{
		"another user's": strangerID, "one that was not used in time": lateID, "one that was logged out": goneID,
		"one that never was": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "no id at all": "",
	} {
		if err := revoke(id); err == nil {
			t.Errorf("%s was ended", what)
		} else {
			wantError(t, err, domain.ErrSessionNotFound)
		}
	}
	if reason := s.endReason(t, goneID); reason != domain.RevokedByLogout {
		t.Errorf("the ended session has the reason %q", reason)
	}
	must(t, revoke(otherID))
	wantError(t, revoke(otherID), domain.ErrSessionNotFound)
	s.wantEnded(t, other)
	if reason := s.endReason(t, otherID); reason != domain.RevokedByOwner {
		t.Errorf("the session ended because of %q", reason)
	}
	mine = s.wantLive(t, mine)
	s.wantLive(t, stranger)
	must(t, revoke(actor.SessionID)) // the current one
	s.wantEnded(t, mine)
	pgtest.CheckSessions(t, s.url)
}

func TestListCurrentUserSessions(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{})
	s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	first, second, third, late, over, gone := s.login(t, user), s.login(t, user), s.login(t, user), s.login(t, user),
		s.login(t, user), s.login(t, user)
	id := func(tokens domain.Tokens) string { return s.actor(t, tokens).SessionID }
	actor, firstID, secondID, thirdID := s.actor(t, second), id(first), id(second), id(third)
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", id(late))
	pgtest.Exec(t, s.url, "UPDATE refresh_tokens SET expires_at = now() WHERE session_id = $1", id(over))
	pgtest.Exec(t, s.url, "UPDATE sessions SET expires_at = now() WHERE id = $1", id(over))
	must(t, s.sessions.LogoutUser(t.Context(), gone.Refresh.Reveal(), domain.Client{}))
	s.mustRefresh(t, first)

	sessions, err := s.sessions.ListCurrentUserSessions(t.Context(), actor)
	must(t, err)
	ids := make([]string, len(sessions))
	for i, session := range sessions {
		ids[i] = session.ID
	}
	if want := []string{firstID, thirdID, secondID}; !slices.Equal(ids, want) {
		t.Errorf("the sessions are %v, want %v, the one used last first", ids, want)
	}
	if first := sessions[0]; !first.LastUsedAt.After(first.CreatedAt) ||
		!sessions[1].LastUsedAt.Equal(sessions[1].CreatedAt) {
		t.Errorf("the times of use are not those of the last refresh or login: %+v", sessions)
	}
}
