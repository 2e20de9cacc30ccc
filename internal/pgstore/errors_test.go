package pgstore_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/testdb"
)

const noSuchID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

func TestNoRows(t *testing.T) {
	t.Parallel()
	store, ctx := pgtest.New(t), t.Context()
	user := pgtest.User(t, store, pgtest.UserOpts{})
	for name, test := range map[string]struct {
		call func() error
		want *domain.Error
	}{
		"GetUser":                   {func() error { _, err := store.GetUser(ctx, noSuchID); return err }, domain.ErrUserNotFound},
		"GetUserByEmail":            {func() error { _, err := store.GetUserByEmail(ctx, "x@y"); return err }, domain.ErrUserNotFound},
		"LockUser":                  {func() error { _, err := store.LockUser(ctx, noSuchID); return err }, domain.ErrUserNotFound},
		"UpdateUser":                {func() error { _, err := store.UpdateUser(ctx, noSuchID, domain.UserUpdate{}); return err }, domain.ErrUserNotFound},
		"GetActor":                  {func() error { _, err := store.GetActor(ctx, noSuchID, user.ID); return err }, domain.ErrInvalidToken},
		"LockSessionOfRefreshToken": {func() error { _, err := store.LockSessionOfRefreshToken(ctx, [32]byte{}, [32]byte{}); return err }, domain.ErrInvalidRefreshToken},
		"GetRefreshToken":           {func() error { _, err := store.GetRefreshToken(ctx, [32]byte{}, 0); return err }, domain.ErrInvalidRefreshToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, test.call(), test.want)
		})
	}
}

func TestUniqueViolationsAreKnownByTheNameOfTheConstraint(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	first := pgtest.User(t, store, pgtest.UserOpts{Email: "ada@example.com"})
	second := pgtest.User(t, store, pgtest.UserOpts{})
	taken := "ADA@EXAMPLE.COM"
	_, err := store.CreateUser(t.Context(), domain.NewUser{ID: noSuchID, Email: taken, PasswordHash: "x", Role: domain.RoleUser})
	wantCode(t, err, domain.ErrEmailTaken)
	_, err = store.UpdateUser(t.Context(), second.ID, domain.UserUpdate{Email: &taken})
	wantCode(t, err, domain.ErrEmailTaken)

	_, err = store.CreateUser(t.Context(), domain.NewUser{ID: first.ID, Email: "new@example.com", PasswordHash: "x", Role: domain.RoleUser})
	wantServerError(t, err, pgerrcode.UniqueViolation) // of the primary key, which is nobody's fault but ours
}

func TestOtherViolationsAreInternal(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	_, err := store.CreateUser(t.Context(), domain.NewUser{ID: "no ulid", Email: "a@b", PasswordHash: "x", Role: domain.RoleUser})
	wantServerError(t, err, pgerrcode.CheckViolation)
	_, err = store.CreateSession(t.Context(), domain.NewSession{ID: noSuchID, UserID: noSuchID})
	wantServerError(t, err, pgerrcode.ForeignKeyViolation)
}

// Every method must say the same of a server that is not there; one that forgot to translate would be a 500.
func TestNothingListens(t *testing.T) {
	t.Parallel()
	address := unusedAddress(t)
	for name, call := range everyMethod(pgtest.NewStore(t, "postgres://u:p@"+address+"/d", pgstore.Options{})) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, call(t.Context()), domain.ErrUnavailable)
		})
	}
}

func TestAClosedPool(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	store.Close()
	for name, call := range everyMethod(store) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, call(t.Context()), domain.ErrUnavailable)
		})
	}
}

// unusedAddress returns an address of this machine that nobody listens on.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // it was never used
	return listener.Addr().String()
}

// everyMethod calls each method of a store that talks to the database, with arguments that mean nothing.
func everyMethod(store *pgstore.Store) map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{
		"Ping":          store.Ping,
		"RefusesWrites": func(ctx context.Context) error { _, err := store.RefusesWrites(ctx); return err },
		"Now":           func(ctx context.Context) error { _, err := store.Now(ctx); return err },
		"InTx": func(ctx context.Context) error {
			return store.InTx(ctx, func(domain.Store) error { return nil })
		},
	}
	for method := range reflect.TypeFor[domain.Store]().Methods() {
		if calls[method.Name] == nil {
			calls[method.Name] = func(ctx context.Context) error { return callWithNothing(ctx, store, method) }
		}
	}
	return calls
}

// callWithNothing calls a method with zero values behind the context, and returns its error.
func callWithNothing(ctx context.Context, store *pgstore.Store, method reflect.Method) error {
	args := []reflect.Value{reflect.ValueOf(ctx)}
	for i := 1; i < method.Type.NumIn(); i++ {
		args = append(args, reflect.Zero(method.Type.In(i)))
	}
	bound := reflect.ValueOf(store).MethodByName(method.Name)
	call := bound.Call
	if method.Type.IsVariadic() {
		call = bound.CallSlice
	}
	results := call(args)
	err, _ := reflect.TypeAssert[error](results[len(results)-1])
	return err
}

// A password that was changed and a database that was moved are not the caller's fault, and may be over soon.
func TestAServerThatTurnsUsAway(t *testing.T) {
	t.Parallel()
	good := pgtest.URL(t)
	for name, change := range map[string]func(*url.URL){
		"no such database": func(u *url.URL) { u.Path = "/nowhere" },
		"wrong password":   func(u *url.URL) { u.User = url.UserPassword("nobody", "nothing") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed, err := url.Parse(good)
			if err != nil {
				t.Fatal(err)
			}
			change(changed)
			store := pgtest.NewStore(t, changed.String(), pgstore.Options{})
			_, err = store.GetUser(t.Context(), noSuchID)
			wantCode(t, err, domain.ErrUnavailable)
			wantCode(t, store.Ping(t.Context()), domain.ErrUnavailable)
		})
	}
}

