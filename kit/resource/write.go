package resource

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Write writes the files of the plan below a folder. If it fails, call [Snapshot.Restore].
func (p *Plan) Write(dir string) error {
	for _, file := range p.Files() {
		text, isNew := p.Created[file]
		if !isNew {
			text = p.Changed[file]
		}
		name := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // G301: a folder of sources
			return err
		}
		if err := os.WriteFile(name, text, 0o644); err != nil { //nolint:gosec // G306: sources
			return err
		}
	}
	return nil
}

// Snapshot has the files of a folder as they were, except those that no program of a project writes
// into its sources.
type Snapshot struct {
	dir   string
	files map[string]kept
}

type kept struct {
	text []byte
	mode fs.FileMode
}

// skipped are folders of sources of others, of build output and of data.
var skipped = []string{".git", ".data", "bin", "dist", "node_modules", "vendor"}

// Take reads the files of a folder.
func Take(dir string) (*Snapshot, error) {
	s := &Snapshot{dir, map[string]kept{}}
	err := walk(dir, func(name string, info fs.FileInfo) error {
		text, err := os.ReadFile(name) //nolint:gosec // G304: the project's own files
		s.files[name] = kept{text, info.Mode().Perm()}
		return err
	})
	return s, err
}

// Restore undoes all changes since the snapshot was taken: it removes new files and writes the others
// as they were.
func (s *Snapshot) Restore() error {
	var problems []error
	same := map[string]bool{}
	err := walk(s.dir, func(name string, info fs.FileInfo) error {
		was, existed := s.files[name]
		if !existed {
			problems = append(problems, os.Remove(name))
			return nil
		}
		text, err := os.ReadFile(name) //nolint:gosec // G304: see above
		same[name] = err == nil && bytes.Equal(text, was.text) && info.Mode().Perm() == was.mode
		return nil
	})
	problems = append(problems, err)
	for name, was := range s.files {
		if same[name] {
			continue
		}
		problems = append(problems, os.MkdirAll(filepath.Dir(name), 0o755), //nolint:gosec // G301: see above
			os.WriteFile(name, was.text, was.mode), os.Chmod(name, was.mode))
	}
	return errors.Join(problems...)
}

// walk visits the regular files of a project.
func walk(dir string, visit func(name string, info fs.FileInfo) error) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != dir && slices.Contains(skipped, entry.Name()):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		return visit(name, info)
	})
}
