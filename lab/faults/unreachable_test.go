//go:build faults

package faults_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// unreachable is a server whose database never starts. It runs beside all tests, because it takes a
// minute.
var unreachable struct { //nolint:gochecknoglobals // it outlives the tests
	*process

	started time.Time
}

func startUnreachable() error {
	env := []string{
		"ENVIRONMENT=development", "DATABASE_URL=postgres://u:p@127.0.0.1:1/d", "PORT=0", "METRICS_ADDR=off",
		"JWT_SECRET=" + secret, "SHUTDOWN_DELAY=5m",
	}
	p, err := newProcess(context.Background(), processOpts{env: env}, programs["server"])
	unreachable.process, unreachable.started = p, time.Now()
	return err
}

// The file name sorts last of the tests that take long, so that the minute is over.
func TestUnreachableDatabase(t *testing.T) {
	row := report(t, "database unreachable")
	code := unreachable.wait(t)
	took := unreachable.end.Sub(unreachable.started)
	if code != 1 || took < 55*time.Second || took > 75*time.Second ||
		!strings.Contains(unreachable.output.String(), "did not answer within 1m0s") {
		t.Errorf("exit status %d after %s:\n%s", code, took, unreachable.output)
	}
	row.saw("exit status %d after %.0f s", code, took.Seconds())
}