func TestAStatementThatTakesTooLong(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 1})
	onSession(t, databaseURL, store, "set_config('statement_timeout', '20ms', false)")
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
		CREATE TRIGGER dawdle BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION dawdle()`)
	_, err := store.CreateUser(t.Context(), domain.NewUser{ID: noSuchID, Email: "a@b", PasswordHash: "x", Role: domain.RoleUser})
	wantCode(t, err, domain.ErrUnavailable)
	wantCauseCode(t, err, pgerrcode.QueryCanceled)
}

func TestALockThatIsNotGranted(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{MaxConns: 1})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	onSession(t, databaseURL, store, "set_config('lock_timeout', '20ms', false)")
	other := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{"BEGIN", "SELECT FROM users FOR UPDATE"} {
		if _, err := other.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err := store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{})
	wantCode(t, err, domain.ErrUnavailable)
	wantCauseCode(t, err, pgerrcode.LockNotAvailable)
}

func TestAReadOnlyDatabase(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	user := pgtest.User(t, pgtest.NewStore(t, databaseURL, pgstore.Options{}), pgtest.UserOpts{})
	alterDatabase(t, databaseURL, "default_transaction_read_only = on")
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{})
	_, err := store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{})
	wantCode(t, err, domain.ErrUnavailable)
	wantCauseCode(t, err, pgerrcode.ReadOnlySQLTransaction)
	if got, err := store.GetUser(t.Context(), user.ID); err != nil || got != user {
		t.Errorf("reading gives %+v, %v", got, err)
	}
}

func TestADeadlineThatPasses(t *testing.T) {
	t.Parallel()
	store := pgtest.NewStore(t, pgtest.URL(t), pgstore.Options{MaxConns: 1})
	err := store.InTx(t.Context(), func(domain.Store) error { // takes the only connection
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := store.GetUser(ctx, noSuchID)
		wantCode(t, err, domain.ErrUnavailable)
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// A client that goes away takes its query with it, which is not a failure of the database.
func TestACanceledContextCancelsTheQuery(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	store := pgtest.NewStore(t, databaseURL, pgstore.Options{ApplicationName: "canceled"})
	user := pgtest.User(t, store, pgtest.UserOpts{})
	other := pgtest.Connect(t, databaseURL)
	for _, sql := range []string{"BEGIN", "SELECT FROM users FOR UPDATE"} {
		if _, err := other.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := store.UpdateUser(ctx, user.ID, domain.UserUpdate{})
		failed <- err
	}()
	awaitLockWait(t, databaseURL, "canceled")
	cancel()
	err := <-failed
	if _, visible := errors.AsType[*domain.Error](err); visible || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the context was canceled", err)
	}
	pgtest.Await(t, databaseURL, "SELECT NOT ("+waitsForLock+")", "canceled") // the server has heard of it
	if _, err := store.GetUser(t.Context(), user.ID); err != nil {
		t.Errorf("the next query fails: %v", err)
	}
}

const waitsForLock = `EXISTS (SELECT FROM pg_stat_activity
	WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock')`

// awaitLockWait returns when a connection with this application's name waits for a lock.
func awaitLockWait(t *testing.T, databaseURL, application string) {
	t.Helper()
	pgtest.Await(t, databaseURL, "SELECT "+waitsForLock, application)
}

// onSession evaluates an expression on the one connection of a store.
func onSession(t *testing.T, databaseURL string, store *pgstore.Store, expression string) {
	t.Helper()
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION on_session() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN PERFORM `+expression+`; RETURN NULL; END $$;
		CREATE TRIGGER on_session AFTER UPDATE ON users EXECUTE FUNCTION on_session()`)
	if err := store.RehashUserPassword(t.Context(), noSuchID, "", ""); err != nil {
		t.Fatal(err)
	}
}

// alterDatabase changes a default of the connections to come.
func alterDatabase(t *testing.T, databaseURL, setting string) {
	t.Helper()
	name := pgtest.Value[string](t, databaseURL, "SELECT quote_ident(current_database())")
	pgtest.Exec(t, databaseURL, "ALTER DATABASE "+name+" SET "+setting)
}

func wantCode(t *testing.T, got error, want *domain.Error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v (%T), want %v", got, got, want)
	}
}

// wantServerError checks that an error is internal, and what the server said.
func wantServerError(t *testing.T, got error, code string) {
	t.Helper()
	if _, visible := errors.AsType[*domain.Error](got); visible {
		t.Errorf("got %v, want an internal error", got)
	}
	wantCauseCode(t, got, code)
}

func wantCauseCode(t *testing.T, got error, code string) {
	t.Helper()
	if pgErr, ok := errors.AsType[*pgconn.PgError](got); !ok || pgErr.Code != code {
		t.Errorf("got %v, want SQLSTATE %s as the cause", errors.Unwrap(got), code)
	}
}

// Whether it happened is unknown, but that is no reason to call it a failure of ours.
func TestAnAnswerThatIsLost(t *testing.T) {
	t.Parallel()
	for _, marker := range []string{"GetUser :one", "commit"} {
		t.Run(marker, func(t *testing.T) {
			t.Parallel()
			store := pgtest.NewStore(t, testdb.LoseAnswer(t, pgtest.URL(t), marker, 1), pgstore.Options{})
			defer store.Close() // it still tries to cancel the query, and the way to the server ends with the test
			err := store.InTx(t.Context(), func(tx domain.Store) error {
				_, err := tx.GetUser(t.Context(), noSuchID)
				if errors.Is(err, domain.ErrUserNotFound) {
					return nil
				}
				return err
			})
			wantCode(t, err, domain.ErrUnavailable)
		})
	}
}
