package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"example.com/plinth/gen/api"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/problem"
	"example.com/plinth/kit/ratelimit"
	"example.com/plinth/kit/telemetry"
)

// NewForText is NewFor with the handlers of our own contract.
func NewForText(text string, deps Dependencies) error {
	_, err := NewFor(API{Contract: []byte(text), Register: func(router api.EchoRouter) {
		api.RegisterHandlers(router, api.NewStrictHandler(&handlers{}, nil))
	}}, deps, Options{})
	return err
}

// CheckContract does what New does with the contract before anything is served. Routes are those that have handlers, such
// as "GET /things/:id"; with none, only the contract is looked at.
func CheckContract(text string, routes ...string) error {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return err
	}
	c, err := newContract(spec)
	if err != nil || len(routes) == 0 {
		return err
	}
	e := echo.New()
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		e.Add(method, path, func(echo.Context) error { return nil })
	}
	return checkRoutes(e, c, []string{"/extra"})
}

// DecodeStrict decodes and lists what is found beside as "pointer code". It tells which kind of error it is.
func DecodeStrict(data []byte) (value any, found []string, err error) {
	body, err := decodeStrict(context.Background(), data, nil)
	for _, field := range body.found {
		found = append(found, fmt.Sprintf("%s %s", field.Pointer, field.Code))
	}
	return body.value, found, err
}

// BindBody reads a body for the only operation of a contract into target, and lists what is wrong with it as "pointer code".
func BindBody(text, body string, target any) (found []string, err error) {
	op, err := onlyOperation(text)
	if err != nil {
		return nil, err
	}
	ctx := newBodyContext(body)
	fields, release, err := op.body.read(ctx, newBodyMemory())
	defer release()
	for _, field := range fields {
		found = append(found, fmt.Sprintf("%s %s", field.Pointer, field.Code))
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if err != nil || len(found) > 0 {
		return found, err
	}
	return nil, binder{}.Bind(target, ctx)
}

// CheckBody returns what reads bodies for the only operation of a contract and counts what is wrong with them.
func CheckBody(text string) func(body string) (found int, err error) {
	op, err := onlyOperation(text)
	return func(body string) (int, error) {
		if err != nil {
			return 0, err
		}
		fields, release, err := op.body.read(newBodyContext(body), newBodyMemory())
		release()
		return len(problem.Listed(fields)), err
	}
}

func onlyOperation(text string) (*operation, error) {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	c, err := newContract(spec)
	if err != nil {
		return nil, err
	}
	for _, op := range c.operations {
		return op, nil
	}
	return nil, errors.New("no operation")
}

func newBodyContext(body string) echo.Context {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPut, "/", strings.NewReader(body))
	r.Header.Set(echo.HeaderContentType, mediaTypeJSON)
	return echo.New().NewContext(r, httptest.NewRecorder())
}

// DecodeBesideOthers waits until a body of this size may be decoded, while others leave no room.
func DecodeBesideOthers(ctx context.Context, size int) error {
	memory := newBodyMemory()
	if _, err := memory.decoding(context.WithoutCancel(ctx), maxValidatedBytes); err != nil {
		return err
	}
	_, err := memory.decoding(ctx, size)
	return err
}

// CheckParameters validates the path and the query of a GET of the only operation of a contract, and lists what is wrong as
// "in:name code".
func CheckParameters(text, target, id string) (found []string, err error) {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	c, err := newContract(spec)
	if err != nil {
		return nil, err
	}
	for _, op := range c.operations {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, target, http.NoBody)
		_, fields, err := op.checkParameters(r, map[string]string{"id": id})
		for _, field := range fields {
			found = append(found, fmt.Sprintf("%s:%s %s", field.In, field.Name, field.Code))
		}
		return found, err
	}
	return nil, nil
}

// CheckHeaders validates the headers of a GET of the only operation of a contract, and lists what is wrong as "in:name code".
func CheckHeaders(text string, header http.Header) (found []string, err error) {
	spec, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err != nil {
		return nil, err
	}
	c, err := newContract(spec)
	if err != nil {
		return nil, err
	}
	for _, op := range c.operations {
		r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/things/x", http.NoBody)
		r.Header = header
		_, fields, err := op.checkParameters(r, map[string]string{"id": "x"})
		for _, field := range fields {
			found = append(found, fmt.Sprintf("%s:%s %s", field.In, field.Name, field.Code))
		}
		return found, err
	}
	return nil, nil
}

// Count returns what counts a request of an account, and writes the headers.
func Count(limiter *ratelimit.Limiter, rate ratelimit.Rate, account string) func() {
	l := &limits{limiter}
	op := &operation{Operation: &apispec.Operation{}, limit: newRateClass("read", rate)}
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	ctx := echo.New().NewContext(r, httptest.NewRecorder())
	return func() { _ = l.byAccount(ctx, op, account) }
}

// Serving returns what serves all paths with a handler, in the middleware that sees its errors.
func Serving(logger *slog.Logger, handler echo.HandlerFunc) (http.Handler, error) {
	reporter, err := telemetry.NewSentry(telemetry.SentryOptions{})
	e := echo.New()
	e.HTTPErrorHandler = (&errorHandler{logger: logger, reporter: reporter, kinds: kinds()}).handle
	e.Use(inOrder(accessLog(logger, time.Now), recovery(), deadline(&contract{}, 0)))
	e.GET("/*", handler)
	return e, err
}

// Untraced returns a request on its way through the middleware of traces, when nobody records any.
func Untraced(reporter *telemetry.Sentry) func() {
	handler := (&tracer{reporter: reporter}).trace(func(echo.Context) error { return nil })
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", http.NoBody)
	ctx := echo.New().NewContext(r, httptest.NewRecorder())
	return func() { _ = handler(ctx) }
}

// IsFormatted is the rule about invisible characters in texts.
func IsFormatted(text string) bool { return isFormatted(text) }

// StatusOf returns what a router answers that has these routes, such as "GET /things/:id".
func StatusOf(routes []string, method, path string) int {
	e := echo.New()
	for _, route := range routes {
		verb, template, _ := strings.Cut(route, " ")
		e.Add(verb, template, func(ctx echo.Context) error { return ctx.NoContent(http.StatusOK) })
	}
	keepFixedPaths(e)
	endParameters(e)
	recorder := httptest.NewRecorder()
	e.ServeHTTP(recorder, httptest.NewRequestWithContext(context.Background(), method, path, http.NoBody))
	return recorder.Code
}

// CompileParameter does what the start does with a parameter, and returns what validates requests. It returns the query for
// the generated code, and what is wrong as "in:name code".
func CompileParameter(spec *openapi3.Parameter) (func(*http.Request, map[string]string) (url.Values, []string, error), error) {
	if err := spec.Validate(context.Background()); err != nil {
		return nil, err
	}
	op := &operation{}
	if err := op.addParameters(openapi3.Parameters{{Value: spec}}); err != nil {
		return nil, err
	}
	return func(r *http.Request, path map[string]string) (query url.Values, found []string, err error) {
		query, fields, err := op.checkParameters(r, path)
		for _, field := range fields {
			found = append(found, fmt.Sprintf("%s:%s %s", field.In, field.Name, field.Code))
		}
		return query, found, err
	}, nil
}
