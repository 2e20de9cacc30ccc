//go:build faults

package faults_test

import (
	"context"
	"strings"
	"testing"
	"time"
)

// hopeless is a server whose database never comes up. It is started before all tests, because it takes a minute.
var hopeless struct { //nolint:gochecknoglobals // it outlives the tests
	*process

	started time.Time
}

func startHopeless() error {
	env := []string{
		"ENVIRONMENT=development", "DATABASE_URL=postgres://u:p@127.0.0.1:1/d", "PORT=0", "METRICS_ADDR=off",
		"JWT_SECRET=" + secret, "SHUTDOWN_DELAY=5m",
	}
	p, err := newProcess(context.Background(), processOpts{env: env}, programs["server"])
	hopeless.process, hopeless.started = p, time.Now()
	return err
}

// This file comes last, when the minute is over.
func TestDatabaseThatStaysDown(t *testing.T) {
	row := report(t, "database down for good")
	code := hopeless.wait(t)
	took := hopeless.end.Sub(hopeless.started)
	if code != 1 || took < 55*time.Second || took > 75*time.Second || !strings.Contains(hopeless.output.String(), "did not answer within 1m0s") {
		t.Errorf("exit status %d after %s:\n%s", code, took, hopeless.output)
	}
	row.saw("exit status %d after %.0f s", code, took.Seconds())
}
