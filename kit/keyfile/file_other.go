//go:build !unix

package keyfile

import (
	"io/fs"
	"os"
)

// takeAfter sets the permissions of a file to those of another one.
func takeAfter(file *os.File, other fs.FileInfo) error { return file.Chmod(other.Mode().Perm()) }
