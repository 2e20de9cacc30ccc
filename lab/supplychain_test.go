package lab_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
)

// pinned lists references that must not be mutable tags: actions, which run with the tokens of a
// release, and images.
var pinned = []struct {
	files    string
	use, pin *regexp.Regexp
}{
	{
		files: ".github/workflows/*.yml",
		use:   regexp.MustCompile(`(?m)^\s*(?:- )?uses: *([^.\s].*)$`), // not the workflows of this repository
		pin:   regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`),
	},
	{
		files: "compose*.yaml",
		use:   regexp.MustCompile(`(?m)^\s*image: *(.+)$`),
		pin:   regexp.MustCompile(`^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$|^plinth:`),
	},
	{
		files: "Dockerfile*",
		use:   regexp.MustCompile(`(?m)^FROM +(?:--\S+ +)*(\S+)`),
		pin:   regexp.MustCompile(`^[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}$|^scratch$`),
	},
}

// TestActionsAndImagesArePinned rejects actions without a commit and images without a digest.
func TestActionsAndImagesArePinned(t *testing.T) {
	t.Parallel()
	for _, kind := range pinned {
		files, err := filepath.Glob(filepath.Join(root, kind.files))
		if err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, use := range kind.use.FindAllSubmatch(text, -1) {
				found++
				if !kind.pin.Match(use[1]) {
					t.Errorf("%s: %s is not pinned by commit or digest", file, use[1])
				}
			}
		}
		if found == 0 {
			t.Errorf("%s: found nothing to pin; has the format changed?", kind.files)
		}
	}
}

// TestVulnerabilityCheckFailsClosedInCI runs the check with an unreachable vulnerability database.
func TestVulnerabilityCheckFailsClosedInCI(t *testing.T) {
	t.Parallel()
	bin := t.TempDir()
	for name, script := range map[string]string{
		"go":          "echo '" + filepath.Join(bin, "govulncheck") + "'", // prints the path of the tool
		"govulncheck": "echo 'govulncheck: fetching vulnerabilities: connection refused'; exit 1",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		environ []string
		passes  bool
	}{
		"in CI":                {environ: []string{"CI=true"}},
		"in CI, offline":       {environ: []string{"CI=true", "VULNERABILITIES=offline"}, passes: true},
		"in CI, another value": {environ: []string{"CI=true", "VULNERABILITIES=ignore"}},
		"outside of CI":        {passes: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), "../kit/scripts/check-vulnerabilities.sh")
			cmd.Env = slices.Concat(test.environ, []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")})
			out, err := cmd.CombinedOutput()
			if (err == nil) != test.passes || !regexp.MustCompile(`WARNING: .* NOT checked`).Match(out) {
				t.Errorf("passes: %v, want %v and a warning:\n%s", err == nil, test.passes, out)
			}
		})
	}
}
