// Command server is the API in production. It needs a migrated database; see cmd/migrate.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(cli.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: server [command]

Commands:
  serve        answer requests until SIGINT, SIGTERM or SIGHUP (the default)
  config       print the effective settings, secrets redacted
  healthcheck  ask the server on this machine for /health; for container health checks
  version      print the version

Settings come from the environment, and in development from .env; docs/settings.md lists them.
`

// run returns the exit status: 0, 1 for a failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return cli.Finish(dispatch(ctx, args, stdout, stderr), usage, stdout, stderr)
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command, err := cli.Command(args, "serve")
	if err != nil {
		return err
	}
	switch command {
	case "serve":
		return withConfig(func(cfg config.Config) error { return app.Run(ctx, cfg, app.Options{Log: stderr}) })
	case "config":
		return withConfig(func(cfg config.Config) error { return cfg.Print(stdout) })
	case "healthcheck":
		return withConfig(func(cfg config.Config) error { return lifecycle.CheckHealth(ctx, cfg.Host, cfg.Port, "/health") })
	case "version":
		_, err := fmt.Fprintln(stdout, app.Version())
		return err
	}
	return cli.ErrUsage
}

func withConfig(use func(config.Config) error) error {
	cfg, err := config.Load(config.Options{DotEnv: ".env"})
	if err != nil {
		return err
	}
	return use(cfg)
}
