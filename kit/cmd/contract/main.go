// Command contract generates files from a contract in OpenAPI, for go generate.
//
//	contract expand CONTRACT OUTPUT              writes plain OpenAPI, see [apigen.Expand]
//	contract constants CONTRACT PACKAGE OUTPUT   writes Go code, see [apigen.Constants]
//	contract operations CONTRACT FILE            updates a page, see [apigen.ListOperations]
//	contract overlay CONTRACT OUTPUT [HEADER...] writes an overlay, see [apispec.Overlay]
//	contract samples CONTRACT FOLDER             writes the samples in TypeScript, a file each
//
// expand and constants take the contract as written, the others the expanded one.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/plinth/kit/apigen"
	"example.com/plinth/kit/apispec"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "contract:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) < 3 {
		return errors.New("usage: contract expand|constants|operations|overlay|samples CONTRACT …")
	}
	contract, err := os.ReadFile(arguments[1]) //nolint:gosec // G703: the developer's own files
	if err != nil {
		return err
	}
	output, more := arguments[2], arguments[3:]
	switch command := arguments[0]; {
	case command == "expand" && len(more) == 0:
		return write(output)(apigen.Expand(contract))
	case command == "constants" && len(more) == 1:
		return write(more[0])(apigen.Constants(contract, output))
	case command == "operations" && len(more) == 0:
		page, err := os.ReadFile(output) //nolint:gosec // see above
		if err != nil {
			return err
		}
		return write(output)(apigen.ListOperations(contract, page))
	case command == "overlay":
		return write(output)(apispec.Overlay(contract, more...))
	case command == "samples" && len(more) == 0:
		return samples(contract, output)
	default:
		return fmt.Errorf("unknown arguments %q", arguments)
	}
}

// declared precedes each sample. The generated client is expected in the folder gen beside the samples.
const declared = `import type { Client } from "./gen/client/index.js";
declare const client: Client;
`

func samples(contract []byte, folder string) error {
	operations, err := apispec.Samples(contract, apispec.Clients{TypeScript: "./gen/sdk.gen.js"})
	if err != nil {
		return err
	}
	for operation, all := range operations {
		for _, sample := range all {
			if sample.Lang != "TypeScript" {
				continue
			}
			file := filepath.Join(folder, operation+".ts")
			if err := write(file)([]byte(declared+sample.Source), nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// write returns a function that writes a text to a file unless there was an error.
func write(file string) func(text []byte, err error) error {
	return func(text []byte, err error) error {
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as readable as the checkout
			return err
		}
		return os.WriteFile(file, text, 0o644) //nolint:gosec // see above
	}
}
