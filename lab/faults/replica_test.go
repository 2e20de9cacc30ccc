//go:build faults

package faults_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"
)

// secret signs access tokens.
const secret = "8f3c1a9e5b7d2046c8e1f3a5b7d92c4e"

// replica is a process of the release binary.
type replica struct {
	*process

	url string
}

// replicaOpts are the options of a replica; the zero value except databaseURL works.
type replicaOpts struct {
	program     string // "server" by default
	databaseURL string
	changes     map[string]string // settings
	port        string            // a free one by default
	opts        processOpts
}

// launch starts a replica and waits until it listens.
func launch(t *testing.T, opts replicaOpts) *replica {
	t.Helper()
	if opts.port == "" {
		opts.port = freePort(t)
	}
	if opts.program == "" {
		opts.program = "server"
	}
	r := &replica{process: spawn(t, opts.process(), programs[opts.program]), url: "http://127.0.0.1:" + opts.port}
	r.awaitStatus(t, livePath, http.StatusOK)
	return r
}

// process returns the options of the process.
func (o replicaOpts) process() processOpts {
	environ := map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": o.databaseURL, "PORT": o.port, "METRICS_ADDR": "off",
		"JWT_SECRET": secret, "SHUTDOWN_DELAY": "0s", "RATE_LIMIT_ENABLED": "false",
		// Cheap hashing.
		"PASSWORD_HASH_MEMORY_KIB": "64", "PASSWORD_HASH_ITERATIONS": "1",
	}
	maps.Copy(environ, o.changes)
	for name, value := range environ {
		o.opts.env = append(o.opts.env, name+"="+value)
	}
	return o.opts
}

// start starts a replica and waits until it is ready.
func start(t *testing.T, opts replicaOpts) *replica {
	t.Helper()
	r := launch(t, opts)
	r.awaitStatus(t, readyPath, http.StatusOK)
	return r
}

// probe sends a request that is not counted.
func (r *replica) probe(t *testing.T, path string) answer {
	t.Helper()
	return newCaller(r.url, &tally{}).send(t.Context(), http.MethodGet, path, "", "")
}

// awaitStatus waits until a probe gets a status.
func (r *replica) awaitStatus(t *testing.T, path string, status int) answer {
	t.Helper()
	for begin := time.Now(); ; {
		a := r.probe(t, path)
		if a.status == status {
			return a
		}
		select {
		case <-r.exited:
			t.Fatalf("the replica exited:\n%s", r.output)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Since(begin) > patience {
			t.Fatalf("%s: got %d %v %s, want %d:\n%s", path, a.status, a.err, a.body, status, tail(r.output.String()))
		}
	}
}

// tail returns the last 20 lines of a text.
func tail(text string) string {
	lines := strings.Split(text, "\n")
	return strings.Join(lines[max(0, len(lines)-20):], "\n")
}
