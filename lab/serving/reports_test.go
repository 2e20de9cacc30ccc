package serving_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/otlptest"
)

// A report is sent before the server has stopped, and names the trace and the request.
func TestRunSendsTheLastReport(t *testing.T) {
	t.Parallel()
	reports, take := make(chan string, 10), make(chan struct{})
	sentry := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-take
		report, _ := io.ReadAll(r.Body)
		reports <- string(report)
	}))
	t.Cleanup(sentry.Close)
	databaseURL := pgtest.URL(t)
	pgtest.Exec(t, databaseURL, `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN RAISE EXCEPTION 'a bug met %', NEW.email; END $$;
		CREATE TRIGGER fail BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION fail()`)
	s := start(t, settings(t, databaseURL, map[string]string{
		"SENTRY_DSN": strings.Replace(sentry.URL, "://", "://key@", 1) + "/1", "SENTRY_TRACES_SAMPLE_RATE": "0",
		"OTEL_EXPORTER_OTLP_ENDPOINT": otlptest.New(t).URL,
	}))
	s.Log.Await(t, "ready")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/api/v1/auth/register",
		strings.NewReader(`{"email":"canary-4711@example.com","password":"correct horse battery staple"}`))
	must(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Request-ID", "of-a-bug")
	request.Header.Set("traceparent", "00-"+clientTrace+"-b7ad6b7169203331-01")
	if status, body := answer(t, request); status != http.StatusInternalServerError {
		t.Fatalf("registering answers %d: %s", status, body)
	}
	s.Stop()
	s.Log.Await(t, "stopped")
	select {
	case err := <-s.Done:
		close(take)
		t.Fatalf("Run did not wait for the report: %v", err)
	case <-time.After(100 * time.Millisecond): // Run waits for two seconds
	}
	close(take)
	must(t, s.Outcome(t))
	select {
	case report := <-reports:
		for _, part := range []string{`"request_id":"of-a-bug"`, `"trace_id":"` + clientTrace + `"`, "a bug met"} {
			if !strings.Contains(report, part) {
				t.Errorf("%s is not in the report %s", part, report)
			}
		}
		if strings.Contains(report, "canary") {
			t.Errorf("the e-mail is in the report %s", report)
		}
	default:
		t.Error("nothing was reported before the server had stopped")
	}
}
