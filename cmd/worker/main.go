// Command worker runs jobs in a process of its own, for a server with JOBS=off. It has the settings
// of the server, and serves metrics only.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/kit/cli"
)

func main() {
	os.Exit(run(cli.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: worker [command]

Commands:
  run      process jobs until SIGINT, SIGTERM or SIGHUP (the default)
  version  print the version

Settings are those of the server, but for the keys of tokens: docs/settings.md. Its jobs: docs/jobs.md.
`

// run returns the exit status: 0, 1 for a failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	return cli.Finish(dispatch(ctx, args, stdout, stderr), usage, stdout, stderr)
}

func dispatch(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	command, err := cli.Command(args, "run")
	if err != nil {
		return err
	}
	switch command {
	case "run":
		cfg, err := config.LoadWorker(config.Options{DotEnv: ".env"})
		if err != nil {
			return err
		}
		return app.RunWorker(ctx, cfg, app.Options{Log: stderr})
	case "version":
		_, err := fmt.Fprintln(stdout, app.Version())
		return err
	}
	return cli.ErrUsage
}
