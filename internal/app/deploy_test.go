package app_test

import (
	"os"
	"regexp"
	"testing"
	"time"

	"example.com/plinth/kit/lifecycle"
)

// Whoever stops the server must wait for as long as it drains. tools/deploycheck looks at the rest
// of these files.
func TestDeploymentsWaitForTheDrain(t *testing.T) {
	t.Parallel()
	delay := settings(t, "postgres://db/app", map[string]string{"SHUTDOWN_DELAY": "5s"}).ShutdownDelay // the default of production
	for file, deployment := range map[string]struct {
		pattern, unit string
		delay         time.Duration
	}{
		"../../deploy/kubernetes/base/deployment.yaml": {
			`terminationGracePeriodSeconds: (\d+)`, "s",
			duration(t, "../../deploy/kubernetes/overlays/production/settings.env", `SHUTDOWN_DELAY=(\d+s)`, ""),
		},
		"../../compose.yaml": {`stop_grace_period: (\d+s) # the drain`, "", delay},
	} {
		grace := duration(t, file, deployment.pattern, deployment.unit)
		// What is left is for the pool and the last report.
		if want := deployment.delay + lifecycle.DrainTimeout + 3*time.Second; grace < want {
			t.Errorf("%s waits for %s, want %s or more", file, grace, want)
		}
	}
}

// duration returns what a pattern finds in a file.
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
