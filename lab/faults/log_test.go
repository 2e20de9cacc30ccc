//go:build faults

package faults_test

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
)

// The pipe of the log is not read at first, and later is.
func TestBlockedLogSink(t *testing.T) {
	row := report(t, "log sink blocked")
	reader, writer, err := os.Pipe()
	must(t, err)
	defer reader.Close() //nolint:errcheck // it was only read from
	r := start(t, replicaOpts{databaseURL: pgtest.URL(t), opts: processOpts{stderr: writer}})
	must(t, writer.Close()) // the child has its own
	c := newCaller(r.url, &row.count)
	c.client.Transport = http.DefaultTransport // connections are kept: many requests, as fast as they go
	const requests, callers = 8000, 4
	var last slowest
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range requests / callers {
				a := c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
				last.add(a)
				if a.err != nil {
					return // it hangs, and would each time
				}
			}
		})
	}
	group.Wait()

	read := make(chan [2]int, 1)
	go func() { read <- readLog(reader) }()
	r.stop(t)
	lines := <-read
	// The probes of start are in the log as well.
	if logged := lines[0] + lines[1]; lines[1] == 0 || logged < requests || logged > requests+1000 {
		t.Errorf("%d lines were written and %d counted as dropped, of %d requests", lines[0], lines[1], requests)
	}
	if last.took > 2*time.Second {
		t.Errorf("the slowest answer took %s", last.took)
	}
	row.saw("slowest answer %d ms; %d lines kept and %d dropped and counted", last.took.Milliseconds(), lines[0], lines[1])
}

// readLog counts the lines of requests, and those that are said to be dropped.
func readLog(from io.Reader) [2]int {
	var kept, dropped int
	for scanner := bufio.NewScanner(from); scanner.Scan(); {
		var line struct {
			Msg   string `json:"msg"`
			Lines int    `json:"lines"`
		}
		_ = json.Unmarshal(scanner.Bytes(), &line)
		switch line.Msg {
		case "request":
			kept++
		case "log lines were dropped":
			dropped += line.Lines
		}
	}
	return [2]int{kept, dropped}
}

// A log that stays blocked does not keep a server from stopping.
func TestBlockedLogSinkAndStop(t *testing.T) {
	row := report(t, "log sink blocked for good, SIGTERM")
	reader, writer, err := os.Pipe()
	must(t, err)
	defer reader.Close() //nolint:errcheck // it is not read
	r := start(t, replicaOpts{databaseURL: pgtest.URL(t), opts: processOpts{stderr: writer}})
	must(t, writer.Close())
	c := newCaller(r.url, &row.count)
	c.client.Transport = http.DefaultTransport
	for range 1000 {
		c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
	}
	begin := time.Now()
	r.stop(t)
	row.saw("exit status 0 after %.1f s", time.Since(begin).Seconds())
}
