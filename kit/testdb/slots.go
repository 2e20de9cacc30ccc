//go:build linux || darwin

package testdb

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"example.com/plinth/kit/devdb"
)

const (
	memory = "/dev/shm"
	// memoryNeeded has room for the slots of several test binaries, about 40 MB each, and for the
	// databases in use, about 8 MB each.
	memoryNeeded = 512 << 20
	// slotPatience is how long to wait for a busy slot. It is less than the cost of a new one.
	slotPatience = 300 * time.Millisecond
	slotPoll     = 10 * time.Millisecond
)

// openSlot starts the cluster of a free slot and returns its server. A slot is a folder whose
// cluster is reused by later test binaries. Its lock ends with its server, and the server with the
// binary, so there are as many slots as binaries have run at the same time: go test -p N leaves N.
func openSlot(ctx context.Context, options Options, dir string) (*devdb.Server, error) {
	if dir == "" {
		var err error
		if dir, err = slotsDir(options.Project); err != nil {
			return nil, err
		}
	}
	worthANewOne, waited := time.After(slotPatience), false
	for {
		server, err := firstFree(ctx, dir, options, waited)
		if !errors.Is(err, devdb.ErrInUse) {
			return server, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-worthANewOne:
			waited = true
		case <-time.After(slotPoll):
		}
	}
}

// firstFree starts the first slot that is not in use. It adds a slot if mayAdd is set or there is
// none.
func firstFree(ctx context.Context, dir string, options Options, mayAdd bool) (*devdb.Server, error) {
	for number := 0; ; number++ {
		path := filepath.Join(dir, strconv.Itoa(number))
		if _, err := os.Stat(path); err != nil && number > 0 && !mayAdd {
			return nil, devdb.ErrInUse
		}
		server, err := devdb.Start(ctx, devdb.Options{
			Dir: path, BinDir: options.Getenv("POSTGRES_BIN"), Repository: options.Getenv("POSTGRES_MIRROR"),
			Extensions: options.Extensions, Exclusive: true, Volatile: true,
		})
		if !errors.Is(err, devdb.ErrInUse) {
			return server, err
		}
	}
}

// slotsDir returns this user's folder of slots: in memory if there is room, because creating and
// dropping databases writes many small files. The name is the project's, whose templates are
// dropped when its migrations change.
func slotsDir(project string) (string, error) {
	if hasRoom(memory) {
		dir := filepath.Join(memory, project+"-pgtest-"+strconv.Itoa(os.Geteuid()))
		if err := devdb.MakePrivate(dir); err == nil {
			return dir, nil
		}
	}
	cache, err := devdb.CacheDir() // of all projects
	if err != nil {
		return "", fmt.Errorf("looking for a place for test databases: %w", err)
	}
	return filepath.Join(cache, project+"-pgtest"), nil
}

func hasRoom(dir string) bool {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return false
	}
	return stat.Bavail*uint64(stat.Bsize) >= memoryNeeded //nolint:gosec // block sizes are positive
}
