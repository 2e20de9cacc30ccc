package lab_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// dryRun returns the output of make -n.
func dryRun(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "make", append([]string{"-n"}, args...)...)
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("make -n %s: %v\n%s", args, err, out)
	}
	return string(out)
}

func TestMigrateCreateStartsNoDatabase(t *testing.T) {
	t.Parallel()
	if commands := dryRun(t, "migrate", "ARGS=create add_phone_to_users"); strings.Contains(commands, "bin/dev") ||
		!strings.Contains(commands, "bin/migrate create add_phone_to_users") {
		t.Errorf("make migrate create runs\n%s", commands)
	}
	if commands := dryRun(t, "migrate"); !strings.Contains(commands, "bin/dev exec bin/migrate status") {
		t.Errorf("make migrate runs\n%s", commands)
	}
}

// scriptRules match commands in the Makefile and scripts that fail, or fail silently, on some
// machines.
var scriptRules = []struct {
	wrong *regexp.Regexp
	why   string
}{
	{regexp.MustCompile(`npm .*--silent`), "hides why npm fails: --loglevel=error"},
	{regexp.MustCompile(`go tool -modfile`), "fails below a go.work and beside a vendor folder: kit/scripts/tool.sh"},
	{regexp.MustCompile(`^\s*[^#]*\bcurl (-|"|http)[^#]*$`), "goes to the proxy of http_proxy: curl --noproxy '*'"},
	{regexp.MustCompile(`go build (-o|\./)`), "fails in a checkout of another owner: -buildvcs=false"},
}

func TestScriptsArePortable(t *testing.T) {
	t.Parallel()
	files := []string{filepath.Join(root, "Makefile")}
	for _, folder := range []string{"scripts", "kit/scripts"} {
		scripts, err := filepath.Glob(filepath.Join(root, folder, "*.sh"))
		if err != nil || len(scripts) == 0 {
			t.Fatalf("no scripts in %s: %v", folder, err)
		}
		files = append(files, scripts...)
	}
	for _, file := range files {
		text, err := fs.ReadFile(os.DirFS(filepath.Dir(file)), filepath.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		for number, line := range strings.Split(string(text), "\n") {
			for _, rule := range scriptRules {
				if rule.wrong.MatchString(line) && !strings.Contains(line, "--noproxy") {
					t.Errorf("%s:%d: %s\n\t%s", filepath.Base(file), number+1, rule.why, line)
				}
			}
		}
	}
}
