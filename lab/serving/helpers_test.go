package serving_test

import (
	"context"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/contracttest"
	"example.com/plinth/kit/servertest"
)

// settings returns a Config for a server on a free port of this machine.
func settings(t *testing.T, databaseURL string, changes map[string]string) config.Config {
	t.Helper()
	environ := map[string]string{
		"ENVIRONMENT":              "development",
		"PORT":                     "0",
		"DATABASE_URL":             databaseURL,
		"JWT_SECRET":               "4c70a3b2f5e8419d8a6b0c1d2e3f4a5b",
		"PASSWORD_HASH_MEMORY_KIB": "64",
		"PASSWORD_HASH_ITERATIONS": "1",
		"DATABASE_POOL_SIZE":       "1",
		"DATABASE_MAX_OVERFLOW":    "3",
	}
	maps.Copy(environ, changes)
	for name, value := range environ {
		if value == "" {
			delete(environ, name)
		}
	}
	cfg, err := config.LoadFrom(environ, config.Options{})
	must(t, err)
	return cfg
}

// server is app.Run in the background.
type server struct {
	*servertest.Server

	metrics string // the base URL of its metrics, empty without
}

// start runs a server and returns when it listens. The server stops when the test ends.
func start(t *testing.T, cfg config.Config) *server {
	t.Helper()
	s := &server{}
	s.Server = servertest.Start(t, func(ctx context.Context, log io.Writer, onListening func(net.Addr)) error {
		return app.Run(ctx, cfg, app.Options{
			Log: log, OnListening: onListening,
			OnMetrics: func(addr net.Addr) { s.metrics = "http://" + addr.String() },
		})
	})
	return s
}

// isListening reports whether the server accepts connections.
func (s *server) isListening(t *testing.T) bool {
	t.Helper()
	return servertest.Accepts(t, strings.TrimPrefix(s.URL, "http://"))
}

// endsConnections reports whether a response ends its connection.
func (s *server) endsConnections(t *testing.T) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/health", http.NoBody)
	must(t, err)
	response, err := strictly(t).Do(request)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was only read from
	return response.Close
}

// get returns the status and the body of a response.
func (s *server) get(t *testing.T, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, http.NoBody)
	must(t, err)
	return answer(t, request)
}

// getMetrics requests the metrics address, which is not in the contract.
func (s *server) getMetrics(t *testing.T, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.metrics+path, http.NoBody)
	must(t, err)
	return servertest.Do(t, http.DefaultClient, request)
}

// register sends a registration.
func (s *server) register(t *testing.T, email string) (int, string) {
	t.Helper()
	return s.post(t, "/api/v1/auth/register", `{"email":"`+email+`","password":"correct horse battery staple"}`)
}

// post sends a JSON body.
func (s *server) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	return answer(t, request)
}

var contract = contracttest.MustParse(
	apicontract.OpenAPI,
	contracttest.Options{Pages: []string{"/api/openapi.json", "/api/docs"}},
)

// strictly returns a client that checks each response against the contract.
func strictly(t *testing.T) *http.Client {
	t.Helper()
	return &http.Client{Transport: contract.NewTransport(t, nil)}
}

func answer(t *testing.T, request *http.Request) (int, string) {
	t.Helper()
	return servertest.Do(t, strictly(t), request)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
