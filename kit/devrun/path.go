package devrun

import "path/filepath"

// ShortPath returns a path relative to the working directory if it is inside, else the path.
func ShortPath(path string) string {
	if here, err := filepath.Abs("."); err == nil {
		if short, err := filepath.Rel(here, path); err == nil && filepath.IsLocal(short) {
			return short
		}
	}
	return path
}
