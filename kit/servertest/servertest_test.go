package servertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"example.com/plinth/kit/servertest"
)

func TestServerRunsUntilStopped(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, serve)
	s.Log.Await(t, "ready")
	if status, body := s.Get(t, http.DefaultClient, "/"); status != http.StatusNotFound || !strings.Contains(body, "404") {
		t.Errorf("got %d: %s", status, body)
	}
	address := strings.TrimPrefix(s.URL, "http://")
	if got := s.Log.Line(t, "ready")["address"]; got != address {
		t.Errorf("the log says %v, the URL %s", got, address)
	}
	if !servertest.Accepts(t, address) {
		t.Error("the server does not accept connections")
	}
	s.Stop()
	if err := s.Outcome(t); err != nil {
		t.Error(err)
	}
	if servertest.Accepts(t, address) {
		t.Error("the server accepts connections after its end")
	}
}

func TestServerStopsWithTheTest(t *testing.T) { //nolint:tparallel // the end of the subtest is awaited
	t.Parallel()
	var s *servertest.Server
	t.Run("a test", func(t *testing.T) {
		s = servertest.Start(t, serve)
	})
	if err := s.Outcome(t); err != nil {
		t.Error(err)
	}
}

func TestServeStopsWithTheTest(t *testing.T) { //nolint:tparallel // the end of the subtest is awaited
	t.Parallel()
	var address string
	t.Run("a test", func(t *testing.T) {
		server := &http.Server{Handler: http.NotFoundHandler()} //nolint:gosec // G112: for tests
		url := servertest.Serve(t, server, func(l net.Listener) net.Listener {
			address = l.Addr().String()
			return l
		})
		if response, _ := (servertest.Request{Path: "/"}).Send(t, http.DefaultClient, url); response.StatusCode != http.StatusNotFound {
			t.Errorf("status %d", response.StatusCode)
		}
	})
	if servertest.Accepts(t, address) {
		t.Error("the server accepts connections after the test")
	}
}

func TestForward(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, serve)
	from := servertest.UnusedAddress(t)
	if servertest.Accepts(t, from) {
		t.Fatalf("%s is in use", from)
	}
	servertest.Forward(t, from, strings.TrimPrefix(s.URL, "http://"))
	s.URL = "http://" + from
	if status, body := s.Get(t, http.DefaultClient, "/"); status != http.StatusNotFound {
		t.Errorf("got %d: %s", status, body)
	}
}

// recorder records the failure of a test instead of failing.
type recorder struct {
	testing.TB

	failure string
}

