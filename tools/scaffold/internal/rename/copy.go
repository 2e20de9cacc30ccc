package rename

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"example.com/plinth/tools/scaffold/internal/record"
	"example.com/plinth/tools/scaffold/internal/slice"
)

// Options say what a copy is like.
type Options struct {
	Names  Names
	Choice slice.Choice
	// From is the URL of the starter's repository, for the record; empty means that of the remote origin, if there is one.
	From string
	// Finish, unless nil, completes the copy before it takes its place, such as by generating code.
	Finish func(ctx context.Context, dir string) error
}

// Report says what Copy did.
type Report struct {
	Files  int
	Commit string // the revision that was copied; empty if the source is in no repository
	Dirty  bool   // whether the source has changes that no commit has
}

// Copy writes the project at source into dir under other names, without the slices that the choice lacks, and with a
// record of its origin. Executable files stay executable, symbolic links stay links.
//
// dir must be absent or empty, and outside of source. When Copy fails, dir is as it was.
func Copy(ctx context.Context, source, dir string, options Options) (report Report, err error) {
	if err := checkTarget(source, dir); err != nil {
		return report, err
	}
	from, err := os.OpenRoot(source)
	if err != nil {
		return report, fmt.Errorf("opening the project: %w", err)
	}
	defer from.Close() //nolint:errcheck // nothing was written
	old, err := sourceNames(from)
	if err != nil {
		return report, err
	}
	if old.Module == options.Names.Module {
		return report, fmt.Errorf("%s is the module path of this project: choose another", options.Names.Module)
	}
	origin, err := originOf(ctx, from)
	if err != nil {
		return report, err
	}
	files, err := sourceFiles(ctx, from, options.Choice)
	if err != nil {
		return report, err
	}
	tests, err := proofsOf(from, files, options.Choice)
	if err != nil {
		return report, err
	}
	r := newRewriter(old, options.Names, options.Choice, tests)
	added, err := addedFiles(from, files, origin, options)
	if err != nil {
		return report, err
	}
	err = inNewFolder(dir, func(to *os.Root) error {
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.copyFile(from, to, file); err != nil {
				return fmt.Errorf("copying %s: %w", file, err)
			}
		}
		for file, content := range added {
			if err := writeNew(to, file, content); err != nil {
				return err
			}
		}
		if options.Finish == nil {
			return nil
		}
		return options.Finish(ctx, to.Name())
	})
	return Report{Files: len(files) + len(added), Commit: origin.commit, Dirty: origin.dirty}, err
}

// addedFiles returns the files of the copy that the project does not have, by their paths.
func addedFiles(from *os.Root, files []string, origin origin, options Options) (map[string][]byte, error) {
	digest, err := kitDigest(from, files)
	if err != nil {
		return nil, err
	}
	content, err := record.Record{
		Source: cmp.Or(options.From, origin.url), Commit: origin.commit,
		Module: options.Names.Module, Name: options.Names.Title,
		Slices: record.SlicesOf(options.Choice), Kit: digest,
	}.Encode()
	if err != nil {
		return nil, err
	}
	started := fmt.Sprintf(startedFrom, projectTitle, cmp.Or(origin.commit, "an unknown revision"), options.Names.Title)
	return map[string][]byte{
		record.File:            content,
		"docs/adr/template.md": []byte(adrTemplate),
		"docs/adr/0001-started-from-" + projectSlug + ".md": []byte(started),
	}, nil
}

func writeNew(to *os.Root, file string, content []byte) error {
	if err := to.MkdirAll(path.Dir(file), 0o755); err != nil {
		return err
	}
	return to.WriteFile(file, content, 0o644)
}

const adrTemplate = `# N. What was decided, in a few words

What the situation was, what was decided, and what follows from it: three to fifteen lines.
`

const startedFrom = `# 1. Started from %[1]s

%[3]s was made from %[1]s, revision %[2]s. .scaffold.json records the revision and the parts that were chosen;
` + "`make update FROM=…`" + ` merges later versions. ` + "`kit/`" + ` is shared with the starter and is not edited here.
`

// checkTarget refuses a folder that holds something, or that would become a part of its own source.
func checkTarget(source, dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return fmt.Errorf("the folder to write: %w", err)
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty: choose a new folder", dir)
	}
	realSource, err := filepath.EvalSymlinks(source)
	if err != nil {
		return err
	}
	realDir, err := evalExisting(dir)
	if err != nil {
		return err
	}
	if inside, err := filepath.Rel(realSource, realDir); err == nil && filepath.IsLocal(inside) {
		return fmt.Errorf("%s is inside of this project: choose a folder beside it, such as ../%s",
			dir, filepath.Base(dir))
	}
	return nil
}

// evalExisting resolves the symbolic links in as much of a path as exists.
func evalExisting(dir string) (string, error) {
	resolved, err := filepath.EvalSymlinks(dir)
	if !errors.Is(err, fs.ErrNotExist) {
		return resolved, err
	}
	parent := filepath.Dir(dir)
	if parent == dir {
		return dir, nil
	}
	resolved, err = evalExisting(parent)
	return filepath.Join(resolved, filepath.Base(dir)), err
}

// inNewFolder lets fill write into a folder that becomes dir if all goes well and vanishes otherwise.
func inNewFolder(dir string, fill func(*os.Root) error) (err error) {
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // G301: an ordinary folder of source code
		return err
	}
	unfinished, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+"-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(unfinished))
		}
	}()
	root, err := os.OpenRoot(unfinished)
	if err != nil {
		return err
	}
	defer root.Close() //nolint:errcheck // its files are closed one by one
	if err := fill(root); err != nil {
		return err
	}
	if err := os.Chmod(unfinished, 0o755); err != nil { //nolint:gosec // G302: as above
		return err
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, fs.ErrNotExist) { // it is empty
		return err
	}
	return os.Rename(unfinished, dir)
}

// copyFile writes one file under its new path.
func (r *rewriter) copyFile(from, to *os.Root, file string) error {
	info, err := from.Lstat(file)
	if err != nil {
		return err
	}
	target := file
	if !inKit(file) {
		target = r.names.Replace(file)
	}
	if err := to.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		link, err := from.Readlink(file)
		if err != nil {
			return err
		}
		if filepath.IsAbs(link) || !filepath.IsLocal(filepath.Join(filepath.Dir(file), link)) {
			return fmt.Errorf("it is a link to %s, which is outside of the project", link)
		}
		return to.Symlink(r.names.Replace(link), target)
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is neither a file nor a link, but %s", info.Mode())
	}
	content, err := from.ReadFile(file)
	if err != nil {
		return err
	}
	if content, err = r.rewrite(file, content); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if info.Mode().Perm()&0o111 != 0 {
		mode = 0o755
	}
	return to.WriteFile(target, content, mode)
}
