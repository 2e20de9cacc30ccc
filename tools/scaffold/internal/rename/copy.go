package rename

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Copy writes the project at source into dir under other names, and returns how many files that were. The LICENSE of the
// copy says year. Executable files stay executable, symbolic links stay links.
//
// dir must be absent or empty, and outside of source. When Copy fails, dir is as it was.
func Copy(ctx context.Context, source, dir string, names Names, year int) (int, error) {
	if err := checkTarget(source, dir); err != nil {
		return 0, err
	}
	from, err := os.OpenRoot(source)
	if err != nil {
		return 0, fmt.Errorf("opening the project: %w", err)
	}
	defer from.Close() //nolint:errcheck // nothing was written
	old, err := sourceNames(from)
	if err != nil {
		return 0, err
	}
	if old.Module == names.Module {
		return 0, fmt.Errorf("%s is the module path of this project: choose another", names.Module)
	}
	files, err := sourceFiles(ctx, from)
	if err != nil {
		return 0, err
	}
	r := newRewriter(old, names, year)
	err = inNewFolder(dir, func(to *os.Root) error {
		for _, file := range files {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := r.copyFile(from, to, file); err != nil {
				return fmt.Errorf("copying %s: %w", file, err)
			}
		}
		return nil
	})
	return len(files), err
}

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
