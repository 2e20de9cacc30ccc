//go:build !linux && !darwin

package testdb

import (
	"context"

	"example.com/plinth/kit/devdb"
)

// openSlot fails with the words of devdb on what to do instead.
func openSlot(ctx context.Context, cfg settings) (*devdb.Server, error) {
	return devdb.Start(ctx, devdb.Options{BinDir: cfg.binDir})
}
