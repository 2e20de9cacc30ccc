// Package update brings a copy of the project to a later version: it renders the version that the copy was made of and the
// later one with the same choices, and applies the difference with git, which merges it with what the team has changed.
//
// It must not know how a version is rendered: each version has a program of its own for that.
package update

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/plinth/tools/scaffold/internal/record"
	"example.com/plinth/tools/scaffold/internal/slice"
)

// Options say what to update to.
type Options struct {
	Project string // root of the copy
	Source  string // a repository of the starter, of which worktrees are made
	Commit  string // the revision of Source to update to
	Add     []string
	Drop    []string
	// Render writes the version at source into the new folder dir.
	Render func(ctx context.Context, source, dir string, as record.Record, without []string) error
	Out    io.Writer
}

// ErrConflicts means that the difference was applied in part, and that git waits for the conflicts to be resolved.
var ErrConflicts = errors.New("there are conflicts")

// Run applies the update on a new branch scaffold/<revision>. It refuses a working tree with changes. When it fails with
// anything but ErrConflicts, the project is as it was.
func Run(ctx context.Context, options Options) error {
	project := repository{options.Project}
	if err := project.checkReady(ctx); err != nil {
		return err
	}
	recorded, err := record.Read(options.Project)
	if err != nil {
		return err
	}
	if _, err := chosen(recorded, "", options.Add, options.Drop); err != nil {
		return err
	}
	source := repository{options.Source}
	target, err := source.git(ctx, "rev-parse", "--verify", "--quiet", options.Commit+"^{commit}")
	if err != nil {
		return fmt.Errorf("%s is no revision of the starter", options.Commit)
	}
	if _, err := source.git(ctx, "cat-file", "-e", recorded.Commit+"^{commit}"); err != nil {
		return fmt.Errorf("the starter has no revision %s, which %s records: is it another repository, or a shallow clone?",
			recorded.Commit, record.File)
	}
	work, err := os.MkdirTemp("", "scaffold-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work) //nolint:errcheck // a folder of temporary files
	baseDir := filepath.Join(work, "base")
	base, err := render(ctx, options, project, recorded, baseDir, recorded.Commit, recorded.Without(), "")
	if err != nil {
		return err
	}
	choice, err := chosen(recorded, baseDir, options.Add, options.Drop)
	if err != nil {
		return err
	}
	theirs, err := render(ctx, options, project, recorded, filepath.Join(work, "target"), target, namesOf(choice.Left()), base)
	if err != nil {
		return err
	}
	return apply(ctx, options, project, change{
		base: base, theirs: theirs, from: recorded.Commit, to: target,
	})
}

// chosen returns the slices of the updated copy. A slice that is newer than the copy is left out unless it is added, or
// the version in base has files of it: what every copy had then, this one keeps.
func chosen(recorded record.Record, base string, add, drop []string) (slice.Choice, error) {
	without := recorded.Without()
	for _, s := range slice.All() {
		if _, told := recorded.Slices[s.Name]; !told && !hasFiles(base, s) {
			without = append(without, s.Name)
		}
	}
	choice, err := slice.Without(without...)
	if err != nil {
		return choice, err
	}
	if choice, err = choice.With(add...); err != nil {
		return choice, err
	}
	dropped, err := slice.Without(append(namesOf(choice.Left()), drop...)...)
	if err != nil {
		return choice, err
	}
	for _, name := range add {
		if !dropped.Has(name) {
			return choice, fmt.Errorf("%s is both added and dropped", name)
		}
	}
	return dropped, nil
}

// hasFiles reports whether a folder has files of a slice.
func hasFiles(dir string, s slice.Slice) bool {
	return slices.ContainsFunc(s.Paths, func(owned string) bool {
		_, err := os.Stat(filepath.Join(dir, owned))
		return dir != "" && err == nil
	})
}

func namesOf(list []slice.Slice) []string {
	names := make([]string, len(list))
	for i, s := range list {
		names[i] = s.Name
	}
	return names
}

// render writes a version of the starter as a commit of the project, on top of parent, and returns its id.
func render(
	ctx context.Context, options Options, project repository, as record.Record, dir, commit string, without []string, parent string,
) (string, error) {
	source := repository{options.Source}
	tree := dir + "-source"
	if _, err := source.git(ctx, "worktree", "add", "--quiet", "--detach", tree, commit); err != nil {
		return "", err
	}
	defer func() { _, _ = source.git(context.WithoutCancel(ctx), "worktree", "remove", "--force", tree) }()
	if err := options.Render(ctx, tree, dir, as, without); err != nil {
		return "", fmt.Errorf("rendering revision %s: %w", short(commit), err)
	}
	if as.Kit == record.Ejected {
		if err := record.Eject(dir); err != nil {
			return "", err
		}
	}
	return project.commitFolder(ctx, dir, parent, "Update the scaffold to "+short(commit))
}

// change is the difference between two versions, as commits.
type change struct{ base, theirs, from, to string }

// apply cherry-picks the change, whose base is a rendering and not an ancestor: git merges file by file, renames included.
func apply(ctx context.Context, options Options, project repository, c change) error {
	changed, err := project.git(ctx, "diff", "--name-status", "--no-renames", c.base, c.theirs)
	if err != nil {
		return err
	}
	if changed == "" {
		fmt.Fprintf(options.Out, "The copy is made of revision %s already.\n", short(c.to))
		return nil
	}
	start, err := project.git(ctx, "symbolic-ref", "--short", "HEAD")
	if err != nil {
		return err
	}
	branch := "scaffold/" + short(c.to)
	if err := project.startBranch(ctx, branch); err != nil {
		return err
	}
	out, err := project.gitEnv(ctx, project.identity(ctx), "cherry-pick", "--allow-empty", "--keep-redundant-commits", c.theirs)
	conflicts, generated, resolveErr := project.resolveGenerated(ctx)
	if err != nil && len(conflicts) == 0 && len(generated) > 0 { // no conflict is left
		out, err = project.gitEnv(ctx, project.identity(ctx), "cherry-pick", "--continue")
	}
	if err != nil && len(conflicts) == 0 { // not a conflict, such as a hook that fails
		_, _ = project.git(ctx, "cherry-pick", "--abort")
		_, _ = project.git(ctx, "switch", "--quiet", start)
		_, _ = project.git(ctx, "branch", "--delete", "--force", branch)
		return fmt.Errorf("%w\n%s", err, out)
	}
	if resolveErr != nil {
		return resolveErr
	}
	newest, err := project.newestMigration(ctx, start)
	if err != nil {
		return err
	}
	breaking, err := breakingNotes(ctx, repository{options.Source}, c)
	if err != nil {
		return err
	}
	summary{
		branch: branch, start: start, change: c, changed: strings.Split(changed, "\n"), breaking: breaking,
		conflicts: conflicts, generated: generated, newestMigration: newest,
	}.print(options.Out)
	if len(conflicts) > 0 {
		return ErrConflicts
	}
	return nil
}

// breakingNotes returns the entries that the change log of the starter has gained about breaks, each in one line.
func breakingNotes(ctx context.Context, source repository, c change) ([]string, error) {
	lines, err := source.lines(ctx, "diff", "--unified=0", c.from, c.to, "--", "CHANGELOG.md")
	if err != nil {
		return nil, err
	}
	var notes []string
	inNote := false
	for _, line := range lines {
		text, isNew := strings.CutPrefix(line, "+")
		text = strings.TrimSpace(text)
		switch entry, begins := strings.CutPrefix(text, "- "); {
		case begins || !isNew || text == "":
			if inNote = isNew && strings.HasPrefix(entry, "Breaking"); inNote {
				notes = append(notes, entry)
			}
		case inNote:
			notes[len(notes)-1] += " " + text
		}
	}
	return notes, nil
}

func short(commit string) string { return commit[:min(len(commit), 12)] }
