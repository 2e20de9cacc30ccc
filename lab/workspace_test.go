//go:build workspace

package lab_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestForeignWorkspaceAndVendor runs make below a go.work file that does not list this repository,
// and then beside a vendor folder. make check-lab builds it, because it compiles much of the
// repository.
//
//nolint:paralleltest // the steps share a folder
func TestForeignWorkspaceAndVendor(t *testing.T) {
	above := t.TempDir()
	dir := filepath.Join(above, "repository")
	run(t, root, "sh", "-c", `git ls-files -z --cached --others --exclude-standard | tar -cf - --null -T - | tar -xf - -C "$1"`, "sh", mkdir(t, dir))
	other := mkdir(t, filepath.Join(above, "other"))
	write(t, filepath.Join(other, "go.mod"), "module example.org/other\n\ngo 1.26.0\n")
	write(t, filepath.Join(above, "go.work"), "go 1.26.0\n\nuse ./other\n")
	if out, err := command(t, dir, "go", "list", "./cmd/server").CombinedOutput(); err == nil {
		t.Fatalf("the go.work file has no effect: %s", out)
	}

	for _, beside := range []string{"go.work", "vendor"} {
		t.Run(beside, func(t *testing.T) {
			if beside == "vendor" {
				run(t, dir, "env", "GOWORK=off", "go", "mod", "vendor")
			}
			run(t, dir, "make", "build")
			run(t, dir, "kit/scripts/generate.sh", "--check")
			run(t, dir, "kit/scripts/tool.sh", "tools/lint", "golangci-lint", "run", "--allow-parallel-runners", "./internal", "./internal/config")
			// Like make test, without the slow packages.
			run(t, dir, "make", "--eval", "quick: ; go test ./internal ./internal/config && go -C kit test . ./idgen && go -C lab vet .", "quick")
		})
	}
}

// command returns a command in dir whose environment has no GOWORK and no variables of make.
func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "GOWORK=") && !strings.HasPrefix(variable, "MAKE") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	return cmd
}

func run(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if out, err := command(t, dir, name, args...).CombinedOutput(); err != nil {
		t.Errorf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
}

func mkdir(t *testing.T, dir string) string {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
