package serving_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// A supervisor that stops the server must wait for the drain.
func TestDeploymentsWaitForTheDrain(t *testing.T) {
	t.Parallel()
	cfg := settings(t, "postgres://db/app", map[string]string{"SHUTDOWN_DELAY": "5s"}) // production's default
	delay := cfg.ShutdownDelay
	for file, deployment := range map[string]struct {
		pattern, unit string
		delay         time.Duration
	}{
		// scaffold:begin kubernetes
		"../../deploy/kubernetes/base/deployment.yaml": {
			`terminationGracePeriodSeconds: (\d+)`, "s",
			duration(t, "../../deploy/kubernetes/overlays/production/settings.env", `SHUTDOWN_DELAY=(\d+s)`, ""),
		},
		// scaffold:end kubernetes
		"../../compose.yaml": {`stop_grace_period: (\d+s) # the drain`, "", delay},
	} {
		grace := duration(t, file, deployment.pattern, deployment.unit)
		// The rest is for the pool and the last report.
		if want := deployment.delay + lifecycle.DrainTimeout + 3*time.Second; grace < want {
			t.Errorf("%s waits for %s, want %s or more", file, grace, want)
		}
	}
}

// duration returns the duration that a pattern matches in a file.
func duration(t *testing.T, file, pattern, unit string) time.Duration {
	t.Helper()
	text, err := os.ReadFile(file)
	must(t, err)
	found := regexp.MustCompile(pattern).FindSubmatch(text)
	if found == nil {
		t.Fatalf("%s has no %s", file, pattern)
	}
	d, err := time.ParseDuration(string(found[1]) + unit)
	must(t, err)
	return d
}
