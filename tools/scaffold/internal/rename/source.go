package rename

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/plinth/tools/scaffold/internal/slice"
)

// starterOnly is what no copy has: the tool that makes copies, proofs of the starter, and its history.
var starterOnly = []string{
	"tools/scaffold", "scripts/check-new.sh", "scripts/check-update.sh", "lab", "docs/adr", "docs/copies.md", "docs/faults.md", "docs/performance.md", "docs/images",
	"e2e/baselines", // the images have the name of the starter
}

var moduleLine = regexp.MustCompile(`(?m)^module[ \t]+"?([^\s"]+)"?`)

// sourceNames reads the names of the project at source from its go.mod.
func sourceNames(source *os.Root) (Names, error) {
	goMod, err := source.ReadFile("go.mod")
	if err != nil {
		return Names{}, fmt.Errorf("reading the project's module path: %w", err)
	}
	match := moduleLine.FindSubmatch(goMod)
	if match == nil {
		return Names{}, errors.New("reading the project's module path: go.mod has no module line")
	}
	return NewNames(string(match[1]), "", nil)
}

// sourceFiles lists what to copy, as slash-separated paths: what git tracks or would track, or, where the source is no
// git repository, everything.
func sourceFiles(ctx context.Context, source *os.Root, choice slice.Choice) ([]string, error) {
	list := walk
	if _, err := source.Stat(".git"); err == nil {
		list = gitFiles
	}
	files, err := list(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("listing the project's files: %w", err)
	}
	return slices.DeleteFunc(files, func(file string) bool {
		return !choice.HasFile(file) || isUnder(file, starterOnly) || slices.ContainsFunc(strings.Split(file, "/"), isPrivate)
	}), nil
}

// isPrivate tells history, databases and secrets, which stay behind even if git tracks them or is not there to ask.
func isPrivate(name string) bool {
	return name == ".git" || name == ".data" || strings.HasPrefix(name, ".env") && name != ".env.example"
}

func isUnder(file string, folders []string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return file == folder || strings.HasPrefix(file, folder+"/")
	})
}

// gitFiles returns the files that are tracked or could be, without those that are deleted in the working tree.
func gitFiles(ctx context.Context, source *os.Root) ([]string, error) {
	command := git(ctx, source.Name(), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	out, err := command.Output()
	if failure, ok := errors.AsType[*exec.ExitError](err); ok {
		return nil, fmt.Errorf("git ls-files: %w: %s", err, bytes.TrimSpace(failure.Stderr))
	}
	if err != nil {
		return nil, err
	}
	var files []string
	for file := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		info, err := source.Lstat(filepath.FromSlash(file))
		if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() { // a directory is another repository
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	slices.Sort(files)
	return slices.Compact(files), nil // a conflict in the index is listed once for each side
}

// origin is where the files of a project come from.
type origin struct {
	commit string
	url    string
	dirty  bool
}

// originOf asks git; a project in no repository has the zero origin.
func originOf(ctx context.Context, source *os.Root) (found origin, err error) {
	if _, err := source.Stat(".git"); err != nil {
		return origin{}, nil //nolint:nilerr // that is the answer
	}
	status, err := git(ctx, source.Name(), "status", "--porcelain").Output()
	if err != nil {
		return origin{}, fmt.Errorf("git status: %w", err)
	}
	ask := func(args ...string) string { // empty without an answer
		out, _ := git(ctx, source.Name(), args...).Output()
		return strings.TrimSpace(string(out))
	}
	found.dirty = len(status) > 0
	found.commit = ask("rev-parse", "--verify", "--quiet", "HEAD")
	found.url = ask("config", "--get", "remote.origin.url")
	if !strings.Contains(found.url, "://") && !strings.Contains(found.url, "@") {
		found.url = "" // a path of this machine
	}
	return found, nil
}

// InitGit makes dir a git repository whose first commit has all files. Without an identity of its user, git commits in the
// name of the tool.
func InitGit(ctx context.Context, dir, message string) error {
	identity := []string{}
	if out, err := git(ctx, dir, "config", "user.email").Output(); err != nil || len(bytes.TrimSpace(out)) == 0 {
		identity = []string{"-c", "user.name=" + projectTitle, "-c", "user.email=" + projectSlug + "@localhost"}
	}
	for _, args := range [][]string{
		{"init", "--quiet"},
		{"add", "--all"},
		append(identity, "commit", "--quiet", "--no-verify", "--message", message),
	} {
		if out, err := git(ctx, dir, args...).CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, bytes.TrimSpace(out))
		}
	}
	return nil
}

// hookVariables are set in a git hook, and name the repository and the index that the hook runs for.
var hookVariables = []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}

// git prepares a git command in dir, on the repository of dir.
func git(ctx context.Context, dir string, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, "git", args...) //nolint:gosec // G204: the arguments are ours
	command.Dir = dir
	command.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool { //nolint:forbidigo // handed on, not read
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains(hookVariables, name)
	})
	return command
}

// walk returns all files but those that can be built or fetched again.
func walk(ctx context.Context, source *os.Root) ([]string, error) {
	var files []string
	err := fs.WalkDir(source.FS(), ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case file == "bin", slices.Contains([]string{"node_modules", "dist"}, path.Base(file)), isPrivate(path.Base(file)):
			if entry.IsDir() {
				return fs.SkipDir
			}
		case !entry.IsDir():
			files = append(files, file)
		}
		return nil
	})
	return files, err
}
