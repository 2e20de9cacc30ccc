package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/contracttest"
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
	url     string
	metrics string // the base URL of its metrics, empty without
	log     *logLines
	stop    context.CancelFunc // starts the orderly stop
	done    chan error         // what Run returns
}

// start runs a server and returns when it listens. The server stops when the test ends.
func start(t *testing.T, cfg config.Config) *server {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	s := &server{log: newLogLines(), stop: stop, done: make(chan error, 1)}
	listening, stopped := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(stopped)
		s.done <- app.Run(ctx, cfg, app.Options{
			Log: s.log, OnListening: func(addr net.Addr) { listening <- addr.String() },
			ChoreInterval: 10 * time.Millisecond,
			OnMetrics:     func(addr net.Addr) { s.metrics = "http://" + addr.String() },
		})
	}()
	t.Cleanup(func() {
		stop()
		<-stopped
	})
	select {
	case address := <-listening:
		s.url = "http://" + address
	case err := <-s.done:
		t.Fatalf("the server stopped with %v", err)
	}
	return s
}

// outcome waits for Run and returns its error.
func (s *server) outcome(t *testing.T) error {
	t.Helper()
	select {
	case err := <-s.done:
		return err
	case <-time.After(time.Minute):
		t.Fatal("Run does not return")
		return nil
	}
}

// isListening reports whether the server accepts connections.
func (s *server) isListening(t *testing.T) bool {
	t.Helper()
	return accepts(t, strings.TrimPrefix(s.url, "http://"))
}

// accepts reports whether an address accepts connections.
func accepts(t *testing.T, address string) bool {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// endsConnections reports whether a response ends its connection.
func (s *server) endsConnections(t *testing.T) bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/health", http.NoBody)
	must(t, err)
	response, err := strictly(t).Do(request)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was only read from
	return response.Close
}

// get returns the status and the body of a response.
func (s *server) get(t *testing.T, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, http.NoBody)
	must(t, err)
	return answer(t, request)
}

// getMetrics requests the metrics address, which is not in the contract.
func (s *server) getMetrics(t *testing.T, path string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.metrics+path, http.NoBody)
	must(t, err)
	return do(t, http.DefaultClient, request)
}

// register sends a registration.
func (s *server) register(t *testing.T, email string) (int, string) {
	t.Helper()
	return s.post(t, "/api/v1/auth/register", `{"email":"`+email+`","password":"correct horse battery staple"}`)
}

// post sends a JSON body.
func (s *server) post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
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
	return do(t, strictly(t), request)
}

func do(t *testing.T, client *http.Client, request *http.Request) (int, string) {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Error(err)
		return 0, ""
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return response.StatusCode, string(body)
}

// logLines is a log that tests can wait for.
type logLines struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written *sync.Cond
}

func newLogLines() *logLines {
	l := &logLines{}
	l.written = sync.NewCond(&l.mu)
	return l
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.written.Broadcast()
	return l.text.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// line returns the members of the first line that contains a text.
func (l *logLines) line(t *testing.T, text string) map[string]any {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, text) {
			var members map[string]any
			must(t, json.Unmarshal([]byte(line), &members))
			return members
		}
	}
	t.Fatalf("no line of the log contains %q", text)
	return nil
}

// await waits until the log contains a message.
func (l *logLines) await(t *testing.T, message string) {
	t.Helper()
	timedOut := false
	timer := time.AfterFunc(time.Minute, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		timedOut = true
		l.written.Broadcast()
	})
	defer timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for !strings.Contains(l.text.String(), `"msg":"`+message+`"`) {
		if timedOut {
			t.Fatalf("%q is not in the log:\n%s", message, l.text.String())
		}
		l.written.Wait()
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
