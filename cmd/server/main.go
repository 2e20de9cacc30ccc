// Command server is the API in production. It needs a migrated database; see cmd/migrate.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
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
	command := "serve"
	if len(args) > 0 {
		command = args[0]
	}
	var err error
	switch {
	case len(args) > 1:
		fmt.Fprint(stderr, usage)
		return 2
	case command == "serve":
		err = withConfig(func(cfg config.Config) error { return app.Run(ctx, cfg, app.Options{Log: stderr}) })
	case command == "config":
		err = withConfig(func(cfg config.Config) error { return cfg.Print(stdout) })
	case command == "healthcheck":
		err = withConfig(func(cfg config.Config) error { return lifecycle.CheckHealth(ctx, cfg.Host, cfg.Port, "/health") })
	case command == "version":
		fmt.Fprintln(stdout, app.Version())
	case command == "help", command == "-h", command == "--help":
		fmt.Fprint(stdout, usage)
	default:
		fmt.Fprint(stderr, usage)
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func withConfig(use func(config.Config) error) error {
	cfg, err := config.Load(config.Options{DotEnv: ".env"})
	if err != nil {
		return err
	}
	return use(cfg)
}
