package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
)

var healthFixture = fixture{public: []string{"getHealth", "getReadiness"}}

func TestGetHealth(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	s.Store.Close() // it needs no database

	health, err := s.Client("").GetHealthWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", health.StatusCode(), http.StatusOK, health.Body)
	apitest.Want(t, "version", health.JSON200.Version, "v0.0.0-test", health.Body)
	response, body := s.Do(http.MethodHead, "/health", nil, "")
	apitest.Want(t, "HEAD", response.StatusCode, http.StatusOK, []byte(body))
	apitest.Want(t, "body of HEAD", body, "", nil)
}

func TestGetReadiness(t *testing.T) {
	t.Parallel()
	failure := (&domain.Error{Code: domain.CodeNotReady, Message: "Not ready: the database does not answer."}).
		Because(errors.New("password authentication failed for user"))
	var (
		degraded []string
		missing  error
	)
	s := apitest.NewServer(t, apitest.Options{Ready: func(context.Context) ([]string, error) { return degraded, missing }})

	ready, err := s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	apitest.Want(t, "body", string(ready.Body), `{"status":"ready"}`+"\n", nil)

	degraded = []string{"writes"}
	ready, err = s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", ready.StatusCode(), http.StatusOK, ready.Body)
	apitest.Want(t, "body", string(ready.Body), `{"degraded":["writes"],"status":"degraded"}`+"\n", nil)

	missing = failure
	notReady, err := s.Client("").GetReadinessWithResponse(t.Context())
	apitest.Must(t, err)
	apitest.Want(t, "status", notReady.StatusCode(), http.StatusServiceUnavailable, notReady.Body)
	apitest.Want(t, "detail", notReady.ApplicationProblemJSON503.Detail, failure.Message, notReady.Body)
	if strings.Contains(string(notReady.Body), "password") {
		t.Error("the cause is told to the caller")
	}
}
