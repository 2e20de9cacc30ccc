package httpkit_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/headguard"
	"example.com/plinth/kit/internal/testapi"
	"example.com/plinth/kit/internal/things"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/servertest"
)

// posting returns a contract of POST /things/{id}.
func posting(operation string) string {
	return strings.Replace(things.Contract(operation), "    get:", "    post:", 1)
}

// TestBodiesOutliveTheReadTimeout sends the end of a body after the timeout of other requests.
func TestBodiesOutliveTheReadTimeout(t *testing.T) {
	t.Parallel()
	for _, timeout := range []string{"none", "60s"} {
		t.Run(timeout, func(t *testing.T) {
			t.Parallel()
			contract := posting(things.Public + "x-timeout: " + timeout + `
x-max-bytes: 100
requestBody: {required: true, content: {application/octet-stream: {schema: {type: string, format: binary}}}}`)
			handler := newServer(t, contract, func(ctx echo.Context) error {
				body, err := io.ReadAll(ctx.Request().Body)
				if err != nil {
					return err
				}
				return ctx.String(http.StatusOK, string(body))
			}, testapi.Options{})
			synctest.Test(t, func(t *testing.T) {
				server := lifecycle.NewServer(handler, quiet())
				client := clientOf(servertest.ServeInMemory(t, server, headguard.Listen))
				defer client.CloseIdleConnections()
				reader, writer := io.Pipe()
				go func() {
					_, _ = io.WriteString(writer, "begin ")
					time.Sleep(server.ReadTimeout + time.Second)
					_, _ = io.WriteString(writer, "end")
					_ = writer.Close()
				}()
				r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/things/x", reader)
				must(t, err)
				r.Header.Set("Content-Type", "application/octet-stream")
				response, err := client.Do(r)
				must(t, err)
				defer response.Body.Close() //nolint:errcheck // it was read
				body, err := io.ReadAll(response.Body)
				must(t, err)
				want(t, "the body that the handler read", string(body), "begin end")
			})
		})
	}
}

// clientOf returns a client that connects by dial.
func clientOf(dial func(context.Context) (net.Conn, error)) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
	}}
}

// TestFormsExcludeTheQuery has a query parameter with the name of a member.
func TestFormsExcludeTheQuery(t *testing.T) {
	t.Parallel()
	contract := posting(things.Public + `x-max-bytes: 100
parameters: [{name: a, in: query, schema: {type: string}}]
requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}}}}}}`)
	handler := newServer(t, contract, func(ctx echo.Context) error {
		form, err := ctx.FormParams()
		if err != nil {
			return err
		}
		return ctx.String(http.StatusOK, form.Encode())
	}, testapi.Options{})
	for body, form := range map[string]string{"a=body": "a=body", "": ""} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/things/x?a=query", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		want(t, "status", answer.Code, http.StatusOK)
		got, err := url.QueryUnescape(answer.Body.String())
		must(t, err)
		want(t, "the form", got, form)
	}
}
