package lifecycle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/plinth/kit/connlimit"
	"example.com/plinth/kit/headguard"
)

// Limits of a connection. The zero values of net/http mean no limit.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 32 << 10
	maxConnections    = 2048
)

// DrainTimeout is how long [Serve] waits for requests in flight. No request may take longer.
const DrainTimeout = 20 * time.Second

// NewServer returns a server for handler with timeouts and a bound for the size of headers.
func NewServer(handler http.Handler, logger *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// The handler responds to OPTIONS *, too, and ends the connection after a request without a
		// length; see headguard.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // broken connections of clients
	}
}

// ServeOptions change how [Serve] accepts connections and stops; the zero value works.
type ServeOptions struct {
	MaxConnections int           // 0 means 2048
	ShutdownDelay  time.Duration // between not ready and closing the listener, for load balancers to notice
}

// Serve serves handler on listener until ctx ends. Then readiness reports not ready for
// options.ShutdownDelay, the listener closes, and Serve returns when the requests in flight have
// ended, at most [DrainTimeout] later. It refuses ambiguous request heads (see headguard) and
// closes idle connections to make room for new ones (see connlimit). Call it once for each
// readiness.
func Serve(
	ctx context.Context, listener net.Listener, handler http.Handler, readiness *Readiness, logger *slog.Logger,
	options ServeOptions,
) error {
	server := NewServer(closeWhileDraining(&readiness.draining, handler), logger)
	limit := connlimit.New(cmp.Or(options.MaxConnections, maxConnections))
	server.ConnState = limit.ConnState
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(limit.Listen(headguard.Listen(listener))) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}

	readiness.Drain()
	delay := options.ShutdownDelay
	if !readiness.started.Load() { // no load balancer sends requests yet
		delay = 0
	}
	background := context.WithoutCancel(ctx)
	logger.InfoContext(background, "draining", slog.Duration("delay", delay))
	time.Sleep(delay)
	close(readiness.stopping)
	bounded, cancel := context.WithTimeout(background, DrainTimeout)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		return fmt.Errorf("finishing requests in flight: %w", errors.Join(err, server.Close()))
	}
	return nil
}

// closeWhileDraining disables keep-alive while draining is true. Otherwise the server could close a
// connection just when a proxy sends the next request on it, and the proxy could not tell whether
// that request was processed.
func closeWhileDraining(draining *atomic.Bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
