package pgstore_test

import (
	"context"
	"errors"
	"net"
	"reflect"
	"testing"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
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
		"GetUser": {
			func() error { _, err := store.GetUser(ctx, noSuchID); return err },
			domain.ErrUserNotFound,
		},
		"GetUserByEmail": {
			func() error { _, err := store.GetUserByEmail(ctx, "x@y"); return err },
			domain.ErrUserNotFound,
		},
		"LockUser": {
			func() error { _, err := store.LockUser(ctx, noSuchID); return err },
			domain.ErrUserNotFound,
		},
		"UpdateUser": {func() error { _, err := store.UpdateUser(ctx, noSuchID, domain.UserUpdate{}); return err }, domain.ErrUserNotFound},
		"GetActor": {
			func() error { _, err := store.GetActor(ctx, noSuchID, user.ID); return err },
			domain.ErrInvalidToken,
		},
		"LockSessionOfRefreshToken": {func() error { _, err := store.LockSessionOfRefreshToken(ctx, [32]byte{}, [32]byte{}); return err }, domain.ErrInvalidRefreshToken},
		"GetRefreshToken":           {func() error { _, err := store.GetRefreshToken(ctx, [32]byte{}, 0); return err }, domain.ErrInvalidRefreshToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, test.call(), test.want)
		})
	}
}

func TestUniqueViolationsAreNamedByConstraint(t *testing.T) {
	t.Parallel()
	store := pgtest.New(t)
	first := pgtest.User(t, store, pgtest.UserOpts{Email: "ada@example.com"})
	second := pgtest.User(t, store, pgtest.UserOpts{})
	taken := "ADA@EXAMPLE.COM"
	_, err := store.CreateUser(t.Context(), domain.NewUser{
		ID: noSuchID, Email: taken, PasswordHash: "x",
		Role: domain.RoleUser,
	})
	wantCode(t, err, domain.ErrEmailTaken)
	_, err = store.UpdateUser(t.Context(), second.ID, domain.UserUpdate{Email: &taken})
	wantCode(t, err, domain.ErrEmailTaken)

	_, err = store.CreateUser(t.Context(), domain.NewUser{
		ID: first.ID, Email: "new@example.com", PasswordHash: "x",
		Role: domain.RoleUser,
	})
	wantServerError(t, err, pgerrcode.UniqueViolation) // of the primary key, which is a bug
}

// A method without translate would return an internal error.
func TestUnreachableServerIsUnavailable(t *testing.T) {
	t.Parallel()
	address := unusedAddress(t)
	for name, call := range everyMethod(pgtest.NewStore(t, "postgres://u:p@"+address+"/d", pgstore.Options{})) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantCode(t, call(t.Context()), domain.ErrUnavailable)
		})
	}
}

// unusedAddress returns an address of this machine without a listener.
func unusedAddress(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // unused
	return listener.Addr().String()
}

// everyMethod calls each method of a store that uses the database, with zero arguments.
func everyMethod(store *pgstore.Store) map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{
		"Ping":          store.Ping,
		"RefusesWrites": func(ctx context.Context) error { _, err := store.RefusesWrites(ctx); return err },
		"Now":           func(ctx context.Context) error { _, err := store.Now(ctx); return err },
		"InTx": func(ctx context.Context) error {
			return store.InTx(ctx, func(domain.Store) error { return nil })
		},
		"EnqueueJob": func(ctx context.Context) error { // only in a transaction
			return store.InTx(ctx, func(tx domain.Store) error { return tx.EnqueueJob(ctx, greet{"Ada"}) })
		},
	}
	for method := range reflect.TypeFor[domain.Store]().Methods() {
		if calls[method.Name] == nil && method.Name != "EnqueueJob" { // which works in InTx only
			calls[method.Name] = func(ctx context.Context) error { return callWithNothing(ctx, store, method) }
		}
	}
	return calls
}

// callWithNothing calls a method with a context and zero values, and returns its error.
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

func wantCode(t *testing.T, got error, want *domain.Error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v (%T), want %v", got, got, want)
	}
}

// wantServerError checks that an error is internal, and its SQLSTATE.
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
