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
	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}

const usage = `Usage: worker [command]

Commands:
  run      process jobs until SIGINT, SIGTERM or SIGHUP (the default)
  version  print the version

Settings are those of the server: docs/settings.md. Its jobs: docs/jobs.md.
`

// run returns the exit status: 0, 1 for a failure, 2 for a wrong command line.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	command := "run"
	if len(args) > 0 {
		command = args[0]
	}
	switch {
	case len(args) > 1:
	case command == "run":
		cfg, err := config.Load(config.Options{DotEnv: ".env"})
		if err == nil {
			err = app.RunWorker(ctx, cfg, app.Options{Log: stderr})
		}
		if err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	case command == "version":
		fmt.Fprintln(stdout, app.Version())
		return 0
	case command == "help", command == "-h", command == "--help":
		fmt.Fprint(stdout, usage)
		return 0
	}
	fmt.Fprint(stderr, usage)
	return 2
}
