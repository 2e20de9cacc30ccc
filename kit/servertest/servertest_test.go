package servertest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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
		"all is well": {func(r *recorder) { log.Await(r, "ready") }, ""},
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
