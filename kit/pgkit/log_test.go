package pgkit_test

import (
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/pgkit"
)

func TestLogLines(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	pgkit.LogMissingLimits(t.Context(), logger, nil, nil)
	pgkit.LogMissingLimits(t.Context(), logger, []string{"lock_timeout"}, nil)
	pgkit.LogMissingLimits(t.Context(), logger, nil, errors.New("down"))
	pgkit.LogQueries(logger)(t.Context(), "SELECT 1", 1500*time.Microsecond, errors.New("down"))
	const want = `level=WARN msg="database connections have no limits: set them for the role, see docs/scaling.md" missing=[lock_timeout]
level=WARN msg="cannot tell the limits of database connections" error=down
level=DEBUG msg=query sql="SELECT 1" duration_ms=1.5 failed=true
`
	if got := regexp.MustCompile(`(?m)^time=\S+ `).ReplaceAllString(log.String(), ""); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
