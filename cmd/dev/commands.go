package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"example.com/plinth/kit/devrun"
)

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
