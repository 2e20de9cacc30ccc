package cli

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// SignalContext returns a context that ends with the first SIGINT, SIGTERM or SIGHUP. From then on
// SIGINT and SIGTERM have their default effect, so that a second one ends the program at once.
// SIGHUP stays without effect: a terminal that closes may send several. SIGHUP does not end the
// context if it is ignored, as under nohup.
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
		signal.Stop(signals) // before the context ends, after which a second signal may come
		cancel()
	}()
	return ctx
}
