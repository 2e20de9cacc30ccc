package migratecli_test

import (
	"context"
	"os"
	"testing/fstest"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/migrator/migratecli"
)

// A main function passes os.Args[1:] and exits with the returned code.
func Example() {
	program := migratecli.Program{
		Files:  fstest.MapFS{}, // embedded files
		Grants: migrator.Grants{Tables: map[string]string{"events": "SELECT, INSERT"}},
		Load: func() (migratecli.Settings, error) {
			return migratecli.Settings{DatabaseURL: "postgres://owner@127.0.0.1:1/orders", Origin: "DATABASE_URL"}, nil
		},
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stdout,
	}
	program.Run(context.Background(), []string{"create"})
}
