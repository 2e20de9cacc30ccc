// Command contract writes what follows from a contract in OpenAPI; go generate runs it.
//
//	contract overlay CONTRACT BASE OUTPUT   the overlay that oapi-codegen applies, see [apispec.Overlay]
//	contract samples CONTRACT FOLDER        the samples in TypeScript, a file each, for a compiler to check
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/plinth/kit/apispec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 4 && arguments[0] == "overlay":
		return overlay(arguments[1], arguments[2], arguments[3])
	case len(arguments) == 3 && arguments[0] == "samples":
		return samples(arguments[1], arguments[2])
	default:
		return errors.New("usage: contract overlay CONTRACT BASE OUTPUT | contract samples CONTRACT FOLDER")
	}
}

func overlay(contractFile, baseFile, output string) error {
	contract, err := os.ReadFile(contractFile) //nolint:gosec // G703: the caller's own files
	if err != nil {
		return err
	}
	base, err := os.ReadFile(baseFile) //nolint:gosec // see above
	if err != nil {
		return err
	}
	text, err := apispec.Overlay(contract, base)
	if err != nil {
		return err
	}
	return write(output, text)
}

// declared precedes each sample. The generated client is expected in the folder gen beside the samples.
const declared = `import type { Client } from "./gen/client/index.js";
declare const client: Client;
`

func samples(contractFile, folder string) error {
	contract, err := os.ReadFile(contractFile) //nolint:gosec // G703: the caller's own files
	if err != nil {
		return err
	}
	operations, err := apispec.Samples(contract, apispec.Clients{TypeScript: "./gen/sdk.gen.js"})
	if err != nil {
		return err
	}
	for operation, all := range operations {
		for _, sample := range all {
			if sample.Lang != "TypeScript" {
				continue
			}
			if err := write(filepath.Join(folder, operation+".ts"), []byte(declared+sample.Source)); err != nil {
				return err
			}
		}
	}
	return nil
}

func write(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as readable as the rest
		return err
	}
	return os.WriteFile(file, text, 0o644) //nolint:gosec // as readable as the rest of the checkout
}
