package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/servertest"
)

// A worker serves metrics, which show the state of the queue, and no requests.
func TestRunWorker(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `INSERT INTO river_job (kind, args, scheduled_at, state, finalized_at) VALUES
		('of_a_newer_release', '{}', now() - interval '1 hour', 'available', NULL),
		('broken', '{}', now(), 'discarded', now())`)
	cfg := settings(t, databaseURL, map[string]string{"METRICS_ADDR": "127.0.0.1:0", "JOBS": "off"})
	worker := servertest.Start(t, func(ctx context.Context, log io.Writer, onListening func(net.Addr)) error {
		return app.RunWorker(ctx, cfg, app.Options{Log: log, OnMetrics: onListening})
	})
	worker.Log.Await(t, "ready")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, worker.URL+"/metrics", http.NoBody)
	must(t, err)
	_, metrics := servertest.Do(t, http.DefaultClient, request)
	for _, want := range []string{"\njobs_queue_age_seconds 36", "\njobs_failed 1\n"} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics lack %q", want)
		}
	}
	if log := worker.Log.String(); strings.Contains(log, `"msg":"listening"`) {
		t.Errorf("the worker accepts requests:\n%s", log)
	}
	worker.Stop()
	must(t, worker.Outcome(t))
	worker.Log.Await(t, "stopped")
}
