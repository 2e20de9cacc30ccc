//go:build faults

package faults_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/plinth/db"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/devdb"
)

// cluster is a PostgreSQL server that tests may stop or kill. Tests that change only a database use
// pgtest.
type cluster struct {
	*devdb.Server

	opts devdb.Options
}

// startCluster creates a cluster in dir, or starts the existing one.
func startCluster(t *testing.T, dir string, settings ...string) *cluster {
	t.Helper()
	c := &cluster{opts: devdb.Options{
		Dir: dir, BinDir: os.Getenv("POSTGRES_BIN"), Extensions: db.Extensions(), Exclusive: true,
		// No test simulates a power failure, but commits must survive a killed process.
		Settings: append([]string{"fsync=off", "synchronous_commit=on", "max_connections=200"}, settings...),
	}}
	c.start(t)
	t.Cleanup(func() { _ = c.Stop() })
	return c
}

func (c *cluster) start(t *testing.T) {
	t.Helper()
	for {
		server, err := devdb.Start(context.WithoutCancel(t.Context()), c.opts)
		if errors.Is(err, devdb.ErrInUse) { // by remaining processes of a killed server
			during(t, 5*time.Millisecond)
			continue
		}
		must(t, err)
		c.Server = server
		return
	}
}

// database creates a migrated database and returns its URL.
func (c *cluster) database(t *testing.T, name string) string {
	t.Helper()
	must(t, c.CreateDatabase(t.Context(), name))
	must(t, pgstore.Migrate(t.Context(), c.URL(name)))
	return c.URL(name)
}

// kill kills the server's main process.
func (c *cluster) kill(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.Dir(), "data", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	<-c.Done()
	_ = c.Stop() // releases the folder
}
