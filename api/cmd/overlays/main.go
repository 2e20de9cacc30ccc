// Command overlays writes the overlay that the Go generator applies to a contract: see [api.Overlay].
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/plinth/api"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "overlays:", err)
		os.Exit(1)
	}
}

func run(files []string) error {
	if len(files) != 3 {
		return errors.New("usage: overlays CONTRACT BASE OUTPUT")
	}
	contract, err := os.ReadFile(files[0]) //nolint:gosec // G703: the caller's own files
	if err != nil {
		return err
	}
	base, err := os.ReadFile(files[1]) //nolint:gosec // see above
	if err != nil {
		return err
	}
	overlay, err := api.Overlay(contract, base)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(files[2]), 0o755); err != nil { //nolint:gosec // as readable as the rest
		return err
	}
	return os.WriteFile(files[2], overlay, 0o644) //nolint:gosec // as readable as the rest of the checkout
}
