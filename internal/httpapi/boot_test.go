package httpapi_test

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// TestNewReportsMissingParts finds missing dependencies and rates, and routes outside of the
// contract, at the start.
func TestNewReportsMissingParts(t *testing.T) {
	t.Parallel()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	complete := httpapi.Dependencies{
		Reporter: reporter,
		Health:   httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
	}
	for _, service := range reflect.ValueOf(&complete.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	_, err = httpapi.New(complete, httpapi.Options{DocsEnabled: true})
	must(t, err)

	withoutSessions, withoutReady := complete, complete
	withoutSessions.Sessions, withoutReady.Health.Ready = nil, nil
	_, err = httpapi.New(withoutSessions, httpapi.Options{})
	checkComplaint(t, err, "service Sessions is missing")
	_, err = httpapi.New(withoutReady, httpapi.Options{})
	checkComplaint(t, err, "readiness is missing")
	rates := map[string]ratelimit.Rate{}
	for _, class := range []string{"read", "write", "session", "credentials", "disclosing"} {
		for _, useless := range []ratelimit.Rate{{}, {Requests: 1}, {Window: time.Second}} {
			rates[class] = useless
			_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpkit.RateLimits{Rates: rates}})
			checkComplaint(t, err, "has no rate")
		}
		rates[class] = ratelimit.Rate{Requests: 1, Window: time.Second}
	}
	_, err = httpapi.New(complete, httpapi.Options{RateLimits: &httpkit.RateLimits{Rates: rates}})
	must(t, err)
	const empty = "openapi: 3.0.3\ninfo: {title: Empty, version: 1.0.0}\npaths: {}\n"
	checkComplaint(t, httpapi.NewFor(empty, complete), "GET /health is not in the contract")
}

// checkComplaint checks that an error contains a text; without a text, that there is no error.
func checkComplaint(t *testing.T, err error, complaint string) {
	t.Helper()
	if complaint == "" {
		must(t, err)
		return
	}
	if err == nil || !strings.Contains(err.Error(), complaint) {
		t.Errorf("got %v, want an error with %q", err, complaint)
	}
}
