//go:build bench

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// TestRun checks that everything starts, responds and stops; the figures of so short a run are
// meaningless. `make check-benchmarks` builds it, because compiling the programs with a cold cache
// would exceed the timeout of go test.
func TestRun(t *testing.T) {
	t.Parallel()
	var table bytes.Buffer
	err := run(t.Context(), []string{"-root=../..", "-rounds=1", "-round=100ms", "-repo=false", "-only=^(start|me)$"}, &table, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(table.String()), "\n")
	if want := 2 + 5; len(lines) != want {
		t.Errorf("%d lines, want %d:\n%s", len(lines), want, &table)
	}
	for _, line := range lines {
		if len([]rune(line)) != len([]rune(lines[0])) || strings.Contains(line, "NaN") || strings.Contains(line, "Inf") {
			t.Errorf("malformed line: %s", line)
		}
	}
}
