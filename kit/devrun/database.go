package devrun

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"example.com/plinth/kit/devdb"
)

// WithDatabase starts a server with a database, calls use, and stops the server if this process
// started it. If the server ends first, the context of use ends, and the error has the reasons.
func WithDatabase(
	ctx context.Context, options devdb.Options, name string, use func(context.Context, *devdb.Server) error,
) (err error) {
	server, err := devdb.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Stop()) }()
	if err := server.CreateDatabase(ctx, name); err != nil {
		return err
	}
	if options.Log != nil {
		options.Log.InfoContext(ctx, "database is running",
			slog.String("dir", server.Dir()), slog.Bool("joined", server.Joined()))
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go func() {
		<-server.Done()
		cancel(fmt.Errorf("the embedded PostgreSQL has ended; the log in %s says:\n%s", server.Dir(), server.Reasons()))
	}()
	if err := use(ctx, server); err != nil {
		return err
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return cause
	}
	return nil
}
