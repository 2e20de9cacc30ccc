package keyfile_test

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/cli"
	"example.com/plinth/kit/keyfile"
)

// result is the output of a command, and its error.
type result struct {
	stdout string
	err    error
}

func runKeys(args ...string) result {
	var stdout bytes.Buffer
	err := keyfile.Run(args, &stdout, time.Now)
	return result{stdout.String(), err}
}

// want checks that a command succeeds and prints parts.
func (r result) want(t *testing.T, parts ...string) {
	t.Helper()
	if r.err != nil {
		t.Fatal(r.err)
	}
	for _, part := range parts {
		if !strings.Contains(r.stdout, part) {
			t.Errorf("it does not print %q, but: %s", part, r.stdout)
		}
	}
}

// wantFailure checks the error of a command.
func (r result) wantFailure(t *testing.T, words string) {
	t.Helper()
	if r.err == nil || !strings.Contains(r.err.Error(), words) {
		t.Errorf("got %v, want an error with %q", r.err, words)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keySet(t *testing.T, path string) *auth.KeySet {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	set, err := auth.ParseKeySet(content)
	must(t, err)
	return set
}

func TestGenerate(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"", auth.AlgorithmEdDSA, auth.AlgorithmES256, auth.AlgorithmRS256} {
		t.Run(algorithm, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "keys.json")
			args, want := []string{"generate", path}, auth.AlgorithmEdDSA
			if algorithm != "" {
				args, want = []string{"generate", "--algorithm", algorithm, path}, algorithm
			}
			got := runKeys(args...)
			got.want(t, path+": "+want+"\n  active   ", "\n  standby  ", "JWT_ALGORITHM="+want, "restart every replica")
			set := keySet(t, path)
			if set.Algorithm() != want || len(set.Keys()) != 2 ||
				!strings.Contains(got.stdout, "active   "+set.ActiveKeyID()) {
				t.Errorf("%s holds %+v; it printed %s", path, set.Keys(), got.stdout)
			}
			checkFiles(t, path, 0o600)
		})
	}
}

// checkFiles checks the permissions of a key file, and that its folder has no other file.
func checkFiles(t *testing.T, path string, mode os.FileMode) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(path))
	must(t, err)
	info, err := os.Stat(path)
	must(t, err)
	if len(entries) != 1 || info.Mode() != mode {
		t.Errorf("there are %v, with mode %s", entries, info.Mode())
	}
}

func TestGenerateReplacesOnlyWithForce(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	runKeys("generate", path).want(t)
	before := keySet(t, path).ActiveKeyID()
	runKeys("generate", path).wantFailure(t, "exists already")
	runKeys("generate", "--algorithm", "HS256", "--force", path).wantFailure(t, `no keys for algorithm "HS256"`)
	if keySet(t, path).ActiveKeyID() != before {
		t.Error("the keys were replaced")
	}
	checkFiles(t, path, 0o600)
	runKeys("generate", "--force", path).want(t)
	if keySet(t, path).ActiveKeyID() == before {
		t.Error("the keys were not replaced")
	}
	checkFiles(t, path, 0o600)
}

func TestRotate(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keys.json")
	runKeys("generate", path).want(t)
	first := keySet(t, path)
	must(t, os.Chmod(path, 0o640)) //nolint:gosec // G302: for a server in the group of the file
	runKeys("rotate", path).want(t, "active   "+first.Keys()[1].ID, "standby  ",
		"retired  "+first.ActiveKeyID()+" until ",
		"restart them one after another", "Other users can read", "chmod 600")
	checkFiles(t, path, 0o640)
	second := keySet(t, path)
	if left := time.Until(second.Keys()[2].Expires); left < keyfile.DefaultOverlap-time.Hour ||
		left > keyfile.DefaultOverlap {
		t.Errorf("the retired key is valid for %s", left)
	}
	got := runKeys("rotate", "--overlap", "0", path)
	got.want(t, "active   "+second.Keys()[1].ID, "refuses the tokens")
	if strings.Contains(got.stdout, "retired  "+second.ActiveKeyID()) ||
		!strings.Contains(got.stdout, "retired  "+first.ActiveKeyID()) {
		t.Errorf("it dropped the wrong key: %s", got.stdout)
	}
	runKeys("list", path).want(t, "active   "+second.Keys()[1].ID)
}

// Configuration tools create such links.
func TestRotateKeepsASymbolicLink(t *testing.T) {
	t.Parallel()
	path, link := filepath.Join(t.TempDir(), "keys.json"), filepath.Join(t.TempDir(), "link.json")
	runKeys("generate", path).want(t)
	must(t, os.Symlink(path, link))
	runKeys("rotate", link).want(t)
	if target, err := os.Readlink(link); err != nil || target != path || len(keySet(t, path).Keys()) != 3 {
		t.Errorf("the link leads to %s (%v), which holds %+v", target, err, keySet(t, path).Keys())
	}
}

func TestInvalidFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	broken := filepath.Join(folder, "broken.json")
	must(t, os.WriteFile(broken, []byte(`{"keys":[{"d":"canary"}]}`), 0o600))
	for _, args := range [][]string{{"rotate", broken}, {"list", broken}, {"rotate", "--overlap", "-1h", broken}} {
		got := runKeys(args...)
		got.wantFailure(t, "broken.json")
		if got.err != nil && strings.Contains(got.err.Error(), "canary") {
			t.Errorf("it quotes the content: %s", got.err.Error())
		}
	}
	for _, args := range [][]string{{"rotate"}, {"list"}, {"generate"}} {
		runKeys(append(args, filepath.Join(folder, "nowhere", "keys.json"))...).wantFailure(t,
			"no such file or directory")
	}
	runKeys("generate", "--force", folder).wantFailure(t, "")
	if content, err := os.ReadFile(broken); err != nil || !strings.Contains(string(content), "canary") {
		t.Errorf("the broken file is %s now (%v)", content, err)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 1 {
		t.Errorf("left are %v (%v)", entries, err)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"", "burn x", "generate", "generate x y", "generate --bits 1 x", "rotate", "rotate --overlap never x", "list",
	} {
		if got := runKeys(strings.Fields(args)...); !errors.Is(got.err, cli.ErrUsage) || got.stdout != "" {
			t.Errorf("%q: got %+v", args, got)
		}
	}
	if got := runKeys("list", "-h"); !errors.Is(got.err, flag.ErrHelp) {
		t.Errorf("-h: got %v", got.err)
	}
}
