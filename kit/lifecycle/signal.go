package lifecycle

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// SignalContext returns a context that ends with the first SIGINT, SIGTERM or SIGHUP, for an orderly stop. By then SIGINT and
// SIGTERM have their default effect again, so that a second one ends the program at once. SIGHUP never does: a terminal that
// closes may send several. It has no effect where it is ignored, as under nohup.
func SignalContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals, hangups := make(chan os.Signal, 1), make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(hangups, syscall.SIGHUP)
	}
	go func() {
		select {
		case <-signals:
		case <-hangups:
		}
		signal.Stop(signals) // before the context ends: who sees that may send the second
		cancel()
	}()
	return ctx
}
