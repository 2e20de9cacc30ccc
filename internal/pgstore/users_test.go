package pgstore_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

func TestCreateUserReturnsTheRow(t *testing.T) {
	t.Parallel()
	store, name := pgtest.New(t), "Ada \u00fc \u2603"
	wanted := domain.NewUser{
		ID: noSuchID, Email: "Ada@Example.com", PasswordHash: "$hash", Name: &name,
		Role: domain.RoleAdmin,
	}
	created, err := store.CreateUser(t.Context(), wanted)
	if err != nil {
		t.Fatal(err)
	}
	if created.ID != wanted.ID || created.Email != wanted.Email || created.PasswordHash != wanted.PasswordHash ||
		created.Name == nil || *created.Name != name || created.Role != wanted.Role || !created.IsActive ||
		created.CreatedAt.IsZero() || !created.UpdatedAt.Equal(created.CreatedAt) {
		t.Errorf("created %+v", created)
	}
	for how, get := range map[string]func() (domain.User, error){
		"GetUser":        func() (domain.User, error) { return store.GetUser(t.Context(), noSuchID) },
		"LockUser":       func() (domain.User, error) { return store.LockUser(t.Context(), noSuchID) },
		"GetUserByEmail": func() (domain.User, error) { return store.GetUserByEmail(t.Context(), "aDA@eXAMPLE.COM") },
	} {
		if got, err := get(); err != nil || got.Name == nil || *got.Name != name || got.Email != created.Email ||
			got.ID != created.ID || got.Role != created.Role || !got.CreatedAt.Equal(created.CreatedAt) {
			t.Errorf("%s gives %+v, %v", how, got, err)
		}
	}
}

// Absent, null and a value differ, for each column.
func TestUpdateUser(t *testing.T) {
	t.Parallel()
	old, name, email, hash := "Old", "New", "new@example.com", "$new"
	admin, no := domain.RoleAdmin, false
	before := func() domain.User {
		return domain.User{
			Email: "old@example.com", PasswordHash: "$old", Name: &old, Role: domain.RoleUser,
			IsActive: true,
		}
	}
	for what, test := range map[string]struct {
		update domain.UserUpdate
		apply  func(*domain.User)
	}{
		"nothing":           {domain.UserUpdate{}, func(*domain.User) {}},
		"name":              {domain.UserUpdate{SetName: true, Name: &name}, func(u *domain.User) { u.Name = &name }},
		"name to null":      {domain.UserUpdate{SetName: true}, func(u *domain.User) { u.Name = nil }},
		"name, but not set": {domain.UserUpdate{Name: &name}, func(*domain.User) {}},
		"e-mail":            {domain.UserUpdate{Email: &email}, func(u *domain.User) { u.Email = email }},
		"password hash":     {domain.UserUpdate{PasswordHash: &hash}, func(u *domain.User) { u.PasswordHash = hash }},
		"role":              {domain.UserUpdate{Role: &admin}, func(u *domain.User) { u.Role = admin }},
		"whether active":    {domain.UserUpdate{IsActive: &no}, func(u *domain.User) { u.IsActive = no }},
		"several things": {
			domain.UserUpdate{Email: &email, SetName: true},
			func(u *domain.User) { u.Email, u.Name = email, nil },
		},
		"everything at once": {
			domain.UserUpdate{
				Email: &email, PasswordHash: &hash, SetName: true, Name: &name, Role: &admin, IsActive: &no,
			},
			func(u *domain.User) {
				*u = domain.User{Email: email, PasswordHash: hash, Name: &name, Role: admin}
			},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			store := pgtest.New(t)
			bystander := pgtest.User(t, store, pgtest.UserOpts{})
			user := pgtest.User(t, store, pgtest.UserOpts{Email: "old@example.com", PasswordHash: "$old", Name: &old})
			want := before()
			test.apply(&want)
			returned, err := store.UpdateUser(t.Context(), user.ID, test.update)
			if err != nil {
				t.Fatal(err)
			}
			stored, err := store.GetUser(t.Context(), user.ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, got := range []domain.User{returned, stored} {
				if describeUser(got) != describeUser(want) {
					t.Errorf("got  %s\nwant %s", describeUser(got), describeUser(want))
				}
				if got.ID != user.ID || !got.CreatedAt.Equal(user.CreatedAt) || !got.UpdatedAt.After(user.UpdatedAt) {
					t.Errorf("id or times are wrong: %+v after %+v", got, user)
				}
			}
			if got, err := store.GetUser(t.Context(), bystander.ID); err != nil || got != bystander {
				t.Errorf("another account is %+v now (%v)", got, err)
			}
		})
	}
}

func describeUser(u domain.User) string {
	name := "null"
	if u.Name != nil {
		name = strconv.Quote(*u.Name)
	}
	return u.Email + " " + u.PasswordHash + " " + name + " " + string(u.Role) + " " + strconv.FormatBool(u.IsActive)
}

func TestRehashUserPasswordReplacesOnlyTheVerifiedHash(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	user := pgtest.User(t, store, pgtest.UserOpts{PasswordHash: "$old"})
	bystander := pgtest.User(t, store, pgtest.UserOpts{PasswordHash: "$old"})
	for _, test := range []struct{ old, replacement, want string }{
		{"$other", "$lost", "$old"}, {"$old", "$new", "$new"}, {"$old", "$late", "$new"},
	} {
		if err := store.RehashUserPassword(t.Context(), user.ID, test.old, test.replacement); err != nil {
			t.Fatal(err)
		}
		got, err := store.GetUser(t.Context(), user.ID)
		if err != nil || got.PasswordHash != test.want {
			t.Errorf("replacing %s gives %s, want %s (%v)", test.old, got.PasswordHash, test.want, err)
		}
		if !got.UpdatedAt.Equal(user.UpdatedAt) {
			t.Error("updated_at changed without a change")
		}
	}
	if got, err := store.GetUser(t.Context(), bystander.ID); err != nil || got.PasswordHash != "$old" {
		t.Errorf("another account has %s now (%v)", got.PasswordHash, err)
	}
}

