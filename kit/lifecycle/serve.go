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

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/connlimit"
	"example.com/plinth/kit/headguard"
)

// What a client may take its time for. Go's own defaults are no limits at all.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	writeTimeout      = 30 * time.Second
	idleTimeout       = 60 * time.Second
	maxHeaderBytes    = 32 << 10
	// drainTimeout is more than any request may take.
	drainTimeout = 20 * time.Second
)

// HTTPServerOptions shorten what a client may take its time for; 0 means the default.
type HTTPServerOptions struct {
	ReadHeaderTimeout time.Duration // for the request line and the headers
	ReadTimeout       time.Duration // for the whole request
}

// NewHTTPServer returns the server that handler runs in, bounded in time and size against clients that are slow or loud.
func NewHTTPServer(handler http.Handler, logger *slog.Logger, options HTTPServerOptions) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: cmp.Or(options.ReadHeaderTimeout, readHeaderTimeout),
		ReadTimeout:       cmp.Or(options.ReadTimeout, readTimeout),
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		// OPTIONS * is for the handler too, which ends the connection after a request without a length; see headguard.
		DisableGeneralOptionsHandler: true,

		ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug), // clients' broken connections
	}
}

// serve answers requests until ctx ends, and then until those in flight are answered.
func serve(
	ctx context.Context, cfg config.Config, listener net.Listener, handler http.Handler, readiness *readiness,
	logger *slog.Logger,
) error {
	server := NewHTTPServer(partingWhile(&readiness.draining, handler), logger, HTTPServerOptions{})
	limit := connlimit.New(cfg.MaxConnections)
	server.ConnState = limit.ConnState
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(limit.Listen(headguard.Listen(listener))) }()

	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}

	// First say so, then wait for load balancers to hear it, then close. One that was never ready gets no traffic.
	readiness.drain()
	delay := cfg.ShutdownDelay
	if !readiness.started.Load() {
		delay = 0
	}
	background := context.WithoutCancel(ctx)
	logger.InfoContext(background, "draining", slog.Duration("delay", delay))
	time.Sleep(delay)
	close(readiness.stopping) // streams would go on
	bounded, cancel := context.WithTimeout(background, drainTimeout)
	defer cancel()
	if err := server.Shutdown(bounded); err != nil {
		return fmt.Errorf("finishing requests in flight: %w", errors.Join(err, server.Close()))
	}
	return nil
}

// partingWhile ends connections with the answers that are given while draining is true. A connection that were kept until
// the server closes might be closed just when a proxy sends the next request on it, and nobody could tell what became of
// that.
func partingWhile(draining *atomic.Bool, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
