//go:build faults

package faults_test

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// held is the table of what all tests held.
var held ledger //nolint:gochecknoglobals // the tests of a binary have nothing else in common

type ledger struct {
	mu   sync.Mutex
	rows []*row
}

// row is what one test held.
type row struct {
	fault string
	count tally
	what  string // happened, with figures
	took  time.Duration
}

// report has a line of the table written when the test ends, unless it failed. The test fails if a request was lost or
// answered wrongly.
func report(t *testing.T, fault string) *row {
	t.Helper()
	begin := time.Now()
	r := &row{fault: fault}
	t.Cleanup(func() {
		r.count.check(t)
		r.took = time.Since(begin)
		if t.Failed() {
			r.what = "FAILED: " + r.what
		}
		held.mu.Lock()
		defer held.mu.Unlock()
		held.rows = append(held.rows, r)
	})
	return r
}

// saw notes what happened.
func (r *row) saw(format string, args ...any) {
	if r.what != "" {
		r.what += "; "
	}
	r.what += fmt.Sprintf(format, args...)
}

func (l *ledger) table() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var b strings.Builder
	b.WriteString("| fault | requests | refused (503) | lost | wrong | what happened | seconds |\n|---|---|---|---|---|---|---|\n")
	for _, r := range l.rows {
		sent, refused, lost, wrong := r.count.figures()
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %.1f |\n", r.fault,
			figure(sent, sent), figure(sent, refused), figure(sent, lost), figure(sent, wrong), r.what, r.took.Seconds())
	}
	return b.String()
}

// figure is empty where no requests were sent, and nothing could be counted.
func figure(sent, n int) string {
	if sent == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

const preface = `# What the service survives

Written by ` + "`make faults REPORT=docs/faults.md`" + `, in one run on %s with %d processors (%s). The release binary, as two
replicas behind nginx where requests are many, on a real PostgreSQL; what broke is in the first column.

*Lost* is a request without an answer, *wrong* one whose answer the contract does not promise there, any 500 among them; both
fail the suite. *Refused* is a 503 with Retry-After where one is allowed. Times are from a machine that did other things,
too; the counts are exact.

`

// write makes the page of the documentation.
func (l *ledger) write(path string) error {
	text := fmt.Sprintf(preface, runtime.GOOS, runtime.NumCPU(), runtime.Version()) + l.table()
	return os.WriteFile(path, []byte(text), 0o644) //nolint:gosec // G306: everybody may read it
}
