package lifecycle_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/lifecycle"
)

// alwaysUp stands for the pool of a database.
type alwaysUp struct{}

func (alwaysUp) Ping(context.Context) error                  { return nil }
func (alwaysUp) CheckSchema(context.Context) error           { return nil }
func (alwaysUp) RefusesWrites(context.Context) (bool, error) { return false, nil }

func Example() {
	ctx, stop := context.WithCancel(cli.SignalContext())
	defer stop()
	logger := slog.New(slog.DiscardHandler)
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	readiness := lifecycle.NewReadiness(alwaysUp{}, func(err error) error { return err }, logger)
	chores := []lifecycle.Chore{{Name: "sweeping", Do: func(context.Context) error { return nil }}}
	go func() {
		if readiness.Await(ctx) == nil {
			go lifecycle.RunChores(ctx, time.Minute, chores, logger)
		}
		stop() // in this example nothing else ends ctx
	}()
	err = lifecycle.Serve(ctx, listener, http.NotFoundHandler(), readiness, logger, lifecycle.ServeOptions{})
	fmt.Println("stopped:", err)
	// Output: stopped: <nil>
}
