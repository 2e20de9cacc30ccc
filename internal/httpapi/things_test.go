package httpapi_test

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/telemetry"
)

// newThings serves a contract of one public operation at /things/{id} with a handler of the test's own, without a database.
func newThings(t *testing.T, contract string, handle echo.HandlerFunc, options httpapi.Options) http.Handler {
	t.Helper()
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	must(t, err)
	deps := httpapi.Dependencies{
		Health: httpapi.Health{Ready: func(context.Context) ([]string, error) { return nil, nil }},
		IDs:    idgen.New(time.Now, rand.Reader), Logger: quiet(), Reporter: reporter, Now: time.Now,
	}
	for _, service := range reflect.ValueOf(&deps.Services).Elem().Fields() {
		service.Set(reflect.New(service.Type().Elem()))
	}
	handler, err := httpapi.NewFor(httpapi.API{Contract: []byte(contract), Register: func(router api.EchoRouter) {
		if strings.Contains(contract, "    post:") {
			router.POST("/things/:id", handle)
		} else {
			router.GET("/things/:id", handle)
		}
	}}, deps, options)
	must(t, err)
	return handler
}

// posting is a contract of one operation, POST /things/{id}, that says this about it.
func posting(operation string) string {
	return strings.Replace(contractOf(operation), "    get:", "    post:", 1)
}

// TestBodiesOutliveTheReadTimeout sends the end of a body after the server has given up a connection on which nothing comes.
func TestBodiesOutliveTheReadTimeout(t *testing.T) {
	t.Parallel()
	for _, timeout := range []string{"none", "60s"} {
		t.Run(timeout, func(t *testing.T) {
			t.Parallel()
			contract := posting(public + "x-timeout: " + timeout + `
x-max-bytes: 100
requestBody: {required: true, content: {application/octet-stream: {schema: {type: string, format: binary}}}}`)
			handler := newThings(t, contract, func(ctx echo.Context) error {
				body, err := io.ReadAll(ctx.Request().Body)
				if err != nil {
					return err
				}
				return ctx.String(http.StatusOK, string(body))
			}, httpapi.Options{})
			server := httptest.NewUnstartedServer(nil)
			server.Config = lifecycle.NewServer(handler, quiet(), lifecycle.ServerOptions{
				ReadHeaderTimeout: 100 * time.Millisecond, ReadTimeout: 100 * time.Millisecond,
			})
			server.Start()
			t.Cleanup(server.Close)
			reader, writer := io.Pipe()
			go func() {
				_, _ = io.WriteString(writer, "begin ")
				if silent, err := net.Dial("tcp", server.Listener.Addr().String()); err == nil { //nolint:noctx // it ends by itself
					_, _ = io.ReadAll(silent) // until the server closes it
				}
				_, _ = io.WriteString(writer, "end")
				_ = writer.Close()
			}()
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/things/x", reader)
			must(t, err)
			r.Header.Set("Content-Type", "application/octet-stream")
			response, err := server.Client().Do(r)
			must(t, err)
			defer response.Body.Close() //nolint:errcheck // it was read
			body, err := io.ReadAll(response.Body)
			must(t, err)
			want(t, "the body that the handler read", string(body), "begin end", nil)
		})
	}
}

// TestFormsDoNotHoldTheQuery declares a query parameter with the name of a member.
func TestFormsDoNotHoldTheQuery(t *testing.T) {
	t.Parallel()
	contract := posting(public + `x-max-bytes: 100
parameters: [{name: a, in: query, schema: {type: string}}]
requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {a: {type: string}}}}}}`)
	handler := newThings(t, contract, func(ctx echo.Context) error {
		form, err := ctx.FormParams()
		if err != nil {
			return err
		}
		return ctx.String(http.StatusOK, form.Encode())
	}, httpapi.Options{})
	for body, form := range map[string]string{"a=body": "a=body", "": ""} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/things/x?a=query", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, r)
		want(t, "status", answer.Code, http.StatusOK, answer.Body.Bytes())
		got, err := url.QueryUnescape(answer.Body.String())
		must(t, err)
		want(t, "the form", got, form, nil)
	}
}

func quiet() *slog.Logger { return telemetry.NewLogger(io.Discard, telemetry.LoggerOptions{}) }
