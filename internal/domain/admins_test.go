package domain_test

import (
	"context"
	"errors"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

// resetAdmin is the request to take over an account.
func resetAdmin(email, password string) domain.AdminRequest {
	return domain.AdminRequest{Email: email, Password: password, PasswordChosen: true, ResetPassword: true}
}

func TestEnsureAdmin(t *testing.T) {
	t.Parallel()
	const password = "a new and long password"
	user, admin := &pgtest.UserOpts{}, &pgtest.UserOpts{Role: domain.RoleAdmin}
	inactiveUser, inactiveAdmin := &pgtest.UserOpts{Inactive: true}, &pgtest.UserOpts{Role: domain.RoleAdmin, Inactive: true}
	chosen := domain.AdminRequest{PasswordChosen: true}
	promote, reset := domain.AdminRequest{Promote: true}, domain.AdminRequest{ResetPassword: true, PasswordChosen: true}
	for name, test := range map[string]struct {
		existing     *pgtest.UserOpts
		request      domain.AdminRequest
		want         domain.AdminOutcome
		wantPassword string
		endsSessions bool
	}{
		"new":                        {nil, domain.AdminRequest{}, domain.AdminCreated, password, false},
		"new, chosen password":       {nil, chosen, domain.AdminCreated, password, false},
		"new, reset":                 {nil, reset, domain.AdminCreated, password, false},
		"user, promote":              {user, promote, domain.AdminPromoted, pgtest.Password, true},
		"user, reset":                {user, reset, domain.AdminPasswordReset, password, true},
		"user, reset, random":        {user, domain.AdminRequest{ResetPassword: true}, domain.AdminPasswordReset, password, true},
		"admin":                      {admin, domain.AdminRequest{}, domain.AdminAlready, pgtest.Password, false},
		"admin, promote":             {admin, promote, domain.AdminAlready, pgtest.Password, false},
		"admin, reset":               {admin, reset, domain.AdminPasswordReset, password, true},
		"inactive admin, promote":    {inactiveAdmin, promote, domain.AdminPromoted, pgtest.Password, false},
		"inactive user, reset":       {inactiveUser, reset, domain.AdminPasswordReset, password, true},
		"another spelling, promoted": {&pgtest.UserOpts{Email: "BOSS@example.com"}, promote, domain.AdminPromoted, pgtest.Password, true},
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
			request := test.request
			request.Email, request.Password = "Boss@example.com", password
			report, err := s.users.EnsureAdmin(t.Context(), request)
			must(t, err)
			if report.Outcome != test.want || report.User.Role != domain.RoleAdmin || !report.User.IsActive {
				t.Errorf("got %+v, want an active admin, %s", report, test.want)
			}
			if test.existing != nil && (report.User.ID != before.ID || report.User.Email != before.Email) {
				t.Errorf("the account is %s (%s), want %s (%s)", report.User.Email, report.User.ID, before.Email,
					before.ID)
			}
			loggedIn, err := s.sessions.LoginUser(t.Context(), "boss@example.com", test.wantPassword, domain.Client{})
			must(t, err)
			if got := s.actor(t, loggedIn); got.User.ID != report.User.ID || !got.HasRole(domain.RoleAdmin) {
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

// A stranger can register the e-mail of a future administrator.
func TestEnsureAdminRefusesExistingAccounts(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	const email, squatters, operators = "chief@example.com", "a password of the squatter", "a password of the operator"
	_, err := s.sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: squatters},
		at("192.0.2.66"))
	must(t, err)
	login := func(password string) (domain.Tokens, error) {
		return s.sessions.LoginUser(t.Context(), email, password, at("192.0.2.66"))
	}
	tokens, err := login(squatters)
	must(t, err)

	for want, requests := range map[error][]domain.AdminRequest{
		domain.ErrAccountExists:   {{Password: operators}},
		domain.ErrPasswordNotUsed: {{Password: operators, PasswordChosen: true}, {Password: operators, PasswordChosen: true, Promote: true}},
	} {
		for _, request := range requests {
			request.Email = "CHIEF@example.com"
			report, err := s.users.EnsureAdmin(t.Context(), request)
			if !errors.Is(err, want) {
				t.Errorf("%+v: got %v, want %v", request, err, want)
			}
			if report.User.Email != email || report.LastSession == nil ||
				report.LastSession.IP.String() != "192.0.2.66" {
				t.Errorf("%+v: the report lacks the account or its last session: %+v", request, report)
			}
			if actor := s.actor(t, tokens); actor.User.Role != domain.RoleUser {
				t.Errorf("%+v: the role is %s", request, actor.User.Role)
			}
		}
	}
	if tokens, err = login(squatters); err != nil {
		t.Errorf("the refused request changed the password: %v", err)
	}

	_, err = s.users.EnsureAdmin(t.Context(), resetAdmin(email, operators))
	must(t, err)
	s.wantEnded(t, tokens)
	_, err = login(squatters)
	wantError(t, err, domain.ErrInvalidCredentials)
	if tokens, err = login(operators); err != nil || !s.actor(t, tokens).HasRole(domain.RoleAdmin) {
		t.Errorf("the operator is not an admin: %v", err)
	}
}

func TestEnsureAdminPromotesOnlyExistingAccounts(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	_, err := s.users.EnsureAdmin(t.Context(),
		domain.AdminRequest{Email: "ada@example.com", Password: pgtest.Password, Promote: true})
	wantError(t, err, domain.ErrUserNotFound)
	if n := pgtest.Value[int](t, s.url, "SELECT count(*) FROM users"); n != 0 {
		t.Errorf("there are %d users", n)
	}
}

// removal removes an active admin: by is the actor, target the removed one.
type removal func(ctx context.Context, s *service, by, target domain.Actor) error

func demote(ctx context.Context, s *service, by, target domain.Actor) error {
	role := domain.RoleUser
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{Role: &role})
	return err
}

func deactivate(ctx context.Context, s *service, by, target domain.Actor) error {
	active := false
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{IsActive: &active})
	return err
}

func deleteOneself(ctx context.Context, s *service, _, target domain.Actor) error {
	return s.users.DeleteCurrentUser(ctx, target, pgtest.Password)
}

func (s *service) newAdmin(t *testing.T) domain.Actor {
	t.Helper()
	return s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
}

func wantOneAdmin(t *testing.T, url string) {
	t.Helper()
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM users WHERE role = 'admin' AND is_active"); n != 1 {
		t.Errorf("there are %d active admins, want 1", n)
	}
}

func TestLastAdminCannotBeRemoved(t *testing.T) {
	t.Parallel()
	for name, leave := range map[string]removal{"demoted": demote, "deactivated": deactivate, "deleted": deleteOneself} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			pgtest.User(t, s.store, pgtest.UserOpts{})
			pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin, Inactive: true})
			last := s.newAdmin(t)
			wantError(t, leave(t.Context(), s, last, last), domain.ErrLastAdmin)
			wantOneAdmin(t, s.url)

			other := s.newAdmin(t)
			must(t, leave(t.Context(), s, other, last))
			wantError(t, leave(t.Context(), s, other, other), domain.ErrLastAdmin)
			wantOneAdmin(t, s.url)
			name := "Ada"
			_, err := s.users.UpdateUser(t.Context(), other, other.User.ID,
				domain.UserChange{SetName: true, Name: &name})
			must(t, err) // other changes are allowed
			pgtest.CheckSessions(t, s.url)
		})
	}
}
