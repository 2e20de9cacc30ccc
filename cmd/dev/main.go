// Command dev runs the API on a laptop with nothing to install: it starts a private PostgreSQL unless DATABASE_URL names
// one, migrates it, makes development secrets, and serves. It must not be deployed.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/pgkit"
)

const usage = `Usage: dev [command]

Commands:
  serve             start the database, migrate it and serve the API (the default)
  exec PROGRAM ...  run a program with the settings of development, on the same database, whose schema is left as it is
  config            print the effective settings, secrets redacted; starts nothing
  reset [--yes]     say where the database is; with --yes, delete it to start over

Settings come from the environment and .env; docs/settings.md lists them. Data is kept in .data/.
`

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit status: 0, 1 for a failure, 2 for a command line that makes no sense, or that of the program that
// exec ran.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	var action func(context.Context, development) error
	switch {
	case command == "serve" && len(args) == 0:
		action = func(ctx context.Context, dev development) error { return serve(ctx, dev, stdout, stderr) }
	case command == "exec" && len(args) > 0:
		action = func(ctx context.Context, dev development) error { return execute(ctx, dev.cfg, args) }
	case command == "config" && len(args) == 0:
		return exitCode(printConfig(stdout), stderr)
	case command == "reset" && (len(args) == 0 || slices.Equal(args, []string{"--yes"})):
		return exitCode(reset(stdout, len(args) > 0), stderr)
	case command == "help", command == "-h", command == "--help":
		fmt.Fprint(stdout, usage)
		return 0
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	return exitCode(withDatabase(ctx, stderr, command == "serve", action), stderr)
}

func printConfig(stdout io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	return cfg.Print(stdout)
}

// statusError is the exit status of a program that exec ran.
type statusError int

// Error implements error.
func (s statusError) Error() string { return "exit status " + strconv.Itoa(int(s)) }

// exitCode returns the exit status for err, having printed it. A program that exec ran has said itself what was wrong.
func exitCode(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	if status, ok := errors.AsType[statusError](err); ok {
		return int(status)
	}
	fmt.Fprintln(stderr, err)
	return 1
}

func serve(ctx context.Context, dev development, stdout, stderr io.Writer) error {
	err := pgstore.Migrate(ctx, dev.cfg.DatabaseURL.Reveal())
	if errors.Is(err, pgkit.ErrDatabaseURL) {
		return fmt.Errorf("%s: %w", dev.cfg.Origin("DATABASE_URL"), err)
	}
	if err != nil {
		return err
	}
	var metrics net.Addr
	return app.Run(ctx, dev.cfg, app.Options{
		Log:         stderr,
		OnMetrics:   func(addr net.Addr) { metrics = addr },
		OnListening: func(addr net.Addr) { welcome(stdout, dev, addr, metrics) },
	})
}

// execute runs a program with the effective settings in its environment. It does not migrate: the program may be the one
// that migrates, or repairs. Signals from the terminal reach it directly.
func execute(ctx context.Context, cfg config.Config, args []string) error {
	program := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // G204: running what it is told is its purpose
	program.Cancel = func() error {
		_ = program.Process.Signal(syscall.SIGTERM)
		return os.ErrProcessDone // so that Run tells how the program ended, not that we asked it to
	}
	program.Env = append(os.Environ(), //nolint:forbidigo // handed on, not read
		"ENVIRONMENT="+string(cfg.Environment),
		"DATABASE_URL="+cfg.DatabaseURL.Reveal(),
		"JWT_SECRET="+cfg.JWTSecret.Reveal(),
	)
	program.Stdin, program.Stdout, program.Stderr = os.Stdin, os.Stdout, os.Stderr
	err := program.Run()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() > 0 {
		return statusError(exit.ExitCode())
	}
	return err
}
