// Command samples writes the samples in TypeScript of a contract to a folder, one file each, for the tests of
// clients/typescript to compile. They expect the generated client in the folder gen beside them.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/plinth/api"
)

const declared = `import type { Client } from "./gen/client/index.js";
declare const client: Client;
`

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "samples:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) != 2 {
		return errors.New("usage: samples CONTRACT FOLDER")
	}
	contract, err := os.ReadFile(arguments[0]) //nolint:gosec // G703: the caller's own files
	if err != nil {
		return err
	}
	samples, err := api.SamplesOf(contract, api.ClientNames{TypeScript: "./gen/sdk.gen.js"})
	if err != nil {
		return err
	}
	for operation, all := range samples {
		for _, sample := range all {
			file := filepath.Join(arguments[1], operation+".ts")
			if sample.Lang != "TypeScript" {
				continue
			}
			if err := os.WriteFile(file, []byte(declared+sample.Source), 0o600); err != nil { //nolint:gosec // see above
				return err
			}
		}
	}
	return nil
}
