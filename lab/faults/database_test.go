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

// cluster is a PostgreSQL that can be broken. Tests that only break what is in it use pgtest.
type cluster struct {
	*devdb.Server

	opts devdb.Options
}

// startCluster makes a cluster, or starts the one that is in dir.
func startCluster(t *testing.T, dir string, settings ...string) *cluster {
	t.Helper()
	c := &cluster{opts: devdb.Options{
		Dir: dir, BinDir: os.Getenv("POSTGRES_BIN"), Extensions: db.Extensions(), Exclusive: true,
		// No test cuts the power, but what was committed must outlive a process.
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
		if errors.Is(err, devdb.ErrInUse) { // by the last processes of a server that was killed
			during(t, 5*time.Millisecond)
			continue
		}
		must(t, err)
		c.Server = server
		return
	}
}

// database makes a migrated database and returns its URL.
func (c *cluster) database(t *testing.T, name string) string {
	t.Helper()
	must(t, c.CreateDatabase(t.Context(), name))
	must(t, pgstore.Migrate(t.Context(), c.URL(name)))
	return c.URL(name)
}

// kill ends the server as a power cut would, but for what it wrote.
func (c *cluster) kill(t *testing.T) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(c.Dir(), "data", "postmaster.pid"))
	must(t, err)
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(first)
	must(t, err)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	<-c.Done()
	_ = c.Stop() // lets go of the folder
}
