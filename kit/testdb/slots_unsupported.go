//go:build !linux && !darwin

package testdb

import (
	"context"

	"example.com/plinth/kit/devdb"
)

// openSlot fails with the advice of devdb.
func openSlot(ctx context.Context, options Options, _ string) (*devdb.Server, error) {
	return devdb.Start(ctx, devdb.Options{BinDir: options.Getenv("POSTGRES_BIN")})
}
