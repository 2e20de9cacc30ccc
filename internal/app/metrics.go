package app

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

	"example.com/plinth/internal/telemetry"
)

// serveMetrics shows metrics and profiles on an address of their own, which is not for the public. stop waits until a
// scrape that is being answered is done, though not for long.
func serveMetrics(
	ctx context.Context, address string, show *instruments, onListening func(net.Addr),
) (stop func(), err error) {
	if show.metrics == nil {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics: %w (choose another METRICS_ADDR, or off?)", err)
	}
	show.logger.InfoContext(ctx, "showing metrics", slog.String("address", listener.Addr().String()))
	if onListening != nil {
		onListening(listener.Addr())
	}
	server := NewHTTPServer(metricsHandler(show.metrics), show.logger, HTTPServerOptions{})
	server.WriteTimeout = 0 // profiles take as long as they are told to
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			show.logger.Error("showing metrics", slog.Any("error", err)) //nolint:sloglint // it is nobody's request
		}
	}()
	return func() {
		const patience = time.Second
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
		defer cancel()
		if server.Shutdown(bounded) != nil {
			_ = server.Close() // ends the profile that somebody is taking
		}
	}, nil
}

// metricsHandler serves /metrics to whoever reaches it, and profiles to this machine only: they show what is in memory
// and cost time. kubectl port-forward and ssh -L count as this machine.
func metricsHandler(metrics *telemetry.Metrics) http.Handler {
	profiles := http.NewServeMux()
	profiles.HandleFunc("/debug/pprof/", pprof.Index)
	profiles.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	profiles.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiles.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiles.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", metrics.Handler())
	mux.Handle("/debug/pprof/", onlyLoopback(profiles))
	return mux
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
