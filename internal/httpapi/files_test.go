package httpapi_test

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/telemetry"
)

// TestFilesWithoutRanges serves a file of which the contract declares no ranges, nor their problem.
func TestFilesWithoutRanges(t *testing.T) {
	t.Parallel()
	handler := serving(t, contractOf(public), func(ctx echo.Context) error {
		file := httpapi.File{Name: "a.txt", MediaType: "text/plain", Content: strings.NewReader("0123456789")}
		return file.Serve(ctx.Request().Context(), ctx.Response())
	})
	for _, asked := range []string{"bytes=2-4", "bytes=0-1,3-4", "bytes=20-", "x"} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
		request.Header.Set("Range", asked)
		handler.ServeHTTP(answer, request)
		want(t, "status of "+asked, answer.Code, http.StatusOK, answer.Body.Bytes())
		want(t, "body of "+asked, answer.Body.String(), "0123456789", nil)
	}
}

// TestPreconditionFailedHasNothingOfTheAnswer holds that a client can read the problem: not as long as what it replaces.
func TestPreconditionFailedHasNothingOfTheAnswer(t *testing.T) {
	t.Parallel()
	withETag := strings.Replace(contractOf(public), "{description: A thing.}", "{description: A thing., headers: {ETag: {schema: {type: string}}}}", 1)
	handler := serving(t, withETag, func(ctx echo.Context) error {
		ctx.Response().Header().Set("ETag", `"1"`)
		ctx.Response().Header().Set("Content-Length", "3")
		ctx.Response().Header().Set("Content-Disposition", "attachment; filename=a")
		return ctx.String(http.StatusOK, "abc")
	})
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
	request.Header.Set("If-Match", `"2"`)
	handler.ServeHTTP(answer, request)
	want(t, "status", answer.Code, http.StatusPreconditionFailed, answer.Body.Bytes())
	for _, name := range []string{"ETag", "Content-Length", "Content-Disposition"} {
		want(t, name, answer.Header().Get(name), "", nil)
	}
	want(t, "media type", answer.Header().Get("Content-Type"), "application/problem+json", nil)
	if answer.Header().Get("X-Request-ID") == "" {
		t.Error("the headers of every answer are gone")
	}
}

// serving returns a contract of one operation, with its handler, in the real middleware.
func serving(t *testing.T, contract string, handler echo.HandlerFunc) http.Handler {
	t.Helper()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	deps := httpapi.Dependencies{
		Reporter: reporter, Logger: telemetry.NewLogger(&logBuffer{}, telemetry.LoggerOptions{}), Now: time.Now, IDs: idgen.New(time.Now, rand.Reader),
		Health: httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
	}
	for _, service := range reflect.ValueOf(&deps.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	served := httpapi.API{Contract: []byte(contract), Register: func(router api.EchoRouter) { router.GET("/things/:id", handler) }}
	h, err := httpapi.NewFor(served, deps, httpapi.Options{})
	must(t, err)
	return h
}
