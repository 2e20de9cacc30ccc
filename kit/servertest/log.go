package servertest

import (
	"bytes"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is how long a test waits, on a busy machine.
const patience = time.Minute

// Log collects JSON log lines, which tests can await. It is safe for concurrent use.
type Log struct {
	mu      sync.Mutex
	text    bytes.Buffer
	written *sync.Cond
}

// NewLog returns an empty log.
func NewLog() *Log {
	l := &Log{}
	l.written = sync.NewCond(&l.mu)
	return l
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.written.Broadcast()
	return l.text.Write(p)
}

// String returns all lines.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Line returns the members of the first line that contains a text. Without one the test fails.
func (l *Log) Line(t testing.TB, text string) map[string]any {
	t.Helper()
	for line := range strings.Lines(l.String()) {
		if strings.Contains(line, text) {
			var members map[string]any
			if err := json.Unmarshal([]byte(line), &members); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			return members
		}
	}
	t.Fatalf("no line of the log contains %q", text)
	return nil
}

// Await waits for a line with this message. After a minute the test fails.
func (l *Log) Await(t testing.TB, message string) {
	t.Helper()
	l.await(t, `"msg":"`+message+`"`, patience)
}

// AwaitText waits for a text. After a minute the test fails.
func (l *Log) AwaitText(t testing.TB, text string) {
	t.Helper()
	l.await(t, text, patience)
}

func (l *Log) await(t testing.TB, text string, limit time.Duration) {
	t.Helper()
	overdue := false
	timer := time.AfterFunc(limit, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		overdue = true
		l.written.Broadcast()
	})
	defer timer.Stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	for !strings.Contains(l.text.String(), text) {
		if overdue {
			t.Fatalf("%q is not in the log:\n%s", text, l.text.String())
		}
		l.written.Wait()
	}
}
