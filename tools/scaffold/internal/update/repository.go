package update

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// repository is the root of a working tree.
type repository struct{ dir string }

// git runs a git command and returns its output. The error has what git said.
func (r repository) git(ctx context.Context, args ...string) (string, error) {
	return r.gitEnv(ctx, nil, args...)
}

func (r repository) gitEnv(ctx context.Context, env []string, args ...string) (string, error) {
	command := exec.CommandContext(ctx, "git", args...) //nolint:gosec // G204: the arguments are ours
	command.Dir = r.dir
	command.Env = append(os.Environ(), append([]string{"GIT_EDITOR=true"}, env...)...) //nolint:forbidigo // handed on, not read
	out, err := command.Output()
	text := strings.TrimRight(string(out), "\n")
	if failure, ok := errors.AsType[*exec.ExitError](err); ok {
		return text, fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(string(failure.Stderr)))
	}
	return text, err
}

// lines returns the lines of the output.
func (r repository) lines(ctx context.Context, args ...string) ([]string, error) {
	out, err := r.git(ctx, args...)
	if out == "" {
		return nil, err
	}
	return strings.Split(out, "\n"), err
}

// checkReady fails unless an update can start: in a git repository, on a branch, with nothing that is not committed.
func (r repository) checkReady(ctx context.Context) error {
	top, err := r.git(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return fmt.Errorf("%s is no git repository: an update is merged by git, so commit the project to one first", r.dir)
	}
	if same, err := sameFolder(top, r.dir); err != nil || !same {
		return errors.Join(err, fmt.Errorf("%s is not the root of its repository, which is %s", r.dir, top))
	}
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err != nil {
		return errors.New("the repository has no commit: commit the project first")
	}
	if _, err := r.git(ctx, "symbolic-ref", "--quiet", "HEAD"); err != nil {
		return errors.New("HEAD is detached: switch to a branch first")
	}
	status, err := r.git(ctx, "status", "--porcelain")
	if err != nil {
		return err
	}
	if status != "" {
		return fmt.Errorf("there are changes that are not committed: commit or stash them first\n%s", status)
	}
	return nil
}

func sameFolder(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), err
}

// startBranch switches to a new branch at HEAD. A branch of this name that has nothing of its own is of an update that was
// aborted, and is used again.
func (r repository) startBranch(ctx context.Context, branch string) error {
	if _, err := r.git(ctx, "rev-parse", "--verify", "--quiet", "refs/heads/"+branch); err == nil {
		if _, err := r.git(ctx, "merge-base", "--is-ancestor", branch, "HEAD"); err != nil {
			return fmt.Errorf("the branch %s exists and is not merged: merge it, or delete it with git branch -D %s", branch, branch)
		}
	}
	_, err := r.git(ctx, "switch", "--quiet", "--force-create", branch)
	return err
}

// commitFolder adds the files of a folder to the repository, as a commit on no branch.
func (r repository) commitFolder(ctx context.Context, dir, parent, message string) (string, error) {
	gitDir, err := r.git(ctx, "rev-parse", "--absolute-git-dir")
	if err != nil {
		return "", err
	}
	env := []string{"GIT_DIR=" + gitDir, "GIT_WORK_TREE=" + dir, "GIT_INDEX_FILE=" + filepath.Join(filepath.Dir(dir), filepath.Base(dir)+".index")}
	folder := repository{dir}
	if _, err := folder.gitEnv(ctx, env, "add", "--all", "--force", "."); err != nil {
		return "", err
	}
	tree, err := folder.gitEnv(ctx, env, "write-tree")
	if err != nil {
		return "", err
	}
	args := []string{"commit-tree", tree, "-m", message}
	if parent != "" {
		args = append(args, "-p", parent)
	}
	return folder.gitEnv(ctx, append(env, r.identity(ctx)...), args...)
}

// generatedFolders have code that `make generate` writes anew, so that conflicts in it need no reading.
var generatedFolders = []string{"gen/", "clients/typescript/src/gen/", "clients/typescript/dist/"}

// resolveGenerated takes the update's side of conflicts in generated code, and returns the files with other conflicts
// and those that it has resolved.
func (r repository) resolveGenerated(ctx context.Context) (conflicts, generated []string, err error) {
	files, err := r.lines(ctx, "diff", "--name-only", "--diff-filter=U")
	if err != nil {
		return nil, nil, err
	}
	for _, file := range files {
		inFolder := func(folder string) bool { return strings.HasPrefix(file, folder) }
		if !slices.ContainsFunc(generatedFolders, inFolder) {
			conflicts = append(conflicts, file)
			continue
		}
		if _, err := r.git(ctx, "checkout", "--theirs", "--", file); err != nil { // the update has deleted it
			if _, err := r.git(ctx, "rm", "--quiet", "--force", "--", file); err != nil {
				return nil, nil, err
			}
		} else if _, err := r.git(ctx, "add", "--", file); err != nil {
			return nil, nil, err
		}
		generated = append(generated, file)
	}
	return conflicts, generated, nil
}

// migrations is the folder of migrations, which are ordered by their file names.
const migrations = "db/migrations"

// newestMigration returns the name of the newest migration of a revision; empty if there is none.
func (r repository) newestMigration(ctx context.Context, revision string) (string, error) {
	files, err := r.lines(ctx, "ls-tree", "--name-only", revision, migrations+"/")
	if len(files) == 0 {
		return "", err
	}
	return path.Base(slices.Max(files)), nil
}

// identity returns the variables that commits need where the user has no identity.
func (r repository) identity(ctx context.Context) []string {
	if email, err := r.git(ctx, "config", "user.email"); err == nil && email != "" {
		return nil
	}
	return []string{
		"GIT_AUTHOR_NAME=scaffold", "GIT_AUTHOR_EMAIL=scaffold@localhost",
		"GIT_COMMITTER_NAME=scaffold", "GIT_COMMITTER_EMAIL=scaffold@localhost",
	}
}
