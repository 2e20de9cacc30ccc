// Command dev runs the API for development with nothing to install: it starts a private PostgreSQL
// unless DATABASE_URL names one, migrates it, generates secrets, and serves. It must not be
// deployed.
package main

import (
	"os"

	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}
