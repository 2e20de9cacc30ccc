package keyfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"example.com/plinth/kit/auth"
)

// A key file is never half written: the new content goes into a file beside it, which then takes
// its place.

func readKeyFile(path string) (*auth.KeySet, error) {
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

// createKeyFile writes a file that must not exist, and that only its owner can read.
func createKeyFile(path string, set *auth.KeySet) error {
	beside, err := writeBeside(path, set, nil)
	if err != nil {
		return err
	}
	err = os.Link(beside, path) // not a rename, which would replace a file
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%s is there already: rotate its keys, or replace it with --force", path)
	}
	return errors.Join(err, os.Remove(beside), syncFolder(path))
}

// replaceKeyFile writes a file that may exist; its owner and permissions stay as they are, so that
// the server can read what it could read before. What a symbolic link leads to is replaced, not the
// link.
func replaceKeyFile(path string, set *auth.KeySet) error {
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

// writeBeside writes the content of a file into another one in its folder, which has the owner and
// the permissions of like, if that is not nil.
func writeBeside(path string, set *auth.KeySet, like fs.FileInfo) (beside string, err error) {
	content, err := set.PrivateJWKS()
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // for its owner only
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

// syncFolder makes a new name last through a power failure.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func othersCanRead(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().Perm()&0o077 != 0
}
