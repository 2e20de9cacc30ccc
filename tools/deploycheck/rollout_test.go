package deploycheck_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kubectl is what roll-out.sh calls here: it notes what it is told, kustomizes nothing but the text beside it, and its Job
// ends as FATE says.
const kubectl = `#!/bin/sh
printf '%s\n' "$*" >>"$RECORD"
case $* in
kustomize*) cat "$MANIFESTS" ;;
*"get secret $MISSING") exit 1 ;;
*"apply"*) cat >/dev/null ;;
*"wait job"*"condition=$FATE"*) ;;
*"wait job"*) exit 1 ;;
esac
`

// rollOut runs the script and returns the calls of kubectl that change or wait for something, and what was said.
func rollOut(t *testing.T, fate, missing string) (calls []string, said string, err error) {
	t.Helper()
	folder := t.TempDir()
	record := filepath.Join(folder, "record")
	must(t, os.WriteFile(filepath.Join(folder, "kubectl"), []byte(kubectl), 0o700)) //nolint:gosec // G306: a program
	must(t, os.WriteFile(filepath.Join(folder, "manifests"), buildYAML(t, production), 0o600))
	cmd := exec.CommandContext(t.Context(), kubernetes+"/roll-out.sh")
	cmd.Env = append(os.Environ(), "PATH="+folder+":"+os.Getenv("PATH"), "RECORD="+record,
		"MANIFESTS="+filepath.Join(folder, "manifests"), "FATE="+fate, "MISSING="+missing)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	text, readErr := os.ReadFile(record)
	must(t, readErr)
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, "kustomize") && !strings.Contains(line, " get ") && !strings.Contains(line, " logs ") {
			calls = append(calls, strings.TrimSpace(strings.TrimPrefix(line, "--namespace plinth ")))
		}
	}
	return calls, out.String(), err
}

func TestRollOutMigratesFirst(t *testing.T) {
	t.Parallel()
	calls, said, err := rollOut(t, "complete", "none")
	want := []string{"delete job", "apply --selector app.kubernetes.io/component=migrate", "wait job", "apply -f -", "rollout status"}
	if err != nil || len(calls) != len(want) {
		t.Fatalf("%v: %q\n%s", err, calls, said)
	}
	for i, prefix := range want {
		if !strings.HasPrefix(calls[i], prefix) {
			t.Errorf("call %d is %q, want %q", i, calls[i], prefix)
		}
	}
}

func TestRollOutStopsWhenTheMigrationFails(t *testing.T) {
	t.Parallel()
	calls, said, err := rollOut(t, "failed", "none")
	if err == nil || !strings.Contains(said, "nothing was rolled out") || strings.Contains(strings.Join(calls, "\n"), "apply -f -") {
		t.Errorf("%v: %q\n%s", err, calls, said)
	}
}

func TestRollOutNeedsTheSecrets(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"plinth", "plinth-migrate"} {
		calls, said, err := rollOut(t, "complete", secret)
		if err == nil || !strings.Contains(said, "make the Secret "+secret+" first") || len(calls) > 0 {
			t.Errorf("%s: %v: %q\n%s", secret, err, calls, said)
		}
	}
}
