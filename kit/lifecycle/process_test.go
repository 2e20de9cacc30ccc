package lifecycle_test

import (
	"runtime/debug"
	"testing"

	"example.com/plinth/kit/lifecycle"
)

func TestVersion(t *testing.T) {
	t.Parallel()
	if got := lifecycle.Version("v1.2.3"); got != "v1.2.3" {
		t.Errorf("a release is named %q", got)
	}
	if got := lifecycle.Version(""); got != "dev" { // test binaries have no commit
		t.Errorf("a test binary is named %q", got)
	}
}

func TestRelaxGC(t *testing.T) { //nolint:paralleltest // GOGC applies to the process
	before := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(before) })
	lifecycle.RelaxGC()
	if got := debug.SetGCPercent(250); got != 400 {
		t.Errorf("GOGC is %d, want 400", got)
	}
	lifecycle.RelaxGC()
	if got := debug.SetGCPercent(100); got != 250 {
		t.Errorf("GOGC is %d, want 250 as set", got)
	}
}