func (*recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) {
	r.failure = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// failureOf returns how a test fails.
func failureOf(t *testing.T, test func(*recorder)) string {
	t.Helper()
	r, ended := &recorder{TB: t}, make(chan struct{})
	go func() {
		defer close(ended)
		test(r)
	}()
	<-ended
	return r.failure
}

func TestFailures(t *testing.T) {
	t.Parallel()
	log := servertest.NewLog()
	_, _ = io.WriteString(log, "{\"msg\":\"ready\"}\nno JSON\n")
	for name, test := range map[string]struct {
		test func(*recorder)
		want string
	}{
		"the server does not start": {func(r *recorder) {
			servertest.Start(r, func(context.Context, io.Writer, func(net.Addr)) error { return errors.New("no port") })
		}, "no port"},
		"no line":     {func(r *recorder) { log.Line(r, "stopped") }, `"stopped"`},
		"not JSON":    {func(r *recorder) { log.Line(r, "no JSON") }, "no JSON"},
		"no message":  {func(r *recorder) { servertest.AwaitBriefly(r, log, "stopped") }, `"msg":"ready"`},
		"all is well": {func(r *recorder) { log.Await(r, "ready"); log.AwaitText(r, "no JSON") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := failureOf(t, test.test)
			if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

type account string

func (a account) AccessToken() string { return string(a) }

// echo responds with the request as text.
func echo(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		fmt.Fprintln(w, r.Method, r.URL.Path, r.ContentLength, r.Header.Get("Authorization"), //nolint:gosec // G705: a test
			r.Header.Values("Content-Type"), r.Header.Get("X-Forwarded-For"), string(body))
	}))
	t.Cleanup(server.Close)
	return server
}

func TestRequests(t *testing.T) {
	t.Parallel()
	server := echo(t)
	post := servertest.Request{Method: http.MethodPost, Path: "/things", Body: "text"}
	for _, test := range []struct {
		request servertest.Request
		want    string
	}{
		{post, "POST /things 4  []  text\n"},
		{post.As(account("token")).From("192.0.2.1"), "POST /things 4 Bearer token [] 192.0.2.1 text\n"},
		{post.Typed("text/plain").Typed("text/csv").InChunks(), "POST /things -1  [text/csv]  text\n"},
	} {
		if _, body := test.request.Send(t, server.Client(), server.URL); string(body) != test.want {
			t.Errorf("got %q, want %q", body, test.want)
		}
	}
	if post.Header != nil {
		t.Errorf("the first request was changed: %v", post.Header)
	}
}

// Errorf implements [testing.TB].
func (r *recorder) Errorf(format string, args ...any) { r.failure = fmt.Sprintf(format, args...) }

func TestSecretsAreFound(t *testing.T) {
	t.Parallel()
	server := echo(t)
	secrets := servertest.Secrets{
		Never: regexp.MustCompile("password"), Tokens: regexp.MustCompile(`token-\d`), Issuers: []string{"/login"},
		Public: func(path string) bool { return path == "/docs" },
	}
	for _, test := range []struct{ path, body, want string }{
		{"/things", "text", ""},
		{"/things", "a password", `POST /things tells "password"`},
		{"/things", "token-1", `POST /things tells "token-1"`},
		{"/login", "token-1", ""},
		{"/login", "a password", `POST /login tells "password"`},
		{"/docs", "a password", ""},
		{"/password", "text", ""},
	} {
		got := failureOf(t, func(r *recorder) {
			client := &http.Client{Transport: secrets.Transport(r, http.DefaultTransport)}
			request := servertest.Request{Method: http.MethodPost, Path: test.path, Body: test.body}
			if _, body := request.Send(t, client, server.URL); !strings.Contains(string(body), test.body) {
				t.Errorf("the body is %q", body)
			}
		})
		if got != test.want {
			t.Errorf("%s in %s: got %q, want %q", test.body, test.path, got, test.want)
		}
	}
	for text, want := range map[string]string{"text": "", "a password": `the log has "password"`, "token-1": `the log has "token-1"`} {
		if got := failureOf(t, func(r *recorder) { secrets.Check(r, "the log", text) }); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	found := failureOf(t, func(r *recorder) { servertest.CheckNone(r, "a secret text", []string{"none", "secret"}) })
	if !strings.Contains(found, `"secret" is told: …a secret text`) {
		t.Errorf("got %q", found)
	}
}

func TestComparable(t *testing.T) {
	t.Parallel()
	text := func(id, wait string) string {
		header := http.Header{"X-Request-Id": {id}, "Date": {id}, "Retry-After": {wait}}
		response := &http.Response{StatusCode: http.StatusTooManyRequests, Header: header}
		return servertest.Comparable(t, response, []byte(`{"request_id":"`+id+`"}`), 15)
	}
	first := text("id-1", "15")
	for wait, equal := range map[string]bool{"15": true, "14": true, "13": true, "12": false, "16": false} {
		if got := text("id-2", wait); (got == first) != equal {
			t.Errorf("Retry-After %s: got %s, first %s", wait, got, first)
		}
	}
	missing := failureOf(t, func(r *recorder) {
		response := &http.Response{Header: http.Header{"X-Request-Id": {"id-1"}}}
		servertest.Comparable(r, response, nil, 15)
	})
	if !strings.Contains(missing, "in 1 places") {
		t.Errorf("got %q", missing)
	}
}

func TestWithMember(t *testing.T) {
	t.Parallel()
	value := map[string]int{"a": 1, "b": 2}
	for replacement, want := range map[string]string{"null": `{"a":null,"b":2}`, "": `{"b":2}`, `"x"`: `{"a":"x","b":2}`} {
		if got := servertest.WithMember(t, value, "a", replacement); got != want {
			t.Errorf("with %q: got %s, want %s", replacement, got, want)
		}
	}
}
