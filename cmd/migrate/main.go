// Command migrate moves the database schema between versions, and prints its state. kit/migrator
// does the work. It needs no settings but ENVIRONMENT and MIGRATE_DATABASE_URL or DATABASE_URL.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/plinth/db"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/migrator/migratecli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	program := migratecli.Program{
		Files: db.Migrations(), Grants: pgstore.Grants(), Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Load: func() (migratecli.Settings, error) { return load(config.Load) },
	}
	os.Exit(program.Run(ctx, os.Args[1:]))
}
