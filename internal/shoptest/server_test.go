package shoptest_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/shopclient"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/internal/shoptest"
	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/lifecycle"
)

var contract = contracttest.MustParse(shoptest.OpenAPI, contracttest.Options{Roles: []string{"user", "admin"}})

// server is the shop, behind the real middleware and on a real database of accounts.
type server struct {
	url      string
	services domain.Services
	store    *pgstore.Store
	stop     func()       // ends streams, as a server that stops does
	http     *http.Client // holds every response against the shop's contract
}

// account is an account with a session.
type account struct {
	id    string
	token string
	*shopclient.ClientWithResponses
}

const password = "correct horse battery staple"

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerWith(t, lifecycle.ServerOptions{}, func(*httpapi.Options) {})
}

func newServerWith(t *testing.T, limits lifecycle.ServerOptions, change func(*httpapi.Options)) *server {
	t.Helper()
	store, err := pgstore.Open(t.Context(), pgtest.URL(t), pgstore.Options{MaxConns: 4})
	must(t, err)
	t.Cleanup(store.Close)
	cfg, err := config.LoadFrom(map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": "postgres://unused@localhost/unused", "JWT_SECRET": strings.Repeat("4c70a3b2", 8),
		"METRICS_ADDR": "off", "PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1", "RATE_LIMIT_ENABLED": "false", "CORS_ORIGINS": "https://shop.example",
	}, config.Options{})
	must(t, err)
	stopping := make(chan struct{})
	assembled, err := app.Build(t.Context(), cfg, app.Options{
		Log: io.Discard, Store: store,
		NewHandler: func(deps httpapi.Dependencies, options httpapi.Options) (http.Handler, error) {
			options.StreamCheck, options.Stopping = 10*time.Millisecond, stopping
			change(&options)
			return shoptest.NewHandler(deps, options)
		},
	})
	must(t, err)
	t.Cleanup(func() { assembled.Close(t.Context()) })
	listening := httptest.NewUnstartedServer(nil)
	listening.Config = lifecycle.NewServer(assembled.Handler, slog.New(slog.DiscardHandler), limits)
	listening.Start()
	t.Cleanup(listening.Close)
	judged := &http.Client{
		Transport: contract.NewTransport(t, &http.Transport{}), Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &server{listening.URL, assembled.Services, store, func() { close(stopping) }, judged}
}

// register returns a new account with this role.
func (s *server) register(t *testing.T, role domain.Role) account {
	t.Helper()
	email := strings.ToLower(rand.Text()) + "@example.com"
	tokens, err := s.services.Sessions.RegisterUser(t.Context(), domain.Registration{Email: email, Password: password}, domain.Client{})
	must(t, err)
	user, err := s.store.GetUserByEmail(t.Context(), email)
	must(t, err)
	if role != domain.RoleUser {
		_, err := s.store.UpdateUser(t.Context(), user.ID, domain.UserUpdate{Role: &role})
		must(t, err)
	}
	return account{user.ID, tokens.Access, s.client(t, tokens.Access)}
}

func (s *server) client(t *testing.T, token string) *shopclient.ClientWithResponses {
	t.Helper()
	client, err := shopclient.NewClientWithResponses(s.url, shopclient.WithHTTPClient(s.http), shopclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}))
	must(t, err)
	return client
}

// send sends a request that the generated client cannot make, and returns status, header and body.
func (s *server) send(t *testing.T, method, path string, header http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	must(t, err)
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	response, err := s.http.Do(r)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response, string(text)
}

// header is that of a request with a body of this media type; empty if there is none.
func (a account) header(mediaType string) http.Header {
	header := http.Header{"Authorization": {"Bearer " + a.token}}
	if mediaType != "" {
		header.Set("Content-Type", mediaType)
	}
	return header
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func want[T comparable](t testing.TB, what string, got, wanted T, more ...any) {
	t.Helper()
	if got != wanted {
		t.Fatalf("%s is %v, want %v %s", what, got, wanted, more)
	}
}
