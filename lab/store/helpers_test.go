package store_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/db"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/migrator"
)

const waitsForLock = `EXISTS (SELECT FROM pg_stat_activity
	WHERE datname = current_database() AND application_name = $1 AND wait_event_type = 'Lock')`

// awaitLockWait waits until a connection with this application name waits for a lock.
func awaitLockWait(t *testing.T, databaseURL, application string) {
	t.Helper()
	pgtest.Await(t, databaseURL, "SELECT "+waitsForLock, application)
}

const noSuchID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"

// everyMethod calls each method of a store that uses the database, with zero arguments.
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

// newEvent returns an audit event with only the required fields.
func newEvent(t *testing.T) domain.NewAuditEvent {
	t.Helper()
	id, err := idgen.New(time.Now, rand.Reader).New()
	if err != nil {
		t.Fatal(err)
	}
	return domain.NewAuditEvent{ID: id, Event: domain.Event{Type: domain.EventLoginFailed}}
}

// ageAuditEvents adds an event for each age in days. Its detail is the age.
func ageAuditEvents(t *testing.T, databaseURL string, days ...int) {
	t.Helper()
	pgtest.Exec(t, databaseURL, `INSERT INTO audit_events (id, type, occurred_at, detail)
		SELECT '01JD8Z5V3K4N6P7Q8R9S0T1' || to_char(days, 'FM000'), 'authn_login_fail', now() - make_interval(days => days), days
		FROM unnest($1::int[]) AS days`, days)
}

func announcePruning(t *testing.T, store domain.Store, before time.Time) {
	t.Helper()
	event := newEvent(t)
	event.Type, event.Detail = domain.EventAuditPruned, before.UTC().Format(time.RFC3339)
	if err := store.RecordAuditEvents(t.Context(), event); err != nil {
		t.Fatal(err)
	}
}

// sessionID returns an id of a session; ids of higher numbers sort later.
func sessionID(number string) string { return strings.Repeat("0", 26-len(number)) + number }

func createSession(t *testing.T, store domain.Store, user domain.User, number string) domain.Session {
	t.Helper()
	session, err := store.CreateSession(t.Context(), domain.NewSession{
		ID: sessionID(number), UserID: user.ID, FamilyHash: familyOf(number), Lifetime: time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return session
}

// familyOf returns the hash of the family of a session.
func familyOf(number string) [32]byte { return sha256.Sum256([]byte(number)) }

// createToken adds the first token of a session, whose hash is its number.
func createToken(t *testing.T, store domain.Store, session domain.Session, number byte) [32]byte {
	t.Helper()
	hash := [32]byte{number}
	err := store.CreateRefreshToken(t.Context(), domain.NewRefreshToken{
		SessionID: session.ID, Hash: hash, Lifetime: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// grantTo migrates as the owner and grants the server its privileges.
func grantTo(t *testing.T, owner, server string) migrator.Granted {
	t.Helper()
	m, err := migrator.New(owner, db.Migrations(), migrator.Options{})
	noError(t, err)
	_, err = m.Up(t.Context())
	noError(t, err)
	granted, err := m.GrantTo(t.Context(), server, pgstore.Grants())
	noError(t, err)
	return granted
}

func parse(t *testing.T, databaseURL string) *url.URL {
	t.Helper()
	parsed, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func userOf(t *testing.T, databaseURL string) string {
	t.Helper()
	return parse(t, databaseURL).User.Username()
}
