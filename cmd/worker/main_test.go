package main

import (
	"bytes"
	"strings"
	"testing"

	"example.com/plinth/internal/pgtest"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"version":  {[]string{"version"}, 0, "dev", ""},
		"help":     {[]string{"help"}, 0, "Usage: worker", ""},
		"unknown":  {[]string{"serve"}, 2, "", "Usage: worker"},
		"too many": {[]string{"run", "twice"}, 2, "", "Usage: worker"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var stdout, stderr bytes.Buffer
			code := run(t.Context(), test.args, &stdout, &stderr)
			if code != test.code || !strings.HasPrefix(stdout.String(), test.stdout) ||
				!strings.HasPrefix(stderr.String(), test.stderr) {
				t.Errorf("exit status %d, %q, %q", code, &stdout, &stderr)
			}
		})
	}
}

// The component of Kubernetes gives it no key.
func TestRunNeedsNoKey(t *testing.T) {
	t.Chdir(t.TempDir()) // without a .env
	for name, value := range map[string]string{
		"ENVIRONMENT": "production", "DATABASE_URL": pgtest.EmptyURL(t), "METRICS_ADDR": "off", "JWT_SECRET": "", "JWT_KEYS_FILE": "",
	} {
		t.Setenv(name, value)
	}
	for _, algorithm := range []string{"HS256", "EdDSA"} {
		t.Setenv("JWT_ALGORITHM", algorithm)
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), nil, &stdout, &stderr); code != 1 || !strings.Contains(stderr.String(), "migrate up") {
			t.Errorf("%s: exit status %d: %s", algorithm, code, &stderr)
		}
	}
}
