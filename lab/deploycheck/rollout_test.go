package deploycheck_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// kubectl is a stub that records its arguments. FATE is the condition that its Job reaches, MISSING
// a secret that does not exist.
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

// rollOut runs the script and returns the calls of kubectl that change or wait for objects, and the
// output.
func rollOut(t *testing.T, fate, missing string) (calls []string, output string, err error) {
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
	calls, output, err := rollOut(t, "complete", "none")
	want := []string{
		"delete job", "apply --selector app.kubernetes.io/component=migrate", "wait job", "apply -f -", "rollout status",
	}
	if err != nil || len(calls) != len(want) {
		t.Fatalf("%v: %q\n%s", err, calls, output)
	}
	for i, prefix := range want {
		if !strings.HasPrefix(calls[i], prefix) {
			t.Errorf("call %d is %q, want %q", i, calls[i], prefix)
		}
	}
}

func TestRollOutStopsOnFailedMigration(t *testing.T) {
	t.Parallel()
	calls, output, err := rollOut(t, "failed", "none")
	rolledOut := strings.Contains(strings.Join(calls, "\n"), "apply -f -")
	if err == nil || !strings.Contains(output, "nothing was rolled out") || rolledOut {
		t.Errorf("%v: %q\n%s", err, calls, output)
	}
}

func TestRollOutRequiresSecrets(t *testing.T) {
	t.Parallel()
	for _, secret := range []string{"plinth", "plinth-migrate"} {
		calls, output, err := rollOut(t, "complete", secret)
		if err == nil || !strings.Contains(output, "create the Secret "+secret+" first") || len(calls) > 0 {
			t.Errorf("%s: %v: %q\n%s", secret, err, calls, output)
		}
	}
}
