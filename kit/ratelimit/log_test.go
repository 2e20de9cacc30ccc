package ratelimit_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"

	"example.com/plinth/kit/ratelimit"
)

func TestLogChanges(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	onChange := ratelimit.LogChanges(slog.New(slog.NewTextHandler(&log, nil)))
	onChange(t.Context(), errors.New("refused"))
	onChange(t.Context(), nil)
	lines := strings.Split(log.String(), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], `level=WARN msg="redis does not answer, `) ||
		!strings.HasSuffix(lines[0], " error=refused") || !strings.HasSuffix(lines[1], `level=INFO msg="redis answers again"`) {
		t.Errorf("logged is\n%s", &log)
	}
}
