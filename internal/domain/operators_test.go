package domain_test

import (
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestEnsureAdmin(t *testing.T) {
	t.Parallel()
	const password = "a new and long password"
	for name, test := range map[string]struct {
		existing      *pgtest.UserOpts
		resetPassword bool
		want          domain.AdminOutcome
		wantPassword  string
		endsSessions  bool
	}{
		"nobody":                 {nil, false, domain.AdminCreated, password, false},
		"nobody, reset":          {nil, true, domain.AdminCreated, password, false},
		"user":                   {&pgtest.UserOpts{}, false, domain.AdminPromoted, pgtest.Password, true},
		"user, reset":            {&pgtest.UserOpts{}, true, domain.AdminPasswordReset, password, true},
		"admin":                  {&pgtest.UserOpts{Role: domain.RoleAdmin}, false, domain.AdminAlready, pgtest.Password, false},
		"admin, reset":           {&pgtest.UserOpts{Role: domain.RoleAdmin}, true, domain.AdminPasswordReset, password, true},
		"inactive admin":         {&pgtest.UserOpts{Role: domain.RoleAdmin, Inactive: true}, false, domain.AdminPromoted, pgtest.Password, false},
		"inactive user, reset":   {&pgtest.UserOpts{Inactive: true}, true, domain.AdminPasswordReset, password, true},
		"user with another case": {&pgtest.UserOpts{Email: "BOSS@example.com"}, false, domain.AdminPromoted, pgtest.Password, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			var tokens domain.Tokens
			var before domain.User
			if test.existing != nil {
				opts := *test.existing
				opts.Email = max(opts.Email, "BOSS@example.com")
				before = pgtest.User(t, s.store, opts)
				if !opts.Inactive {
					tokens = s.login(t, before)
				}
			}
			admin, outcome, err := s.users.EnsureAdmin(t.Context(), "Boss@example.com", password, test.resetPassword)
			must(t, err)
			if outcome != test.want || admin.Role != domain.RoleAdmin || !admin.IsActive {
				t.Errorf("%s: %+v, want an active admin, %s", outcome, admin, test.want)
			}
			if test.existing != nil && (admin.ID != before.ID || admin.Email != before.Email) {
				t.Errorf("the account is %s (%s), want %s (%s)", admin.Email, admin.ID, before.Email, before.ID)
			}
			loggedIn, err := s.sessions.LoginUser(t.Context(), "boss@example.com", test.wantPassword, domain.Client{})
			must(t, err)
			if got := s.actor(t, loggedIn); got.User.ID != admin.ID || !got.HasRole(domain.RoleAdmin) {
				t.Errorf("logged in as %+v", got)
			}
			switch {
			case tokens.Access == "":
			case test.endsSessions:
				s.wantEnded(t, tokens)
			default:
				s.wantLive(t, tokens)
			}
		})
	}
}

func TestEnsureAdminThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "charlotte@example.com"})
	tokens := s.login(t, user)
	ensure := func(email, password string) error {
		_, _, err := s.users.EnsureAdmin(t.Context(), email, password, true)
		return err
	}
	wantField(t, ensure("no address", pgtest.Password), "/email", "invalid_format")
	wantField(t, ensure("charlotte@example.com", "2 short"), "/password", "too_short")
	wantField(t, ensure("charlotte@example.com", "charlotte8402"), "/password", "password_blocklisted")
	wantField(t, ensure("nobody@example.com", "password123"), "/password", "password_blocklisted")
	if got := s.actor(t, tokens).User; got != user {
		t.Errorf("the user is %+v, want %+v", got, user)
	}
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM users"); n != 1 {
		t.Errorf("there are %d users", n)
	}
}
