//go:build !unix

package keyfile

import (
	"io/fs"
	"os"
)

// takeAfter gives a file the permissions of another one.
func takeAfter(file *os.File, other fs.FileInfo) error { return file.Chmod(other.Mode().Perm()) }
