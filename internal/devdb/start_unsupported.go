//go:build !linux && !darwin

package devdb

import (
	"context"
	"errors"
	"runtime"
)

// Start always fails here: the server's life cycle relies on process groups,
// inherited file locks and a POSIX shell.
func Start(context.Context, Options) (*Server, error) {
	return nil, errors.New("PostgreSQL cannot be started from here on " + runtime.GOOS +
		": set DATABASE_URL (for tests: TEST_DATABASE_URL) to a running server, or use WSL 2")
}
