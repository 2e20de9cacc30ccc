package lifecycle_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"example.com/plinth/kit/lifecycle"
)

func TestServerTimeouts(t *testing.T) {
	t.Parallel()
	server := lifecycle.NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for name, timeout := range map[string]struct{ got, want time.Duration }{
		"ReadHeaderTimeout": {server.ReadHeaderTimeout, 5 * time.Second},
		"ReadTimeout":       {server.ReadTimeout, 10 * time.Second},
		"WriteTimeout":      {server.WriteTimeout, 30 * time.Second},
		"IdleTimeout":       {server.IdleTimeout, time.Minute},
	} {
		if timeout.got != timeout.want {
			t.Errorf("%s is %s, want %s", name, timeout.got, timeout.want)
		}
	}
	if server.MaxHeaderBytes != 32<<10 {
		t.Errorf("MaxHeaderBytes is %d, want 32 KiB", server.MaxHeaderBytes)
	}
}
