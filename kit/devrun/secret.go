package devrun

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Secret returns the secret in a file. On the first call it generates one, and the folder of the
// file.
func Secret(path string) (string, error) {
	stored, err := os.ReadFile(path) //nolint:gosec // G304: the caller's choice
	if errors.Is(err, fs.ErrNotExist) {
		if err := generate(path); err != nil {
			return "", fmt.Errorf("storing the development secret: %w", err)
		}
		stored, err = os.ReadFile(path) //nolint:gosec // G304: see above
	}
	if err != nil {
		return "", fmt.Errorf("reading the development secret: %w", err)
	}
	return strings.TrimSpace(string(stored)), nil
}

// generate writes a secret to a temporary file and links it into place: of several first runs all
// use the same secret, and none reads half of it.
func generate(path string) error {
	if err := makeFolder(filepath.Dir(path)); err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+"-*") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(file.Name()) //nolint:errcheck // renamed, it does not exist
	_, err = file.WriteString(rand.Text() + rand.Text() + "\n")
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Link(file.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(file.Name(), path) // without hard links the last of several first runs wins
}

// makeFolder creates a folder that the database server, which as root is another user, can enter
// whatever the umask is.
func makeFolder(dir string) error {
	err := os.Mkdir(dir, 0o755) //nolint:gosec // G301: see above
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(dir, 0o755) //nolint:gosec // G302: see above
}
