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

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/telemetry"
)

// newMetrics returns the metrics of this process, nil if they are off.
func newMetrics(
	cfg config.Config, store *pgstore.Store, readiness *readiness, log *telemetry.Writer,
) *telemetry.Metrics {
	if cfg.MetricsAddr == "" {
		return nil
	}
	metrics := telemetry.NewMetrics(telemetry.MetricsOptions{
		Service: cfg.AppName, Version: Version(), Environment: string(cfg.Environment),
	})
	metrics.WatchPool(func() telemetry.PoolStats { return telemetry.PoolStats(store.PoolStats()) })
	metrics.WatchReadiness(func(ctx context.Context) error {
		_, err := readiness.check(ctx)
		return err
	})
	metrics.WatchLog(log)
	return metrics
}

// serveMetrics shows metrics and profiles on an address of their own, which is not for the public. stop waits until a
// scrape that is being answered is done, though not for long.
func serveMetrics(
	ctx context.Context, address string, metrics *telemetry.Metrics, logger *slog.Logger, onListening func(net.Addr),
) (stop func(), err error) {
	if metrics == nil {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listening for metrics: %w (choose another METRICS_ADDR, or off?)", err)
	}
	logger.InfoContext(ctx, "showing metrics", slog.String("address", listener.Addr().String()))
	if onListening != nil {
		onListening(listener.Addr())
	}
	server := NewHTTPServer(metricsHandler(metrics), logger, HTTPServerOptions{})
	server.WriteTimeout = 0 // profiles take as long as they are told to
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("showing metrics", slog.Any("error", err)) //nolint:sloglint // it is nobody's request
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
