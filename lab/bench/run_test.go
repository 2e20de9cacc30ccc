//go:build bench

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// The figures of so short a run mean nothing; that there are some shows that everything starts, answers and stops. It is
// built by `make check-benchmarks` only, because it compiles the programs, which takes longer on a cold cache than the clock
// of go test allows.
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
			t.Errorf("a line that is not like the others: %s", line)
		}
	}
}
