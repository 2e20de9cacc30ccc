// Command server is the API in production. It needs a migrated database; see cmd/migrate.
package main

import (
	"os"

	"example.com/plinth/kit/lifecycle"
)

func main() {
	os.Exit(run(lifecycle.SignalContext(), os.Args[1:], os.Stdout, os.Stderr))
}
