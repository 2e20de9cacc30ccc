package app

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

// SignalContext returns a context that ends with the first SIGINT or SIGTERM, for an orderly stop. By then the signals
// have their default effect again, so that a second one ends the program at once.
func SignalContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		signal.Stop(signals) // before the context ends: who sees that may send the second
		cancel()
	}()
	return ctx
}
