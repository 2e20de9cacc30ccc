package load_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/lab/bench/load"
)

// serve starts a server and returns its address.
func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

func TestDo(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Retry-After", "2")
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path+" "+r.Header.Get("X-Name")+" "+string(body)) //nolint:gosec // G705: read by a test
	})
	conn, err := load.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()                                 //nolint:errcheck // a test
	for _, body := range []string{"", `{"a":1}`, ""} { // on one connection, which must be read completely
		answer, err := conn.Do(load.Request(http.MethodPost, "/things", body, "X-Name: value"))
		if err != nil {
			t.Fatal(err)
		}
		if want := "POST /things value " + body; answer.Status != http.StatusTeapot || string(answer.Body) != want || answer.RetryAfter != 2*time.Second {
			t.Errorf("got %d %q after %s, want %q", answer.Status, answer.Body, answer.RetryAfter, want)
		}
	}
}

func TestDoRejectsChunkedResponses(t *testing.T) {
	t.Parallel()
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		_ = http.NewResponseController(w).Flush()
		_, _ = io.WriteString(w, "in chunks")
	})
	conn, err := load.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test
	if answer, err := conn.Do(load.Request(http.MethodGet, "/", "")); err == nil {
		t.Errorf("got %d", answer.Status)
	}
}

func TestResultCountsAllResponses(t *testing.T) {
	t.Parallel()
	var served atomic.Int64
	address := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if served.Add(1)%2 == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	requests := [][]byte{load.Request(http.MethodGet, "/", ""), load.Request(http.MethodGet, "/", "")}
	for name, measure := range map[string]func() (load.Result, error){
		"closed": func() (load.Result, error) { return load.Closed(t.Context(), address, requests, 50*time.Millisecond) },
		"steady": func() (load.Result, error) {
			return load.Steady(t.Context(), address, requests, 200, 100*time.Millisecond)
		},
		"flood": func() (load.Result, error) {
			flooding, stop := context.WithTimeout(t.Context(), 200*time.Millisecond)
			defer stop()
			return load.Flood(flooding, address, requests, false)
		},
	} {
		served.Store(0)
		result, err := measure()
		if err != nil {
			t.Fatal(err)
		}
		total := result.Statuses[http.StatusOK] + result.Statuses[http.StatusServiceUnavailable]
		if n := int(served.Load()); n == 0 || result.Requests() != n || total != n || result.Failures != 0 {
			t.Errorf("%s: %d requests served, the result has %d, statuses %v", name, n, result.Requests(), result.Statuses)
		}
		if name == "steady" && result.Requests() != 20 {
			t.Errorf("steady: %d requests in 100 ms at 200/s, want 20", result.Requests())
		}
		if half, all := result.Quantile(0.5), result.Quantile(1); half <= 0 || all < half || result.Rate() <= 0 {
			t.Errorf("%s: median %s, maximum %s, %f per second", name, half, all, result.Rate())
		}
	}
}

func TestConnectionRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	address := server.Listener.Addr().String()
	server.Close()
	result, err := load.Closed(t.Context(), address, [][]byte{load.Request(http.MethodGet, "/", "")}, time.Second)
	if err == nil || result.Failures != 1 || result.Requests() != 0 || result.Quantile(0.5) != 0 {
		t.Errorf("got %+v, %v", result, err)
	}
}
