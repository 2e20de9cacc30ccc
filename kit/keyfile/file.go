package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/plinth/kit/auth"
)

// Read reads the keys of a file.
func Read(path string) (*auth.KeySet, error) {
	content, err := os.ReadFile(path) //nolint:gosec // G304: the operator's choice
	if err != nil {
		return nil, err
	}
	set, err := auth.ParseKeySet(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return set, nil
}

// create writes a new file that only its owner can read. It fails if the file exists.
func create(path string, set *auth.KeySet) error {
	beside, err := writeBeside(path, set, nil)
	if err != nil {
		return err
	}
	err = os.Link(beside, path) // unlike a rename it does not replace a file
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s exists already: rotate its keys, or replace it with --force", path)
	}
	return errors.Join(err, os.Remove(beside), syncFolder(path))
}

// replace writes a file that may exist. It keeps owner and permissions, so that the server can
// still read it, and replaces the target of a symbolic link, not the link.
func replace(path string, set *auth.KeySet) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	before, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	beside, err := writeBeside(path, set, before)
	if err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		return errors.Join(err, os.Remove(beside))
	}
	return syncFolder(path)
}

// writeBeside writes a temporary file in the folder of path, with the owner and permissions of
// like unless that is nil. Renamed, it replaces the file atomically.
func writeBeside(path string, set *auth.KeySet, like fs.FileInfo) (beside string, err error) {
	content, err := set.PrivateJWKS()
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // with mode 0600
	if err != nil {
		return "", err
	}
	if like != nil {
		err = takeAfter(file, like)
	}
	if err == nil {
		_, err = file.Write(append(content, '\n'))
	}
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}

// syncFolder makes a new name survive a power failure.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// othersCanRead reports whether users other than the owner can read the file.
func othersCanRead(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o077 != 0
}
