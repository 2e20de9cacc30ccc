// Package apitest starts the service for tests of its HTTP API, and sends requests to it. Programs
// do not link it.
package apitest

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strings"
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
	"example.com/plinth/kit/servertest"
	"example.com/plinth/kit/telemetry"
)

// Password is the password of all accounts.
const Password = "correct horse battery staple"

// jwtSecret signs the access tokens.
const jwtSecret = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

// Server is the API on a database of its own. Its clients validate every response.
type Server struct {
	*app.App // its services and chores

	T        testing.TB
	URL      string
	Metrics  *telemetry.Metrics // nil unless METRICS_ADDR is set
	Database string             // its URL
	HTTP     *http.Client
	Store    *pgstore.Store
	Logs     *servertest.Log
	Mails    *Mailbox // that jobs have sent
}

// Options configure a server; the zero value is for development.
type Options struct {
	Settings map[string]string // in addition to those of newConfig
	Database string            // of another server, or one that is unlike others; empty: a new one
	Store    func(domain.Store) domain.Store
	OnQuery  func(ctx context.Context, sql string, took time.Duration, err error)
	Ready    func(context.Context) ([]string, error)
	Timeout  time.Duration
}

// NewServer starts a server, which stops when the test ends. It fails the test if responses, logs
// or a journal has secrets.
func NewServer(t testing.TB, opts Options) *Server {
	t.Helper()
	database := opts.Database
	if database == "" {
		database = pgtest.URL(t)
	}
	store := pgtest.NewStore(t, database, pgstore.Options{OnQuery: opts.OnQuery})
	var rules domain.Store = store
	if opts.Store != nil {
		rules = opts.Store(store)
	}
	if opts.Ready == nil {
		opts.Ready = func(ctx context.Context) ([]string, error) { return nil, store.Ping(ctx) }
	}
	cfg := NewConfig(t, opts.Settings)
	logs := servertest.NewLog()
	logger := telemetry.NewLogger(logs, telemetry.LoggerOptions{Level: slog.LevelDebug})
	var metrics *telemetry.Metrics
	mails := newMailbox(t)
	assembled := build(t, httpapi.New, cfg, app.Options{Store: rules, Mailer: mails}, func(deps *httpapi.Dependencies, o *httpapi.Options) {
		deps.Health.Version, deps.Health.Ready, deps.Logger = "v0.0.0-test", opts.Ready, logger
		o.RequestTimeout, metrics = opts.Timeout, o.Metrics
	})
	t.Cleanup(func() { // after the server has stopped
		findLeaks(t, logs, database)
		pgtest.CheckSessions(t, database) // whatever a test was about
	})
	url := servertest.Serve(t, lifecycle.NewServer(assembled.Handler, logger), headguard.Listen)
	return &Server{
		T: t, App: assembled, URL: url, Metrics: metrics, Database: database, Store: store, Logs: logs, Mails: mails,
		HTTP: &http.Client{Transport: secrets.Transport(t, Contract.NewTransport(t, &http.Transport{})), Timeout: time.Minute},
	}
}

// Build assembles the service on a store, with settings changed before newHandler is called.
func Build(
	t testing.TB, newHandler func(httpapi.Dependencies, httpapi.Options) (http.Handler, error),
	cfg config.Config, store domain.Store, change func(*httpapi.Dependencies, *httpapi.Options),
) *app.App {
	t.Helper()
	return build(t, newHandler, cfg, app.Options{Store: store}, change)
}

func build(
	t testing.TB, newHandler func(httpapi.Dependencies, httpapi.Options) (http.Handler, error),
	cfg config.Config, options app.Options, change func(*httpapi.Dependencies, *httpapi.Options),
) *app.App {
	t.Helper()
	options.Log = io.Discard
	options.NewHandler = func(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error) {
		change(&deps, &options)
		return newHandler(deps, options)
	}
	assembled, err := app.Build(t.Context(), cfg, options)
	Must(t, err)
	t.Cleanup(func() { assembled.Close(t.Context()) })
	return assembled
}

// In returns the server for a subtest, which then fails with its fixtures.
func (s *Server) In(t testing.TB) *Server {
	t.Helper()
	sub := *s
	sub.T = t
	return &sub
}

const generous = "1000000/1s"

// NewConfig returns settings for development, with passwords that are cheap to hash and limits that
// no test reaches.
func NewConfig(t testing.TB, settings map[string]string) config.Config {
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
		"RATE_LIMIT_MAIL":            generous,
		"LOGIN_FAILURES_PER_ACCOUNT": "100",
		"LOGIN_FAILURES_PER_ADDRESS": "1000000",
	}
	maps.Copy(environ, settings)
	cfg, err := config.LoadFrom(environ, config.Options{})
	Must(t, err)
	return cfg
}

// Client returns the generated client; token may be empty.
func (s *Server) Client(token string) *apiclient.ClientWithResponses {
	s.T.Helper()
	client, err := apiclient.NewClientWithResponses(s.URL, apiclient.WithHTTPClient(s.HTTP),
		apiclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}))
	Must(s.T, err)
	return client
}

// Account is a registered user.
type Account struct {
	Email  string
	Tokens apiclient.TokenResponse
	*apiclient.ClientWithResponses
}

// Register creates a user with a new e-mail.
func (s *Server) Register() Account {
	s.T.Helper()
	email := NewEmail()
	response, err := s.Client("").RegisterUserWithResponse(s.T.Context(), apiclient.RegisterUserRequest{
		Email: email, Password: Password,
	})
	Must(s.T, err)
	if response.JSON201 == nil {
		s.T.Fatalf("registering: %s", response.Body)
	}
	return Account{email, *response.JSON201, s.Client(response.JSON201.AccessToken)}
}

// AccessToken returns the current one.
func (a Account) AccessToken() string { return a.Tokens.AccessToken }

// NewEmail returns an e-mail without an account.
func NewEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

// RegisterAdmin creates an administrator.
func (s *Server) RegisterAdmin() Account {
	s.T.Helper()
	admin := s.Register()
	role := domain.RoleAdmin
	_, err := s.Store.UpdateUser(s.T.Context(), s.User(admin).ID, domain.UserUpdate{Role: &role})
	Must(s.T, err)
	return admin
}

// User returns the row of an account.
func (s *Server) User(a Account) domain.User {
	s.T.Helper()
	user, err := s.Store.GetUserByEmail(s.T.Context(), a.Email)
	Must(s.T, err)
	return user
}

// Do sends a request that the generated client cannot make.
func (s *Server) Do(method, path string, header http.Header, body string) (*http.Response, string) {
	s.T.Helper()
	response, text := s.Send(s.T, Request{Method: method, Path: path, Header: header, Body: body})
	return response, string(text)
}

// JSONHeader returns the header of a request with a body.
func JSONHeader() http.Header { return http.Header{"Content-Type": {"application/json"}} }

// Must fails the test if err is not nil.
func Must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Want fails the test unless got is wanted; body is context for the message.
func Want[T comparable](t testing.TB, what string, got, wanted T, body []byte) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s is %v, want %v\n%s", what, got, wanted, body)
	}
}
