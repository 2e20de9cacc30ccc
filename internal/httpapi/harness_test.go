package httpapi_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/headguard"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/telemetry"
)

// password is good enough for every account in these tests.
const password = "correct horse battery staple"

// jwtSecret signs the access tokens in these tests.
const jwtSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// server is the real API on a database of its own. Its clients hold every response against the
// contract.
type server struct {
	*app.App // its services and chores

	t        testing.TB
	url      string
	metrics  *telemetry.Metrics // nil unless METRICS_ADDR is set
	database string             // its URL
	http     *http.Client
	store    *pgstore.Store
	logs     *logBuffer
}

// options change what a test's server is like; the zero value is like development.
type options struct {
	settings map[string]string // in addition to those of newConfig
	database string            // of another server, or one that is unlike others; empty: a new one
	store    func(domain.Store) domain.Store
	onQuery  func(ctx context.Context, sql string, took time.Duration, err error)
	ready    func(context.Context) ([]string, error)
	timeout  time.Duration
	http     lifecycle.ServerOptions
}

func newServer(t testing.TB, opts options) *server {
	t.Helper()
	database := opts.database
	if database == "" {
		database = pgtest.URL(t)
	}
	store, err := pgstore.Open(t.Context(), database, pgstore.Options{MaxConns: 4, OnQuery: opts.onQuery})
	must(t, err)
	t.Cleanup(store.Close)

	var rules domain.Store = store
	if opts.store != nil {
		rules = opts.store(store)
	}
	if opts.ready == nil {
		opts.ready = func(ctx context.Context) ([]string, error) { return nil, store.Ping(ctx) }
	}
	cfg := newConfig(t, opts.settings)
	logs := &logBuffer{}
	logger := telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelDebug})
	var metrics *telemetry.Metrics
	assembled := build(t, cfg, rules, func(deps *httpapi.Dependencies, o *httpapi.Options) {
		deps.Health.Version, deps.Health.Ready, deps.Logger = "v0.0.0-test", opts.ready, logger
		o.RequestTimeout, metrics = opts.timeout, o.Metrics
	})
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = lifecycle.NewServer(assembled.Handler, logger, opts.http)
	listening.Listener = headguard.Listen(listening.Listener)
	listening.Start()
	t.Cleanup(func() {
		listening.Close()
		findLeaks(t, logs, database)
		pgtest.CheckSessions(t, database) // whatever a test was about
	})
	return &server{
		t: t, App: assembled, url: listening.URL, metrics: metrics, database: database, store: store, logs: logs,
		http: &http.Client{Transport: leakFinder{t, contract.NewTransport(t, &http.Transport{})}, Timeout: time.Minute},
	}
}

// build assembles the service on a store, with settings changed before the handler is made.
func build(
	t testing.TB, cfg config.Config, store domain.Store, change func(*httpapi.Dependencies, *httpapi.Options),
) *app.App {
	t.Helper()
	return buildWith(t, httpapi.New, cfg, store, change)
}

// buildWith is build with another constructor of the handler.
func buildWith(
	t testing.TB, newHandler func(httpapi.Dependencies, httpapi.Options) (http.Handler, error),
	cfg config.Config, store domain.Store, change func(*httpapi.Dependencies, *httpapi.Options),
) *app.App {
	t.Helper()
	assembled, err := app.Build(t.Context(), cfg, app.Options{
		Log: io.Discard, Store: store,
		NewHandler: func(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error) {
			change(&deps, &options)
			return newHandler(deps, options)
		},
	})
	must(t, err)
	t.Cleanup(func() { assembled.Close(t.Context()) })
	return assembled
}

// in returns the server for a subtest, so that a failure of its fixtures is one of the subtest.
func (s *server) in(t testing.TB) *server {
	t.Helper()
	sub := *s
	sub.t = t
	return &sub
}

const generous = "1000000/1s"

// newConfig returns settings of development, with passwords that are cheap to hash and limits that
// nobody reaches.
func newConfig(t testing.TB, settings map[string]string) config.Config {
	t.Helper()
	environ := map[string]string{
		"ENVIRONMENT":                "development",
		"METRICS_ADDR":               "off",
		"DATABASE_URL":               "postgres://unused@localhost/unused",
		"JWT_SECRET":                 jwtSecret,
		"PASSWORD_HASH_MEMORY_KIB":   "64",
		"PASSWORD_HASH_ITERATIONS":   "1",
		"RATE_LIMIT_READ":            generous,
		"RATE_LIMIT_WRITE":           generous,
		"RATE_LIMIT_SESSION":         generous,
		"RATE_LIMIT_CREDENTIALS":     generous,
		"RATE_LIMIT_DISCLOSING":      generous,
		"LOGIN_FAILURES_PER_ACCOUNT": "100",
		"LOGIN_FAILURES_PER_ADDRESS": "1000000",
	}
	maps.Copy(environ, settings)
	cfg, err := config.LoadFrom(environ, config.Options{})
	must(t, err)
	return cfg
}

// client returns the generated client; token may be empty.
func (s *server) client(token string) *apiclient.ClientWithResponses {
	s.t.Helper()
	client, err := apiclient.NewClientWithResponses(s.url, apiclient.WithHTTPClient(s.http),
		apiclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}))
	must(s.t, err)
	return client
}

// account is a registered user.
type account struct {
	email  string
	tokens apiclient.TokenResponse
	*apiclient.ClientWithResponses
}

// register creates a user with an e-mail of their own.
func (s *server) register() account {
	s.t.Helper()
	email := newEmail()
	response, err := s.client("").RegisterUserWithResponse(s.t.Context(), apiclient.RegisterUserRequest{
		Email: email, Password: password,
	})
	must(s.t, err)
	if response.JSON201 == nil {
		s.t.Fatalf("registering: %s", response.Body)
	}
	return account{email, *response.JSON201, s.client(response.JSON201.AccessToken)}
}

func newEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

// registerAdmin creates an administrator.
func (s *server) registerAdmin() account {
	s.t.Helper()
	admin := s.register()
	role := domain.RoleAdmin
	_, err := s.store.UpdateUser(s.t.Context(), s.user(admin).ID, domain.UserUpdate{Role: &role})
	must(s.t, err)
	return admin
}

// user returns the row of an account.
func (s *server) user(a account) domain.User {
	s.t.Helper()
	user, err := s.store.GetUserByEmail(s.t.Context(), a.email)
	must(s.t, err)
	return user
}

// do sends a request that the generated client cannot make.
func (s *server) do(method, path string, header http.Header, body string) (*http.Response, string) {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	must(s.t, err)
	maps.Copy(request.Header, header)
	response, err := s.http.Do(request)
	must(s.t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(response.Body)
	must(s.t, err)
	return response, string(text)
}

// strictly sends a request to a handler, without a network between, and holds the answer against
// the contract.
func strictly(t *testing.T, handler http.Handler, r *http.Request) *http.Response {
	t.Helper()
	response, err := contract.NewTransport(t, direct{handler}).RoundTrip(r)
	must(t, err)
	return response
}

// direct is a transport to a handler.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// jsonHeader is what a request with a body needs.
func jsonHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// want fails unless got is what was wanted; body is shown for context.
func want[T comparable](t testing.TB, what string, got, wanted T, body []byte) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s is %v, want %v\n%s", what, got, wanted, body)
	}
}

// logBuffer collects what the server logs.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
