package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/domain"
)

var healthFixture = fixture{public: []string{"getHealth", "getReadiness"}}

func TestGetHealth(t *testing.T) {
	t.Parallel()
	s := newServer(t, options{})
	s.store.Close() // it needs no database

	health, err := s.client("").GetHealthWithResponse(t.Context())
	must(t, err)
	want(t, "status", health.StatusCode(), http.StatusOK, health.Body)
	want(t, "version", health.JSON200.Version, "v0.0.0-test", health.Body)
	response, body := s.do(http.MethodHead, "/health", nil, "")
	want(t, "HEAD", response.StatusCode, http.StatusOK, []byte(body))
	want(t, "body of HEAD", body, "", nil)
}

func TestGetReadiness(t *testing.T) {
	t.Parallel()
	failure := (&domain.Error{Code: domain.CodeNotReady, Message: "Not ready: the database does not answer."}).
		Because(errors.New("password authentication failed for user"))
	var (
		degraded []string
		missing  error
	)
	s := newServer(t, options{ready: func(context.Context) ([]string, error) { return degraded, missing }})

	ready, err := s.client("").GetReadinessWithResponse(t.Context())
	must(t, err)
	want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	want(t, "body", string(ready.Body), `{"status":"ready"}`+"\n", nil)

	degraded = []string{"writes"}
	ready, err = s.client("").GetReadinessWithResponse(t.Context())
	must(t, err)
	want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	want(t, "body", string(ready.Body), `{"degraded":["writes"],"status":"degraded"}`+"\n", nil)

	missing = failure
	notReady, err := s.client("").GetReadinessWithResponse(t.Context())
	must(t, err)
	want(t, "status", notReady.StatusCode(), http.StatusServiceUnavailable, notReady.Body)
	want(t, "detail", notReady.ApplicationProblemJSON503.Detail, failure.Message, notReady.Body)
	if strings.Contains(string(notReady.Body), "password") {
		t.Error("the cause is told to the caller")
	}
}
