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

// The log's pipe is read only after the requests.
func TestBlockedLogSink(t *testing.T) {
	row := report(t, "log sink blocked")
	reader, writer, err := os.Pipe()
	must(t, err)
	defer reader.Close() //nolint:errcheck // read only
	r := start(t, replicaOpts{databaseURL: pgtest.URL(t), opts: processOpts{stderr: writer}})
	must(t, writer.Close()) // the child has its own copy
	c := newCaller(r.url, &row.count)
	c.client.Transport = http.DefaultTransport // keep-alive, for the highest rate
	const requests, callers = 8000, 4
	var last slowest
	var group sync.WaitGroup
	for range callers {
		group.Go(func() {
			for range requests / callers {
				a := c.call(t.Context(), http.MethodGet, livePath, "", "", http.StatusOK)
				last.add(a)
				if a.err != nil {
					return // further requests would hang too
				}
			}
		})
	}
	group.Wait()

	read := make(chan [2]int, 1)
	go func() { read <- readLog(reader) }()
	r.stop(t)
	lines := <-read
	// The log also has the probes of start.
	if logged := lines[0] + lines[1]; lines[1] == 0 || logged < requests || logged > requests+1000 {
		t.Errorf("%d lines written and %d counted as dropped, for %d requests", lines[0], lines[1], requests)
	}
	if last.took > 2*time.Second {
		t.Errorf("the slowest response took %s", last.took)
	}
	row.saw("slowest response %d ms; %d lines written, %d dropped and counted", last.took.Milliseconds(), lines[0], lines[1])
}

// readLog counts the lines of requests and the lines reported as dropped.
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

// A blocked log does not prevent shutdown.
func TestBlockedLogSinkAndStop(t *testing.T) {
	row := report(t, "log sink blocked, SIGTERM")
	reader, writer, err := os.Pipe()
	must(t, err)
	defer reader.Close() //nolint:errcheck // read only
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
