package plinth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	plinth "example.com/plinth/clients/go"
	"example.com/plinth/gen/apiclient"
	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/contracttest"
)

const password = "correct horse battery staple"

// startServer runs the real server and returns its URL.
func startServer(t *testing.T) string {
	t.Helper()
	return startServerWith(t, nil)
}

// startServerWith runs the real server with a mailer; nil keeps mails in memory.
func startServerWith(t *testing.T, mailer domain.Mailer) string {
	t.Helper()
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "PORT": "0", "JWT_SECRET": strings.Repeat("4c70a3b2", 8),
		"DATABASE_URL": pgtest.URL(t), "DATABASE_POOL_SIZE": "1", "DATABASE_MAX_OVERFLOW": "3",
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1",
	}, config.Options{})
	must(t, err)
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	listening, ended := make(chan string, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, cfg, app.Options{
			Log: io.Discard, Mailer: mailer, OnListening: func(addr net.Addr) { listening <- addr.String() },
		})
	}()
	select {
	case address := <-listening:
		t.Cleanup(func() {
			stop()
			must(t, <-ended)
		})
		return "http://" + address
	case err := <-ended:
		stop()
		t.Fatalf("the server ended with %v", err)
		return ""
	}
}

var contract = contracttest.MustParse(apicontract.OpenAPI, contracttest.Options{})

// loggedIn returns a client with a session of a new account.
func loggedIn(t *testing.T, url string, options plinth.Options) *plinth.Client {
	t.Helper()
	client, err := plinth.New(url, options)
	must(t, err)
	must(t, client.Register(t.Context(), newEmail(), password, "Ada"))
	return client
}

func newEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSessionLifecycle(t *testing.T) {
	t.Parallel()
	url := startServer(t)
	store := &plinth.MemoryTokens{}
	client, err := plinth.New(url, plinth.Options{Tokens: store})
	must(t, err)
	email := newEmail()
	must(t, client.Register(t.Context(), email, password, "Ada"))
	me, err := client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	if me.JSON200.Email != email || *me.JSON200.Name != "Ada" {
		t.Errorf("got user %+v", me.JSON200)
	}
	must(t, client.Logout(t.Context()))
	must(t, client.Logout(t.Context())) // idempotent
	if tokens, _ := store.Load(t.Context()); tokens != (plinth.Tokens{Device: tokens.Device}) {
		t.Error("logout keeps tokens")
	}
	_, err = client.GetCurrentUserWithResponse(t.Context())
	if !plinth.IsProblem(err, apiclient.ProblemCodeUnauthenticated) {
		t.Errorf("call after logout: %v", err)
	}
	must(t, client.Login(t.Context(), strings.ToUpper(email), password))
	_, err = client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
}

func TestErrorResponsesAreProblems(t *testing.T) {
	t.Parallel()
	client := loggedIn(t, startServer(t), plinth.Options{})
	err := client.Login(t.Context(), newEmail(), password)
	problem, ok := errors.AsType[*plinth.Problem](err)
	if !ok || problem.Code != apiclient.ProblemCodeInvalidCredentials ||
		problem.Status != http.StatusUnauthorized || problem.RequestID == "" {
		t.Errorf("login with unknown credentials: %v", err)
	}
	err = client.Register(t.Context(), "no address", "2 short", "")
	const want = "[body/email: invalid_format]"
	if !plinth.IsProblem(err, apiclient.ProblemCodeValidationFailed) || !strings.Contains(err.Error(), want) {
		t.Errorf("invalid registration: %v, want %s", err, want)
	}
	_, err = client.GetUserWithResponse(t.Context(), "01JD8Z5V3K4N6P7Q8R9S0T1V2W")
	if !plinth.IsProblem(err, apiclient.ProblemCodeForbidden) ||
		plinth.IsProblem(err, apiclient.ProblemCodeUserNotFound) {
		t.Errorf("account of another user: %v", err)
	}
	if plinth.IsProblem(io.EOF, "") || plinth.IsProblem(nil, "") {
		t.Error("IsProblem reports true for errors that are not problems")
	}
}

// failingStore fails to load tokens.
type failingStore struct{ plinth.MemoryTokens }

var errStore = errors.New("store failed")

func (*failingStore) Load(context.Context) (plinth.Tokens, error) { return plinth.Tokens{}, errStore }

func TestStoreErrorsAreReturned(t *testing.T) {
	t.Parallel()
	client, err := plinth.New(startServer(t), plinth.Options{Tokens: &failingStore{}})
	must(t, err)
	if _, err := client.GetCurrentUserWithResponse(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("call: %v", err)
	}
	if err := client.Logout(t.Context()); !errors.Is(err, errStore) {
		t.Errorf("logout: %v", err)
	}
}

// kit/clientkit tests the transport; this test checks that New uses it.
func TestOptionsReachTransport(t *testing.T) {
	t.Parallel()
	calls := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	}))
	t.Cleanup(server.Close)
	get := func(options plinth.Options) (*apiclient.GetHealthResponse, error) {
		calls.Store(0)
		client, err := plinth.New(server.URL, options)
		must(t, err)
		return client.GetHealthWithResponse(t.Context())
	}
	response, err := get(plinth.Options{})
	must(t, err)
	if response.StatusCode() != http.StatusSeeOther || calls.Load() != 2 {
		t.Errorf("status %d after %d calls, want 303 after a retry", response.StatusCode(), calls.Load())
	}
	_, err = get(plinth.Options{Retries: -1})
	if problem, ok := errors.AsType[*plinth.Problem](err); !ok || problem.Status != http.StatusServiceUnavailable {
		t.Errorf("without retries: %v", err)
	}
	errChecked := errors.New("CheckRedirect called")
	follows := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errChecked }}
	if _, err := get(plinth.Options{HTTPClient: follows}); !errors.Is(err, errChecked) {
		t.Errorf("client with a CheckRedirect: %v", err)
	}
}

// TestUnknownValuesAreAccepted calls an API whose responses have values and members that the
// contract does not declare.
func TestUnknownValuesAreAccepted(t *testing.T) {
	t.Parallel()
	answers := map[string]string{
		"/api/v1/users/me":     `{"id": "1", "role": "auditor", "badge": {"color": "red"}}`,
		"/api/v1/audit-events": `{"items": [{"id": "1", "type": "authn_passkey_added", "device": "key"}], "next_cursor": null, "total": 1}`, // scaffold:only audit
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer, ok := answers[r.URL.Path]; ok {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, answer)
			return
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusConflict)
		_, _ = io.WriteString(w, `{"code": "moon_is_full", "status": 409, "title": "Moon is full", "detail": "Wait.", "moon": 1}`)
	}))
	t.Cleanup(server.Close)
	client, err := plinth.New(server.URL, plinth.Options{Tokens: &plinth.MemoryTokens{}})
	must(t, err)

	user, err := client.GetCurrentUserWithResponse(t.Context())
	must(t, err)
	if user.JSON200.Role != "auditor" {
		t.Errorf("the role is %q", user.JSON200.Role)
	}
	// scaffold:begin audit
	events, err := client.ListAuditEventsWithResponse(t.Context(), &apiclient.ListAuditEventsParams{})
	must(t, err)
	if events.JSON200.Items[0].Type != "authn_passkey_added" {
		t.Errorf("the event is %v", events.JSON200.Items[0])
	}
	// scaffold:end audit
	if _, err := client.GetHealthWithResponse(t.Context()); !plinth.IsProblem(err, "moon_is_full") {
		t.Errorf("the problem is %v", err)
	}
}
