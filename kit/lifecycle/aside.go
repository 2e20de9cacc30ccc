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

// asideTimeout is how long a side listener waits for its last request.
const asideTimeout = time.Second

// Aside is a side listener, beside the one of the service and not for its clients.
type Aside struct {
	Name        string // what is shown, for the log: metrics
	Address     string // empty if off
	Setting     string // that holds Address, for the error
	Handler     http.Handler
	OnListening func(addr net.Addr) // nil if not needed
}

// ServeAside starts a side listener. stop closes it and waits for up to a second for a request that
// is in flight.
func ServeAside(ctx context.Context, aside Aside, logger *slog.Logger) (stop func(), err error) {
	if aside.Address == "" {
		return func() {}, nil
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", aside.Address)
	if err != nil {
		return nil, fmt.Errorf("listening for %s: %w (choose another %s, or off?)", aside.Name, err, aside.Setting)
	}
	address := slog.String("address", listener.Addr().String())
	logger.InfoContext(ctx, "showing "+aside.Name, address) //nolint:sloglint // few names
	if aside.OnListening != nil {
		aside.OnListening(listener.Addr())
	}
	server := NewServer(aside.Handler, logger)
	server.WriteTimeout = 0 // the request decides how long a profile takes
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			logger.Error("showing "+aside.Name, slog.Any("error", err)) //nolint:sloglint // few names, and no request
		}
	}()
	return func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), asideTimeout)
		defer cancel()
		if server.Shutdown(bounded) != nil {
			_ = server.Close() // ends a profile that is being recorded
		}
	}, nil
}

// ProfilesHandler shows profiles under /debug/pprof/, to clients on this machine only: profiles
// show memory and cost time. kubectl port-forward and ssh -L count as this machine.
func ProfilesHandler() http.Handler {
	profiles := http.NewServeMux()
	profiles.HandleFunc("/debug/pprof/", pprof.Index)
	profiles.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	profiles.HandleFunc("/debug/pprof/profile", pprof.Profile)
	profiles.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	profiles.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return onlyLoopback(profiles)
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
