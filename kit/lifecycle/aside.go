package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"net/netip"
	"time"
)

// serveMetrics shows metrics on an address of their own, which is not for the public.
func serveMetrics(
	ctx context.Context, address string, show *instruments, onListening func(net.Addr),
) (stop func(), err error) {
	if show.metrics == nil {
		return func() {}, nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", show.metrics.Handler())
	return serveAside(ctx, address, "metrics", "METRICS_ADDR", mux, show.logger, onListening)
}

// serveProfiles shows profiles on an address of their own, to this machine only: they show what is in memory and cost time.
// kubectl port-forward and ssh -L count as this machine.
func serveProfiles(ctx context.Context, address string, logger *slog.Logger) (stop func(), err error) {
	if address == "" {
		return func() {}, nil
	}
	return serveAside(ctx, address, "profiles", "DEBUG_ADDR", profilesHandler(), logger, nil)
}

func profilesHandler() http.Handler {
	profiles := http.NewServeMux()
	profiles.HandleFunc("/debug/pprof/", pprof.Index)
	profiles.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	profiles.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiles.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiles.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return onlyLoopback(profiles)
}

// serveAside serves beside the API. stop waits until a request that is being answered is done, though not for long.
func serveAside(
	ctx context.Context, address, what, setting string, handler http.Handler, logger *slog.Logger, onListening func(net.Addr),
) (stop func(), err error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for %s: %w (choose another %s, or off?)", what, err, setting)
	}
	logger.InfoContext(ctx, "showing "+what, slog.String("address", listener.Addr().String())) //nolint:sloglint // one of two
	if onListening != nil {
		onListening(listener.Addr())
	}
	server := NewHTTPServer(handler, logger, HTTPServerOptions{})
	server.WriteTimeout = 0 // profiles take as long as they are told to
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("showing "+what, slog.Any("error", err)) //nolint:sloglint // one of two, and no request's
		}
	}()
	return func() {
		const patience = time.Second
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if server.Shutdown(bounded) != nil {
			_ = server.Close() // ends a profile that is being taken
		}
	}, nil
}

func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !peer.Addr().Unmap().IsLoopback() {
			http.Error(w, "profiles are for this machine only", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
