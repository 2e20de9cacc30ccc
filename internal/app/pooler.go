package app

import (
	"context"
	"log/slog"

	"example.com/plinth/internal/pgstore"
)

// warnOfMissingLimits tells operators of a pooler, whose connections are set up on the server, of what they forgot.
func warnOfMissingLimits(ctx context.Context, store *pgstore.Store, logger *slog.Logger) {
	missing, err := store.MissingLimits(ctx)
	switch {
	case err != nil:
		logger.WarnContext(ctx, "cannot tell the limits of database connections", slog.Any("error", cause(err)))
	case len(missing) > 0:
		logger.WarnContext(ctx, "database connections have no limits: set them for the role, see docs/scaling.md",
			slog.Any("missing", missing))
	}
}
