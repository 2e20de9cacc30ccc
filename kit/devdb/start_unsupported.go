//go:build !linux && !darwin

package devdb

import (
	"context"
	"errors"
	"runtime"
)

// Start fails on this system: it needs process groups, inherited file locks and a POSIX shell.
func Start(context.Context, Options) (*Server, error) { return nil, errUnsupported() }

// Dir fails, like Start.
func Dir(string) (string, error) { return "", errUnsupported() }

// Remove fails, like Start.
func Remove(string) (string, error) { return "", errUnsupported() }

func errUnsupported() error {
	return errors.New("PostgreSQL cannot be started from here on " + runtime.GOOS +
		": set DATABASE_URL (for tests: TEST_DATABASE_URL) to a running server, or use WSL 2")
}
