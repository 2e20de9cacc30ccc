package lifecycle_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"example.com/plinth/kit/lifecycle"
)

func TestCheckHealth(t *testing.T) {
	t.Parallel()
	healthy := func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || r.URL.Path != "/health" {
			w.WriteHeader(http.StatusTeapot)
		}
	}
	sick := func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	for _, test := range []struct {
		host    string
		handler http.HandlerFunc
		want    string
	}{
		{"127.0.0.1", healthy, ""},
		{"localhost", healthy, ""},
		{"0.0.0.0", healthy, ""},
		{"::", healthy, ""},
		{"0.0.0.0", sick, "/health answers 503"},
	} {
		server := httptest.NewServer(test.handler)
		_, text, err := net.SplitHostPort(server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		port, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		err = lifecycle.CheckHealth(t.Context(), test.host, port, "/health")
		if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", test.host, err, test.want)
		}
		server.Close()
		if err := lifecycle.CheckHealth(t.Context(), test.host, port, "/health"); err == nil {
			t.Errorf("%s: no error without a server", test.host)
		}
	}
}
