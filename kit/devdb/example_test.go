//go:build linux || darwin

package devdb_test

import (
	"context"
	"fmt"

	"example.com/plinth/kit/devdb"
)

func Example() {
	run := func(ctx context.Context) error {
		server, err := devdb.Start(ctx, devdb.Options{Dir: ".data/postgres"})
		if err != nil {
			return err
		}
		defer server.Stop() //nolint:errcheck // only to end early
		return server.CreateDatabase(ctx, "orders")
	}
	fmt.Printf("%T", run)
	// Output: func(context.Context) error
}
