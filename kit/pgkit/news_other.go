//go:build !unix

package pgkit

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// shouldPing is pgxpool's own way; elsewhere we look at the connection as well.
func shouldPing(idle pgxpool.ShouldPingParams) bool { return idle.IdleDuration > time.Second }
