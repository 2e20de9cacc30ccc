package domain_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestCredentialChangesRequireCurrentPassword(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	tokens := s.login(t, user)
	actor := s.actor(t, tokens)
	email, password, name := "new@example.com", "a new and long password", "Ada"
	right, wrong, endless := pgtest.Password, pgtest.Password+"r", strings.Repeat("x", 1025)
	update := func(change domain.CurrentUserChange) error {
		_, err := s.users.UpdateCurrentUser(t.Context(), actor, change)
		return err
	}
	for what, change := range map[string]domain.CurrentUserChange{
		"e-mail": {Email: &email}, "password": {Password: &password}, "both": {Email: &email, Password: &password},
		"e-mail and name": {Email: &email, SetName: true, Name: &name},
	} {
		wantField(t, update(change), "/current_password", "required")
		change.CurrentPassword = &wrong
		wantError(t, update(change), domain.ErrReauthenticationFailed)
		change.CurrentPassword = &endless
		wantField(t, update(change), "/current_password", "too_long")
		if got := s.actor(t, tokens).User; got != user {
			t.Errorf("%s: the account is %+v", what, got)
		}
	}
	wantError(t, update(domain.CurrentUserChange{SetName: true, Name: &name, CurrentPassword: &wrong}),
		domain.ErrReauthenticationFailed)
	must(t, update(domain.CurrentUserChange{SetName: true, Name: &name}))
	must(t, update(domain.CurrentUserChange{Email: &email, CurrentPassword: &right}))
	if got := s.actor(t, tokens).User; got.Email != email || value(got.Name) != name {
		t.Errorf("the account is %+v", got)
	}
}

func TestDeleteCurrentUser(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	bystander := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"})
	tokens, other := s.login(t, user), s.login(t, user)
	next := s.mustRefresh(t, tokens)
	actor := s.actor(t, tokens)
	wantError(t, s.users.DeleteCurrentUser(t.Context(), actor, "wrong"), domain.ErrReauthenticationFailed)
	wantError(t, s.users.DeleteCurrentUser(t.Context(), actor, ""), domain.ErrReauthenticationFailed)
	wantField(t, s.users.DeleteCurrentUser(t.Context(), actor, strings.Repeat("x", 1025)), "/current_password",
		"too_long")
	next = s.wantLive(t, next)

	must(t, s.users.DeleteCurrentUser(t.Context(), actor, pgtest.Password))
	for _, tokens := range []domain.Tokens{tokens, next, other} {
		s.wantEnded(t, tokens)
	}
	_, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
	wantError(t, err, domain.ErrInvalidCredentials)
	wantError(t, s.users.DeleteCurrentUser(t.Context(), actor, pgtest.Password), domain.ErrInvalidToken)
	if n := pgtest.Value[int](t, s.url,
		`SELECT (SELECT count(*) FROM users) * 10 + (SELECT count(*) FROM sessions)`); n != 11 {
		t.Errorf("%d users and %d sessions are left, want one of each", n/10, n%10)
	}
	again, err := s.sessions.RegisterUser(t.Context(),
		domain.Registration{Email: "ADA@example.com", Password: pgtest.Password}, domain.Client{})
	must(t, err)
	if s.actor(t, again).User.ID == user.ID {
		t.Error("the deleted account has a session")
	}
	s.wantLive(t, bystander)
	pgtest.CheckSessions(t, s.url)
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	ada, grace, admin, role, yes, no := "Ada", "Grace", domain.RoleAdmin, domain.RoleUser, true, false
	for name, test := range map[string]struct {
		change domain.UserChange
		apply  func(*domain.User)
		ends   bool
	}{
		"a name":              {domain.UserChange{SetName: true, Name: &grace}, func(u *domain.User) { u.Name = &grace }, false},
		"no name":             {domain.UserChange{SetName: true}, func(u *domain.User) { u.Name = nil }, false},
		"a name, but not set": {domain.UserChange{Name: &grace, IsActive: &yes}, func(*domain.User) {}, false},
		"a role":              {domain.UserChange{Role: &admin}, func(u *domain.User) { u.Role = admin }, true},
		"the same role":       {domain.UserChange{Role: &role}, func(*domain.User) {}, false},
		"deactivated":         {domain.UserChange{IsActive: &no}, func(u *domain.User) { u.IsActive = no }, true},
		"still active":        {domain.UserChange{IsActive: &yes}, func(*domain.User) {}, false},
		"all at once": {domain.UserChange{Role: &admin, IsActive: &no, SetName: true}, func(u *domain.User) {
			u.Role, u.IsActive, u.Name = admin, no, nil
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			actor := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
			user := pgtest.User(t, s.store, pgtest.UserOpts{Name: &ada})
			tokens := s.login(t, user)
			want := user
			test.apply(&want)
			got, err := s.users.UpdateUser(t.Context(), actor, user.ID, test.change)
			must(t, err)
			stored, err := s.store.GetUser(t.Context(), user.ID)
			must(t, err)
			for _, seen := range []domain.User{got, stored} {
				if value(seen.Name) != value(want.Name) || seen.Role != want.Role || seen.IsActive != want.IsActive ||
					seen.Email != user.Email || seen.PasswordHash != user.PasswordHash || seen.Version != user.Version+1 {
					t.Errorf("got %+v, want %+v", seen, want)
				}
			}
			if test.ends {
				s.wantEnded(t, tokens)
			} else {
				s.wantLive(t, tokens)
			}
		})
	}
}

func TestUpdateUserIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	actor := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{})))
	admin := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	role := domain.RoleAdmin
	for _, id := range []string{actor.User.ID, "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		_, err := s.users.UpdateUser(t.Context(), actor, id, domain.UserChange{Role: &role})
		wantError(t, err, domain.ErrForbidden)
	}
	_, err := s.users.UpdateUser(t.Context(), admin, "01ARZ3NDEKTSV4RRFFQ69G5FAV", domain.UserChange{Role: &role})
	wantError(t, err, domain.ErrUserNotFound)
}

func isOneOf(versions ...int64) domain.VersionCheck {
	return func(version int64) bool { return slices.Contains(versions, version) }
}

//nolint:paralleltest,tparallel // the subtests are on one account
func TestChangesCheckVersion(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	actor := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
	name := "Ada"
	for what, update := range map[string]func(domain.VersionCheck) (domain.User, error){
		"by an admin": func(v domain.VersionCheck) (domain.User, error) {
			return s.users.UpdateUser(t.Context(), actor, actor.User.ID,
				domain.UserChange{SetName: true, Name: &name, OnlyIf: v})
		},
		"one's own": func(v domain.VersionCheck) (domain.User, error) {
			return s.users.UpdateCurrentUser(t.Context(), actor,
				domain.CurrentUserChange{SetName: true, Name: &name, OnlyIf: v})
		},
	} {
		t.Run(what, func(t *testing.T) {
			before, err := update(nil)
			must(t, err)
			for _, versions := range [][]int64{{}, {0}, {before.Version - 1, before.Version + 1}, {-before.Version}} {
				_, err = update(isOneOf(versions...))
				wantError(t, err, domain.ErrPreconditionFailed)
			}
			after, err := update(isOneOf(0, before.Version))
			must(t, err)
			if after.Version != before.Version+1 {
				t.Errorf("version %d follows %d", after.Version, before.Version)
			}
		})
	}
}

func TestRehashKeepsVersion(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{PasswordHash: bcryptHash(t)})
	got := s.actor(t, s.login(t, user)).User
	if got.PasswordHash == user.PasswordHash || got.Version != user.Version || !got.UpdatedAt.Equal(user.UpdatedAt) {
		t.Errorf("after the login it is %+v", got)
	}
}
