package lifecycle_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// TestTheServerIsBounded holds what a client may take its time for, and how much it may say before anybody looks: Go's own
// defaults are no bounds at all. What they do is tested on sockets, in internal/httpapi, with shorter ones.
func TestTheServerIsBounded(t *testing.T) {
	t.Parallel()
	server := app.NewHTTPServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler), app.HTTPServerOptions{})
	for name, bound := range map[string]struct{ got, want time.Duration }{
		"the head":                 {server.ReadHeaderTimeout, 5 * time.Second},
		"the whole request":        {server.ReadTimeout, 10 * time.Second},
		"the answer":               {server.WriteTimeout, 30 * time.Second},
		"the next request to come": {server.IdleTimeout, time.Minute},
	} {
		if bound.got != bound.want {
			t.Errorf("%s may take %s, want %s", name, bound.got, bound.want)
		}
	}
	if server.MaxHeaderBytes != 32<<10 {
		t.Errorf("a head may have %d bytes, want 32 KiB", server.MaxHeaderBytes)
	}
}
