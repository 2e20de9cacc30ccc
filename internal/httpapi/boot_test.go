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

// contractOf is a contract of one operation, GET /things/{id}, that says this about it.
func contractOf(operation string) string {
	return `openapi: 3.0.3
info: {title: Things, version: 1.0.0}
components:
  securitySchemes:
    bearerAuth: {type: http, scheme: bearer}
    apiKey: {type: apiKey, in: header, name: X-API-Key}
security: [{bearerAuth: []}]
paths:
  /things/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}]
    get:
      operationId: getThing
      responses: {"200": {description: A thing.}}
` + indent(operation)
}

func indent(lines string) string {
	return "      " + strings.ReplaceAll(strings.TrimSpace(lines), "\n", "\n      ") + "\n"
}

const (
	public  = "x-rate-class: read\nsecurity: []\n"
	forUser = "x-rate-class: read\nsecurity: [{bearerAuth: []}]\nx-required-role: user\n"
)

// TestNewChecksAllThatItIsMadeOf holds that what is missing, or too much, is told at the start and
// not by an operation.
func TestNewChecksAllThatItIsMadeOf(t *testing.T) {
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
	checkComplaint(t, httpapi.NewFor(contractOf(forUser), complete), "GET /health is not in the contract")
	checkComplaint(t, httpapi.NewFor(contractOf("x-rate-class: read"), complete), "says nothing about security")
}

// checkComplaint wants an error with this in its text, or none.
func checkComplaint(t *testing.T, err error, complaint string) {
	t.Helper()
	if complaint == "" {
		must(t, err)
		return
	}
	if err == nil || !strings.Contains(err.Error(), complaint) {
		t.Errorf("got %v, want a complaint: %s", err, complaint)
	}
}
