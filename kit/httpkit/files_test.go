package httpkit_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/internal/things"
)

// TestFilesWithoutRanges serves a file whose contract has no ranges.
func TestFilesWithoutRanges(t *testing.T) {
	t.Parallel()
	handler := newServer(t, things.Contract(things.Public), func(ctx echo.Context) error {
		file := httpkit.File{Name: "a.txt", MediaType: "text/plain", Content: strings.NewReader("0123456789")}
		return file.Serve(ctx.Request().Context(), ctx.Response())
	}, testapi.Options{})
	for _, asked := range []string{"bytes=2-4", "bytes=0-1,3-4", "bytes=20-", "x"} {
		answer := httptest.NewRecorder()
		request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
		request.Header.Set("Range", asked)
		handler.ServeHTTP(answer, request)
		want(t, "status of "+asked, answer.Code, http.StatusOK)
		want(t, "body of "+asked, answer.Body.String(), "0123456789")
	}
}

// TestPreconditionFailedHasNoHeadersOfTheResponse checks, among others, Content-Length.
func TestPreconditionFailedHasNoHeadersOfTheResponse(t *testing.T) {
	t.Parallel()
	withETag := strings.Replace(things.Contract(things.Public), "{description: A thing.}", "{description: A thing., headers: {ETag: {schema: {type: string}}}}", 1)
	handler := newServer(t, withETag, func(ctx echo.Context) error {
		ctx.Response().Header().Set("ETag", `"1"`)
		ctx.Response().Header().Set("Content-Length", "3")
		ctx.Response().Header().Set("Content-Disposition", "attachment; filename=a")
		return ctx.String(http.StatusOK, "abc")
	}, testapi.Options{})
	answer := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things/x", http.NoBody)
	request.Header.Set("If-Match", `"2"`)
	handler.ServeHTTP(answer, request)
	want(t, "status", answer.Code, http.StatusPreconditionFailed)
	for _, name := range []string{"ETag", "Content-Length", "Content-Disposition"} {
		want(t, name, answer.Header().Get(name), "")
	}
	want(t, "media type", answer.Header().Get("Content-Type"), "application/problem+json")
	if answer.Header().Get("X-Request-ID") == "" {
		t.Error("the headers of all responses are missing")
	}
}
