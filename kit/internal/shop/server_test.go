package shop_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/internal/gen/shopclient"
	"example.com/plinth/kit/internal/shop"
	"example.com/plinth/kit/internal/testapi"
)

var contract = contracttest.MustParse(shop.OpenAPI, contracttest.Options{Roles: []string{"user", "admin"}})

// TestMain fails unless the tests see each documented status of each operation.
func TestMain(m *testing.M) { os.Exit(contract.Main(m)) }

// server is the shop on a port of its own.
type server struct {
	url      string
	accounts *testapi.Accounts
	stop     func()       // closes Streams.Stopping
	http     *http.Client // checks each response against the contract
}

// account is an account with a session.
type account struct {
	token string
	*shopclient.ClientWithResponses
}

func newServer(t *testing.T) *server {
	t.Helper()
	return newServerWith(t, testapi.Options{}, time.Minute)
}

// newServerWith returns a server that closes connections without a request after idle.
func newServerWith(t *testing.T, options testapi.Options, idle time.Duration) *server {
	t.Helper()
	stopping := make(chan struct{})
	options.Streams.Check, options.Streams.Stopping = 10*time.Millisecond, stopping
	options.Now, options.Accounts = time.Now, &testapi.Accounts{}
	handler, err := shop.New(options)
	must(t, err)
	listening := httptest.NewUnstartedServer(handler)
	listening.Config.ReadHeaderTimeout, listening.Config.ReadTimeout = idle, idle
	listening.Start()
	t.Cleanup(listening.Close)
	client := &http.Client{
		Transport: contract.NewTransport(t, &http.Transport{}), Timeout: time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &server{listening.URL, options.Accounts, func() { close(stopping) }, client}
}

// register returns a new account.
func (s *server) register(t *testing.T, role string) account {
	t.Helper()
	token := s.accounts.Add(role)
	return account{token, s.client(t, token)}
}

func (s *server) client(t *testing.T, token string) *shopclient.ClientWithResponses {
	t.Helper()
	client, err := shopclient.NewClientWithResponses(
		s.url,
		shopclient.WithHTTPClient(s.http),
		shopclient.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if token != "" {
				r.Header.Set("Authorization", "Bearer "+token)
			}
			return nil
		}),
	)
	must(t, err)
	return client
}

// send sends a request that the generated client cannot send, and returns the response and its
// body.
func (s *server) send(t *testing.T, method, path string, header http.Header, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.url+path, body)
	must(t, err)
	for name, values := range header {
		r.Header[http.CanonicalHeaderKey(name)] = values
	}
	response, err := s.http.Do(r)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // already read
	text, err := io.ReadAll(response.Body)
	must(t, err)
	return response, string(text)
}

// header returns the header of a request with a body of this media type; empty for none.
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
