package servertest_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"

	"example.com/plinth/kit/servertest"
)

// serve is a server of the tests: it logs when it is ready and when it has stopped.
func serve(ctx context.Context, log io.Writer, onListening func(net.Addr)) error {
	logger := slog.New(slog.NewJSONHandler(log, nil))
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	onListening(listener.Addr())
	logger.InfoContext(ctx, "ready", slog.String("address", listener.Addr().String()))
	server := &http.Server{Handler: http.NotFoundHandler()} //nolint:gosec // G112: for tests
	context.AfterFunc(ctx, func() { _ = server.Close() })
	_ = server.Serve(listener)
	logger.Info("stopped") //nolint:sloglint // the context has ended
	return nil
}

func Example() {
	_ = func(t *testing.T) { // a test of your own
		t.Helper()
		s := servertest.Start(t, serve)
		s.Log.Await(t, "ready")
		if status, body := s.Get(t, http.DefaultClient, "/nowhere"); status != http.StatusNotFound {
			t.Errorf("status %d: %s", status, body)
		}
		s.Stop()
		if err := s.Outcome(t); err != nil {
			t.Error(err)
		}
	}
}
