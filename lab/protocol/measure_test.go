package protocol_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/telemetry"
)

// TestRequestsAreMeasuredByOperation checks the labels, which do not depend on the path.
func TestRequestsAreMeasuredByOperation(t *testing.T) {
	t.Parallel()
	broken := &fault{}
	s := apitest.NewServer(t, apitest.Options{
		Store: broken.in, Settings: map[string]string{"CORS_ORIGINS": "https://app.example.com", "METRICS_ADDR": "127.0.0.1:0"},
	})
	preflight := http.Header{"Origin": {"https://app.example.com"}, "Access-Control-Request-Method": {"GET"}}
	admin := s.RegisterAdmin()
	asAdmin := http.Header{"Authorization": {"Bearer " + admin.Tokens.AccessToken}}
	for _, request := range []struct {
		method, path string
		header       http.Header
	}{
		{http.MethodGet, "/health", nil},
		{http.MethodHead, "/health", nil},
		{http.MethodGet, "/api/v1/users/" + s.User(admin).ID, asAdmin},
		{http.MethodGet, "/api/v1/users/" + s.User(admin).ID + "/x", asAdmin},
		{http.MethodOptions, "/api/v1/users", preflight},
		{http.MethodPut, "/api/v1/users/me", nil},
		{http.MethodGet, "/api/docs", nil},
	} {
		_, _ = s.Do(request.method, request.path, request.header, "")
	}
	for _, fault := range []func(context.Context) error{
		func(context.Context) error { panic("at the disco") },
		func(context.Context) error { return errors.New("inside") },
		func(context.Context) error { return domain.ErrUnavailable },
	} {
		broken.set(fault)
		_, _ = s.Do(http.MethodPost, apitest.LoginPath, apitest.JSONHeader(), faultyLogin)
	}

	for deadline := time.Now().Add(time.Minute); ; runtime.Gosched() { // the last one is counted after its answer has left
		missing := missingCounts(t, s.Metrics)
		if len(missing) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("these are missing: %v", missing)
		}
	}
}

func missingCounts(t *testing.T, metrics *telemetry.Metrics) (missing []string) {
	t.Helper()
	recorder := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody))
	for _, line := range []string{
		`{operation="getHealth",status="200"} 2`, `{operation="getUser",status="200"} 1`, `{operation="none",status="404"} 1`,
		`{operation="none",status="204"} 1`, `{operation="none",status="405"} 1`, `{operation="documentation",status="200"} 1`,
		`{operation="loginUser",status="500"} 2`, `{operation="loginUser",status="503"} 1`,
		`{operation="registerUser",status="201"} 1`,
	} {
		if !strings.Contains(recorder.Body.String(), "http_server_request_duration_seconds_count"+line+"\n") {
			missing = append(missing, line)
		}
	}
	return missing
}
