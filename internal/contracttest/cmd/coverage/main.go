// Command coverage judges a full test run: it merges the records that test binaries left in a folder, prints which
// documented statuses of which operations they exercised, and exits with 1 if one is missing.
//
//	dir=$(mktemp -d)
//	CONTRACT_COVERAGE_DIR=$dir go test -shuffle=on ./... && go run ./internal/contracttest/cmd/coverage $dir
package main

import (
	"fmt"
	"os"

	"example.com/plinth/internal/contracttest"
)

func main() {
	if len(os.Args) != 2 {
		_, _ = fmt.Fprintln(os.Stderr, "usage: coverage DIR")
		os.Exit(2)
	}
	if err := contracttest.Judge(os.Args[1], os.Stdout); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}
