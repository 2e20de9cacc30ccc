package main

import (
	"bytes"
	"strings"
	"testing"
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
