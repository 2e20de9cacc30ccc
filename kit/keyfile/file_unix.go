//go:build unix

package keyfile

import (
	"io/fs"
	"os"
	"syscall"
)

// takeAfter sets the owner and permissions of a file to those of another one.
func takeAfter(file *os.File, other fs.FileInfo) error {
	if stat, ok := other.Sys().(*syscall.Stat_t); ok {
		if err := file.Chown(int(stat.Uid), int(stat.Gid)); err != nil {
			return err
		}
	}
	return file.Chmod(other.Mode().Perm())
}
