// Command dev runs the API for development with nothing to install: it starts a private PostgreSQL
// unless DATABASE_URL names one, migrates it, generates secrets, and serves. It must not be
// deployed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"example.com/plinth/kit/devdb"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: dev [command]

Commands:
  serve             start the database, migrate it and serve the API (the default)
  exec PROGRAM ...  run a program with the settings of development, on the same database; does not migrate
  config            print the effective settings, secrets redacted; starts nothing
  reset [--yes]     print where the database is; with --yes, delete it

Settings come from the environment and .env; docs/settings.md lists them. Data is kept in .data/.
`

// run returns the exit status: 0, 1 for a failure, 2 for an invalid command line, or that of the
// program of exec.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var err error
	switch {
	case command == "serve" && len(args) == 0:
		err = serve(ctx, stdout, stderr)
	case command == "exec" && len(args) > 0:
		err = execute(ctx, args, stderr)
	case command == "config" && len(args) == 0:
		err = printConfig(stdout)
	case command == "reset" && (len(args) == 0 || slices.Equal(args, []string{"--yes"})):
		err = reset(stdout, len(args) > 0)
	case command == "help", command == "-h", command == "--help":
		fmt.Fprint(stdout, usage)
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	if status, ok := errors.AsType[devrun.StatusError](err); ok {
		return int(status) // the program has printed its error
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// execute runs a program with the settings that it needs in its environment. It does not migrate,
// because the program may be the one that migrates or repairs.
func execute(ctx context.Context, args []string, stderr io.Writer) error {
	return withDatabase(ctx, stderr, func(ctx context.Context, dev development) error {
		return devrun.Exec(ctx, args,
			"ENVIRONMENT="+string(dev.cfg.Environment),
			"DATABASE_URL="+dev.cfg.DatabaseURL.Reveal(),
			"JWT_SECRET="+dev.cfg.JWTSecret.Reveal(),
		)
	})
}

// reset deletes the embedded database, or prints what it would delete.
func reset(stdout io.Writer, sure bool) error {
	if !sure {
		dir, err := devdb.Dir(clusterDir)
		if err == nil {
			const text = "This deletes the development database in %s with all its data: make reset YES=1\n"
			fmt.Fprintf(stdout, text, dir)
		}
		return err
	}
	dir, err := devdb.Remove(clusterDir)
	switch {
	case errors.Is(err, devdb.ErrInUse):
		return fmt.Errorf("%w: stop make run first", err)
	case err == nil:
		fmt.Fprintf(stdout, "Deleted %s. make run starts with an empty database.\n", dir)
	}
	return err
}
