//go:build !linux && !darwin

package devdb

import (
	"context"
	"errors"
	"runtime"
)

// Start always fails here: the server's life cycle relies on process groups,
// inherited file locks and a POSIX shell.
func Start(context.Context, Options) (*Server, error) { return nil, errUnsupported() }

// Dir always fails here, like Start.
func Dir(string) (string, error) { return "", errUnsupported() }

// Remove always fails here, like Start.
func Remove(string) (string, error) { return "", errUnsupported() }

func errUnsupported() error {
	return errors.New("PostgreSQL cannot be started from here on " + runtime.GOOS +
		": set DATABASE_URL (for tests: TEST_DATABASE_URL) to a running server, or use WSL 2")
}
