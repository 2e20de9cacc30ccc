package pgstore_test

import (
	"slices"
	"strconv"
	"testing"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
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

func TestLockUserBlocksWrites(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "locked"})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	changed := make(chan error, 1)
	err := store.InTx(t.Context(), func(tx domain.Store) error {
		if _, err := tx.LockUser(t.Context(), user.ID); err != nil {
			return err
		}
		go func() {
			_, err := store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{SetName: true})
			changed <- err
		}()
		awaitLockWait(t, databaseURL, "locked")
		_, err := store.GetUser(t.Context(), user.ID) // readers do not wait
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := <-changed; err != nil {
		t.Error(err)
	}
}

// Two transactions that see different admins lock the same accounts in the same order.
func TestLockUserAndAdminsLocksInOrder(t *testing.T) {
	t.Parallel()
	for name, target := range map[string]string{
		"an admin": "2", "an account before them": "1",
		"an account behind them": "4",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := pgtest.URL(t)
			store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "second"})
			pgtest.Exec(t, databaseURL, `INSERT INTO users (id, email, password_hash, role, is_active)
				SELECT lpad(n::text, 26, '0'), n || '@example.com', 'x', CASE WHEN n < 4 THEN 'admin' ELSE 'user' END, n <> 1
				FROM generate_series(1, 4) AS n`)
			target := sessionID(target)
			holder := pgtest.Connect(t, databaseURL)
			for _, sql := range []string{"BEGIN", "SELECT FROM users WHERE id = '" + sessionID("3") + "' FOR UPDATE"} {
				if _, err := holder.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			locked := make(chan error, 1)
			go func() {
				locked <- store.InTx(t.Context(), func(tx domain.Store) error {
					user, otherAdmins, err := tx.LockUserAndAdmins(t.Context(), target)
					want := map[bool]int{true: 1, false: 2}[target == sessionID("2")]
					if err == nil && (user.ID != target || otherAdmins != want) {
						t.Errorf("locked %s and %d admins, want %s and %d", user.ID, otherAdmins, target, want)
					}
					return err
				})
			}()
			awaitLockWait(t, databaseURL, "second")
			free := pgtest.Rows[struct{ ID string }](t, databaseURL,
				"SELECT id FROM users ORDER BY id FOR UPDATE SKIP LOCKED")
			for _, user := range free {
				if user.ID == sessionID("2") || user.ID == target && target < sessionID("3") {
					t.Errorf("%s is free while the lock of a later account is awaited", user.ID)
				}
			}
			if target > sessionID("3") && !slices.ContainsFunc(free,
				func(user struct{ ID string }) bool { return user.ID == target }) {
				t.Errorf("%s is locked before an earlier account", target)
			}
			if _, err := holder.Exec(t.Context(), "ROLLBACK"); err != nil {
				t.Fatal(err)
			}
			if err := <-locked; err != nil {
				t.Error(err)
			}
		})
	}
}
