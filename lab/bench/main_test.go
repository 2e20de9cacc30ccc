package main

import (
	"io"
	"testing"
)

func TestRunRejectsInvalidFlags(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"-only=(", "-rounds=many", "-unknown"} {
		if err := run(t.Context(), []string{argument}, io.Discard, io.Discard); err == nil {
			t.Errorf("%s: no error", argument)
		}
	}
}
