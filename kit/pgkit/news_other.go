//go:build !unix

package pgkit

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// shouldPing is the default of pgxpool; on Unix it also checks the connection.
func shouldPing(idle pgxpool.ShouldPingParams) bool { return idle.IdleDuration > time.Second }
