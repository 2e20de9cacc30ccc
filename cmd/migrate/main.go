// Command migrate moves the database schema between versions, and says where it stands.
//
// It owns the words for operators; pgstore does the work. It needs no settings but ENVIRONMENT and
// MIGRATE_DATABASE_URL or DATABASE_URL.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"example.com/plinth/internal/config"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	p := program{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, load: config.Load}
	os.Exit(p.run(ctx, os.Args[1:]))
}