// people creates accounts with these e-mails and names, the oldest first.
func people(t *testing.T, store domain.Store, databaseURL string, emailsAndNames ...string) {
	t.Helper()
	for line := range slices.Values(emailsAndNames) {
		email, name, isNamed := strings.Cut(line, " ")
		opts := pgtest.UserOpts{Email: email, PasswordHash: "$hash"}
		if isNamed {
			opts.Name = &name
		}
		pgtest.User(t, store, opts)
	}
	pgtest.Exec(t, databaseURL, "ANALYZE users")
}

// list returns the e-mails of all pages of a query in one line.
func list(t *testing.T, store domain.Store, query domain.UserQuery) string {
	t.Helper()
	var emails []string
	for {
		query.Limit = 2
		page, err := store.ListUsers(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for _, user := range page {
			emails = append(emails, user.Email)
		}
		if len(page) < 2 {
			return strings.Join(emails, " ")
		}
		query.After = &paging.Position{Time: page[1].CreatedAt, ID: page[1].ID, Text: page[1].Email}
	}
}

func TestListUsersSearches(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	people(t, store, databaseURL, "Ada@Example.com Ada Lovelace", "bob@lovelace.test Bob", "nada@example.org",
		`d@x.io 100%_\ real`,
		"e@x.io Édith Piaf", "f@x.io 李明华", "g@x.io Al Ada")
	for search, want := range map[string]string{
		"ada":                    "g@x.io nada@example.org Ada@Example.com",
		"ADA":                    "g@x.io nada@example.org Ada@Example.com",
		"lovelace":               "bob@lovelace.test Ada@Example.com",
		"a love":                 "Ada@Example.com", // anywhere, with the space
		"example.com":            "Ada@Example.com",
		"@example":               "nada@example.org Ada@Example.com",
		"com ada":                "", // the end of the e-mail and the beginning of the name are no text
		"ada@":                   "Ada@Example.com",
		"ada@example.com":        "Ada@Example.com",
		"da@example.com":         "",
		"ad":                     "Ada@Example.com", // at the beginning of the e-mail
		"al":                     "",
		"b":                      "bob@lovelace.test",
		"100%":                   "d@x.io",
		"00%_":                   "",
		`%_\ real`:               "d@x.io",
		"%":                      "",
		"_":                      "",
		`\`:                      "",
		"édith":                  "e@x.io",
		"ÉDITH":                  "e@x.io",
		"É":                      "",
		"李":                      "",
		"明":                      "",
		"李明华":                    "f@x.io",
		"no match":               "",
		"' OR true --":           "",
		strings.Repeat("x", 200): "",
	} {
		t.Run(search, func(t *testing.T) {
			t.Parallel()
			if got := list(t, store, domain.UserQuery{Search: search}); got != want {
				t.Errorf("the newest first: %q, want %q", got, want)
			}
			byEmail := strings.Fields(want)
			slices.SortFunc(byEmail, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
			got := list(t, store, domain.UserQuery{Search: search, Sort: domain.UsersByEmail})
			if got != strings.Join(byEmail, " ") {
				t.Errorf("by e-mail: %q, want %q", got, byEmail)
			}
		})
	}
}

func TestListUsersFilters(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	people(t, store, databaseURL, "a@x.io Ada", "b@x.io Ada", "c@x.io Ada", "d@x.io Bob", "e@x.io Ada")
	pgtest.Exec(t, databaseURL, "UPDATE users SET role = 'admin' WHERE email IN ('a@x.io', 'b@x.io', 'd@x.io')")
	pgtest.Exec(t, databaseURL, "UPDATE users SET is_active = false WHERE email IN ('b@x.io', 'c@x.io', 'd@x.io')")
	admin, user, yes, no := domain.RoleAdmin, domain.RoleUser, true, false
	for name, test := range map[string]struct {
		query domain.UserQuery
		want  string
	}{
		"none":            {domain.UserQuery{}, "e@x.io d@x.io c@x.io b@x.io a@x.io"},
		"admins":          {domain.UserQuery{Role: &admin}, "d@x.io b@x.io a@x.io"},
		"users":           {domain.UserQuery{Role: &user}, "e@x.io c@x.io"},
		"active":          {domain.UserQuery{IsActive: &yes}, "e@x.io a@x.io"},
		"inactive":        {domain.UserQuery{IsActive: &no}, "d@x.io c@x.io b@x.io"},
		"inactive admins": {domain.UserQuery{Role: &admin, IsActive: &no}, "d@x.io b@x.io"},
		"all of it":       {domain.UserQuery{Role: &admin, IsActive: &no, Search: "ada"}, "b@x.io"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := list(t, store, test.query); got != test.want {
				t.Errorf("the newest first: %q, want %q", got, test.want)
			}
			byEmail := strings.Fields(test.want)
			slices.Reverse(byEmail)
			test.query.Sort = domain.UsersByEmail
			if got := list(t, store, test.query); got != strings.Join(byEmail, " ") {
				t.Errorf("by e-mail: %q, want %q", got, byEmail)
			}
		})
	}
}
