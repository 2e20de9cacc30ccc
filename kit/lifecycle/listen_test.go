package lifecycle_test

import (
	"log/slog"
	"net"
	"strings"
	"testing"

	"example.com/plinth/kit/lifecycle"
)

func TestListen(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, nil))
	listener, err := lifecycle.Listen(t.Context(), "127.0.0.1", 0, "PORT", logger, slog.String("version", "v1"))
	must(t, err)
	defer listener.Close() //nolint:errcheck // nothing was written
	want := "level=INFO msg=listening address=" + listener.Addr().String() + " version=v1\n"
	if !strings.HasSuffix(log.String(), want) {
		t.Errorf("logged is %s, want %s", &log, want)
	}
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		t.Fatal("no TCP address")
	}
	_, err = lifecycle.Listen(t.Context(), "127.0.0.1", address.Port, "PORT", logger)
	if err == nil || !strings.HasPrefix(err.Error(), "listening: ") || !strings.HasSuffix(err.Error(), "(choose another PORT?)") {
		t.Errorf("a taken port: got %v", err)
	}
}
