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
	// memoryNeeded is room for the slots of some test binaries, at about 40 MB each,
	// and for databases of about 8 MB that are in use at the same time.
	memoryNeeded = 512 << 20
	// slotPatience is how long to wait for a slot whose binary may be about to end:
	// less than what a new one costs.
	slotPatience = 300 * time.Millisecond
	slotPoll     = 10 * time.Millisecond
)

// openSlot starts the cluster of a free slot and returns its server. A slot is a folder whose cluster stays
// warm between test binaries. Its lock ends with its server, and that with the
// binary, so there are as many slots as there were binaries at a time: go test -p N
// leaves N of them.
func openSlot(ctx context.Context, cfg settings) (*devdb.Server, error) {
	dir := cfg.slots
	if dir == "" {
		var err error
		if dir, err = slotsDir(); err != nil {
			return nil, err
		}
	}
	worthANewOne, waited := time.After(slotPatience), false
	for {
		server, err := firstFree(ctx, dir, cfg, waited)
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

// firstFree starts the first slot that nobody uses. It adds one if it may, or if
// there is none.
func firstFree(ctx context.Context, dir string, cfg settings, mayAdd bool) (*devdb.Server, error) {
	for number := 0; ; number++ {
		path := filepath.Join(dir, strconv.Itoa(number))
		if _, err := os.Stat(path); err != nil && number > 0 && !mayAdd {
			return nil, devdb.ErrInUse
		}
		server, err := devdb.Start(ctx, devdb.Options{
			Dir: path, BinDir: cfg.binDir, Repository: cfg.mirror, Exclusive: true, Volatile: true,
		})
		if !errors.Is(err, devdb.ErrInUse) {
			return server, err
		}
	}
}

// slotsDir returns this user's folder of slots: in memory if there is room, because
// making and dropping databases is mostly a matter of many small files.
func slotsDir() (string, error) {
	if hasRoom(memory) {
		dir := filepath.Join(memory, project+"-pgtest-"+strconv.Itoa(os.Geteuid()))
		if err := devdb.MakePrivate(dir); err == nil {
			return dir, nil
		}
	}
	cache, err := devdb.CacheDir()
	if err != nil {
		return "", fmt.Errorf("looking for a place for test databases: %w", err)
	}
	return filepath.Join(cache, "pgtest"), nil
}

func hasRoom(dir string) bool {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(dir, &stat); err != nil {
		return false
	}
	return stat.Bavail*uint64(stat.Bsize) >= memoryNeeded //nolint:gosec // block sizes are positive
}
