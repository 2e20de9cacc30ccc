package domain_test

import (
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
)

func TestGetUserIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})}
	user := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{})}

	got, err := s.users.GetUser(t.Context(), admin, user.User.ID)
	must(t, err)
	if got != user.User {
		t.Errorf("got %+v, want %+v", got, user.User)
	}
	_, err = s.users.GetUser(t.Context(), admin, "01ARZ3NDEKTSV4RRFFQ69G5FAV")
	wantError(t, err, domain.ErrUserNotFound)
	for _, id := range []string{user.User.ID, admin.User.ID, "01ARZ3NDEKTSV4RRFFQ69G5FAV"} {
		_, err = s.users.GetUser(t.Context(), user, id)
		wantError(t, err, domain.ErrForbidden)
	}
}

func TestGetCurrentUser(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	actor := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{})}
	got, err := s.users.GetCurrentUser(t.Context(), actor)
	must(t, err)
	if got != actor.User {
		t.Errorf("got %+v, want %+v", got, actor.User)
	}
}

func TestUpdateCurrentUser(t *testing.T) {
	t.Parallel()
	ada, grace, email := "Ada", "Grace", "New@Example.com"
	current := pgtest.Password
	for name, test := range map[string]struct {
		change    domain.CurrentUserChange
		wantName  *string
		wantEmail string
	}{
		"nothing":        {domain.CurrentUserChange{}, &ada, "old@example.com"},
		"another name":   {domain.CurrentUserChange{SetName: true, Name: &grace}, &grace, "old@example.com"},
		"no name":        {domain.CurrentUserChange{SetName: true}, nil, "old@example.com"},
		"another e-mail": {domain.CurrentUserChange{Email: &email, CurrentPassword: &current}, &ada, email},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newService(t, serviceOpts{})
			bystander := pgtest.User(t, s.store, pgtest.UserOpts{Name: &ada})
			user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "old@example.com", Name: &ada})
			tokens, other := s.login(t, user), s.login(t, user)
			got, err := s.users.UpdateCurrentUser(t.Context(), s.actor(t, tokens), test.change)
			must(t, err)

			stored, err := s.store.GetUser(t.Context(), user.ID)
			must(t, err)
			for _, seen := range []domain.User{got, stored} {
				if value(seen.Name) != value(test.wantName) || seen.Email != test.wantEmail {
					t.Errorf("got %s <%s>, want %s <%s>", value(seen.Name), seen.Email, value(test.wantName), test.wantEmail)
				}
				if seen.Role != user.Role || !seen.IsActive || seen.PasswordHash != user.PasswordHash || !seen.CreatedAt.Equal(user.CreatedAt) {
					t.Errorf("something else changed: %+v", seen)
				}
			}
			isChange := name != "nothing"
			if stored.UpdatedAt.After(user.UpdatedAt) != isChange || (stored.Version == user.Version+1) != isChange {
				t.Errorf("version %d of %s after version %d of %s", stored.Version, stored.UpdatedAt, user.Version, user.UpdatedAt)
			}
			if untouched, err := s.store.GetUser(t.Context(), bystander.ID); err != nil || value(untouched.Name) != ada || untouched.Email != bystander.Email {
				t.Errorf("somebody else is %+v now (%v)", untouched, err)
			}
			s.wantLive(t, tokens)
			s.wantLive(t, other)
		})
	}
}

func value(s *string) string {
	if s == nil {
		return "(none)"
	}
	return *s
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{})
	mine, others := s.login(t, user), []domain.Tokens{s.login(t, user), s.login(t, user)}
	session := s.actor(t, others[0]).SessionID
	bystander := s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{}))

	password, current := "a new and long password", pgtest.Password
	_, err := s.users.UpdateCurrentUser(t.Context(), s.actor(t, mine), domain.CurrentUserChange{
		Password: &password, CurrentPassword: &current,
	})
	must(t, err)
	for _, tokens := range others {
		s.wantEnded(t, tokens)
	}
	if reason := s.endReason(t, session); reason != domain.RevokedByPasswordChange {
		t.Errorf("the other session ended because of %q", reason)
	}
	s.wantLive(t, mine)
	s.wantLive(t, bystander)
	_, err = s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
	wantError(t, err, domain.ErrInvalidCredentials)
	_, err = s.sessions.LoginUser(t.Context(), user.Email, password, domain.Client{})
	must(t, err)
	pgtest.CheckSessions(t, s.url)
}

func TestRefusedChangesChangeNothing(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	pgtest.User(t, s.store, pgtest.UserOpts{Email: "Taken@example.com"})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "charlotte@example.com"})
	tokens, other := s.login(t, user), s.login(t, user)
	actor := s.actor(t, tokens)
	current := pgtest.Password
	update := func(email, password string) error {
		change := domain.CurrentUserChange{
			Email: &email, Password: &password, CurrentPassword: &current, SetName: true, Name: &email,
		}
		if password == "" {
			change.Password = nil
		}
		if email == "" {
			change.Email = nil
		}
		_, err := s.users.UpdateCurrentUser(t.Context(), actor, change)
		return err
	}

	wantError(t, update("taken@EXAMPLE.com", ""), domain.ErrEmailTaken)
	wantError(t, update("taken@EXAMPLE.com", "a new and long password"), domain.ErrEmailTaken) // nor do sessions end
	wantField(t, update("no address", ""), "/email", "invalid_format")
	wantField(t, update("", "2 short"), "/password", "too_short")
	wantField(t, update("", "charlotte-8402-"), "/password", "password_blocklisted")
	wantField(t, update("henrietta@example.com", "henrietta-2026!"), "/password", "password_blocklisted") // the e-mail to be

	stored, err := s.store.GetUser(t.Context(), user.ID)
	must(t, err)
	if stored != user {
		t.Errorf("the user is %+v, want %+v", stored, user)
	}
	s.wantLive(t, tokens)
	s.wantLive(t, other)
}

func TestEmailMayChangeCase(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := pgtest.User(t, s.store, pgtest.UserOpts{Email: "ada@example.com"})
	email, current := "Ada@Example.com", pgtest.Password
	got, err := s.users.UpdateCurrentUser(t.Context(), s.actor(t, s.login(t, user)), domain.CurrentUserChange{
		Email: &email, CurrentPassword: &current,
	})
	must(t, err)
	if got.Email != email {
		t.Errorf("the e-mail is %s, want it as typed", got.Email)
	}
}

// Who was authenticated and deleted since gets the answer that every later request gets.
func TestUpdateOfDeletedAccount(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	actor := s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{})))
	pgtest.Exec(t, s.url, "DELETE FROM users")
	_, err := s.users.UpdateCurrentUser(t.Context(), actor, domain.CurrentUserChange{SetName: true})
	wantError(t, err, domain.ErrInvalidToken)
}

func TestCreateUserChecksAccount(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	create := func(email, password string) error {
		_, err := s.users.CreateUser(t.Context(), email, password, nil, domain.RoleUser)
		return err
	}
	must(t, create("ada@example.com", pgtest.Password))
	wantError(t, create("ADA@example.com", pgtest.Password), domain.ErrEmailTaken)
	wantField(t, create("ada@", pgtest.Password), "/email", "invalid_format")
	wantField(t, create("b@example.com", "2 short"), "/password", "too_short")
}
