package lifecycle_test

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"example.com/plinth/kit/lifecycle"
)

func TestServeAside(t *testing.T) {
	t.Parallel()
	var address string
	aside := lifecycle.Aside{
		Name: "metrics", Address: "127.0.0.1:0", Setting: "METRICS_ADDR", Handler: http.NotFoundHandler(),
		OnListening: func(addr net.Addr) { address = addr.String() },
	}
	stop, err := lifecycle.ServeAside(t.Context(), aside, slog.New(slog.DiscardHandler))
	must(t, err)
	if status := get(t, "http://"+address); status != http.StatusNotFound {
		t.Errorf("status %d, want 404", status)
	}
	aside.Address, aside.OnListening = address, nil
	_, err = lifecycle.ServeAside(t.Context(), aside, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "METRICS_ADDR") {
		t.Errorf("a taken address: got %v", err)
	}
	stop()
	_, err = lifecycle.ServeAside(t.Context(), lifecycle.Aside{}, slog.New(slog.DiscardHandler))
	must(t, err)
	if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", address); err == nil {
		_ = conn.Close()
		t.Error("the address is open after stop")
	}
}

func TestProfilesAreForThisMachineOnly(t *testing.T) {
	t.Parallel()
	handler := lifecycle.ProfilesHandler()
	profiles := []string{
		"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline", "/debug/pprof/symbol",
		"/debug/pprof/profile?seconds=1", "/debug/pprof/trace?seconds=1",
	}
	for peer, allowed := range map[string]bool{
		"127.0.0.1:4711": true, "[::1]:4711": true, "[::ffff:127.0.0.1]:4711": true,
		"10.1.2.3:4711": false, "[2001:db8::1]:4711": false, "nonsense": false,
	} {
		for _, path := range profiles {
			if allowed && strings.Contains(path, "seconds") {
				continue // slow
			}
			request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			request.RemoteAddr = peer
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			want := http.StatusForbidden
			if allowed {
				want = http.StatusOK
			}
			if recorder.Code != want {
				t.Errorf("%s from %s: status %d, want %d", path, peer, recorder.Code, want)
			}
		}
	}
}
