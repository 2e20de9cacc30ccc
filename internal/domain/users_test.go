package domain_test

import (
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
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
					t.Errorf("got %s <%s>, want %s <%s>", value(seen.Name), seen.Email, value(test.wantName),
						test.wantEmail)
				}
				if seen.Role != user.Role || !seen.IsActive || seen.PasswordHash != user.PasswordHash ||
					!seen.CreatedAt.Equal(user.CreatedAt) {
					t.Errorf("something else changed: %+v", seen)
				}
			}
			isChange := name != "nothing"
			if stored.UpdatedAt.After(user.UpdatedAt) != isChange || (stored.Version == user.Version+1) != isChange {
				t.Errorf("version %d of %s after version %d of %s", stored.Version, stored.UpdatedAt, user.Version,
					user.UpdatedAt)
			}
			if untouched, err := s.store.GetUser(t.Context(), bystander.ID); err != nil ||
				value(untouched.Name) != ada || untouched.Email != bystander.Email {
				t.Errorf("the other account is %+v (%v)", untouched, err)
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
	wantError(t, update("taken@EXAMPLE.com", "a new and long password"), domain.ErrEmailTaken) // ends no session
	wantField(t, update("no address", ""), "/email", "invalid_format")
	wantField(t, update("", "2 short"), "/password", "too_short")
	wantField(t, update("", "charlotte-8402-"), "/password", "password_blocklisted")
	wantField(t, update("henrietta@example.com", "henrietta-2026!"), "/password", "password_blocklisted") // the new e-mail

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

func TestListUsers(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	admin := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})}
	users := []domain.User{admin.User}
	for range 3 {
		users = append(users, pgtest.User(t, s.store, pgtest.UserOpts{}))
	}
	pgtest.Exec(t, s.url, "UPDATE users SET created_at = now()") // so that the order is by id

	byID := func(a, b domain.User) int { return strings.Compare(b.ID, a.ID) } // the newest first
	byEmail := func(a, b domain.User) int { return strings.Compare(a.Email, b.Email) }
	for sort, compare := range map[domain.UserSort]func(a,
		b domain.User) int{domain.UsersByAge: byID, domain.UsersByEmail: byEmail} {
		wanted := emails(slices.SortedFunc(slices.Values(users), compare))
		for limit, pages := range map[int]int{1: 4, 2: 2, 3: 2, 4: 1, 5: 1} {
			var got []string
			count := 0
			for query := (domain.UserQuery{Range: paging.Range{Limit: limit}, Sort: sort}); ; count++ {
				page, err := s.users.ListUsers(t.Context(), admin, query)
				must(t, err)
				if len(page.Items) > limit {
					t.Errorf("a page of %d has %d", limit, len(page.Items))
				}
				got = append(got, emails(page.Items)...)
				if query.After = page.Next; page.Next == nil || len(got) > len(users) {
					break
				}
			}
			if !slices.Equal(got, wanted) || count+1 != pages {
				t.Errorf("%d by %s, on %d pages: %q, want %q on %d", limit, sort, count+1, got, wanted, pages)
			}
		}
	}
}

func emails(users []domain.User) []string {
	found := make([]string, len(users))
	for i, user := range users {
		found[i] = user.Email
	}
	return found
}

func TestListUsersIsForAdmins(t *testing.T) {
	t.Parallel()
	s := newService(t, serviceOpts{})
	user := domain.Actor{User: pgtest.User(t, s.store, pgtest.UserOpts{})}
	page, err := s.users.ListUsers(t.Context(), user, domain.UserQuery{Range: paging.Range{Limit: 10}})
	wantError(t, err, domain.ErrForbidden)
	if page.Items != nil || page.Next != nil {
		t.Errorf("got %+v with the refusal", page)
	}
}
