package store_test

import (
	"fmt"
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/paging"
)

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

// A search finds all matches, wherever they are in the order: next, after the first scan, and
// after the last scan.
func TestListUsersSearchesAllOfManyUsers(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	// Names of the oldest ten, of each hundredth, and of all. E-mails sort by age, the newest last.
	pgtest.Exec(t, databaseURL, `INSERT INTO users (id, email, name, password_hash, created_at)
		SELECT lpad(n::text, 26, '0'), 'u' || lpad(n::text, 4, '0') || '@x.io',
			CASE WHEN n <= 10 THEN 'oldest ' ELSE '' END || CASE WHEN n % 100 = 0 THEN 'spread ' ELSE '' END || 'common',
			'$', now() + make_interval(secs => n)
		FROM generate_series(1, 900) AS n`)
	numbers := map[string]func(n int) bool{
		"oldest": func(n int) bool { return n <= 10 }, "spread": func(n int) bool { return n%100 == 0 },
		"common": func(int) bool { return true }, "missing": func(int) bool { return false },
		"u0": func(int) bool { return true }, "u": func(int) bool { return true }, "u0899@": func(n int) bool { return n == 899 },
		"u09": func(n int) bool { return n == 900 }, "x.io": func(int) bool { return false },
	}
	for search, matches := range numbers {
		for _, sort := range []domain.UserSort{domain.UsersByAge, domain.UsersByEmail} {
			t.Run(search+" by "+string(sort), func(t *testing.T) {
				t.Parallel()
				var want []string
				for n := 1; n <= 900; n++ {
					if matches(n) {
						want = append(want, fmt.Sprintf("u%04d@x.io", n))
					}
				}
				if sort == domain.UsersByAge {
					slices.Reverse(want)
				}
				for _, most := range []int{1, 5, 101} {
					users, err := store.ListUsers(t.Context(),
						domain.UserQuery{Range: paging.Range{Limit: most}, Sort: sort, Search: search})
					if err != nil {
						t.Fatal(err)
					}
					var got []string
					for _, user := range users {
						got = append(got, user.Email)
					}
					if first := want[:min(most, len(want))]; !slices.Equal(got, first) {
						t.Errorf("a page of %d is %v, want %v", most, got, first)
					}
				}
			})
		}
	}
}

// A prepared statement gets a generic plan, which is slow for rare texts.
func TestListUsersIsPlannedForItsArguments(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewInMemoryExporter()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{MaxConns: 1, Tracing: provider})
	ctx, span := provider.Tracer("").Start(t.Context(), "test")
	defer span.End()
	prepared := func() (names []string) {
		for _, span := range spans.GetSpans() {
			isPrepare := func(a attribute.KeyValue) bool { return a.Key == "pgx.prepare_stmt.name" }
			if slices.ContainsFunc(span.Attributes, isPrepare) {
				names = append(names, span.Name)
			}
		}
		return names
	}
	if _, _ = store.GetUser(ctx, noSuchID); len(prepared()) != 1 {
		t.Fatalf("%q were prepared, want one statement", prepared())
	}
	for _, sort := range []domain.UserSort{domain.UsersByAge, domain.UsersByEmail} {
		for range 3 {
			_, err := store.ListUsers(ctx, domain.UserQuery{Range: paging.Range{Limit: 2}, Sort: sort, Search: "lovelace"})
			noError(t, err)
		}
	}
	if after := prepared(); len(after) != 1 {
		t.Errorf("%q were prepared", after[1:])
	}
}
