package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/telemetry"
)

// requestID names the request, with the caller's own name if it is well-formed and no token, which would end up in the logs,
// and notes who is at the other end, for sessions, limits and the audit log.
func requestID(ids *idgen.Generator) echo.MiddlewareFunc {
	wellFormed := regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			id := ctx.Request().Header.Get(echo.HeaderXRequestID)
			if !wellFormed.MatchString(id) || telemetry.Redact(id) != id {
				var err error
				if id, err = ids.New(); err != nil {
					return err
				}
			}
			ctx.Response().Header().Set(echo.HeaderXRequestID, id)
			setContext(ctx, withCaller(telemetry.WithRequestID(ctx.Request().Context(), id), clientOf(ctx, id), ctx.Request()))
			return next(ctx)
		}
	}
}

// maxLoggedBytes of a path or a method keep a line of the log below the 16 KiB at which container runtimes cut it in two,
// even where each byte of the path is escaped to six.
const maxLoggedBytes = 2048

// forLog cuts what a caller chooses.
func forLog(text string) string {
	if len(text) > maxLoggedBytes {
		return text[:maxLoggedBytes] + "…"
	}
	return text
}

// accessLog has errors written and then logs one line a request. Queries are left out: they may hold what is not ours
// to keep. A response that failed after its first byte must not look complete, so its connection is aborted.
func accessLog(logger *slog.Logger, now func() time.Time) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			started := now()
			err := next(ctx)
			r, response := ctx.Request(), ctx.Response()
			aborted := err != nil && response.Committed
			if err != nil {
				ctx.Error(err)
			}
			attrs := []slog.Attr{
				slog.String("method", forLog(r.Method)),
				slog.String("path", forLog(r.URL.Path)),
				slog.String("route", ctx.Path()),
				slog.Int("status", response.Status),
				slog.Int64("bytes", response.Size),
				slog.Float64("duration_ms", float64(now().Sub(started).Microseconds())/1000),
				slog.String("client_ip", ctx.RealIP()),
			}
			if aborted {
				attrs = append(attrs, slog.Bool("aborted", true))
			}
			logger.LogAttrs(r.Context(), slog.LevelInfo, "request", attrs...)
			if aborted {
				panic(http.ErrAbortHandler)
			}
			return nil
		}
	}
}

// panicError is a panic on its way to the log. Its text is for the log only.
type panicError struct {
	value any
	stack []uintptr
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }

func (e *panicError) frames() string {
	var b strings.Builder
	frames := runtime.CallersFrames(e.stack)
	for {
		frame, more := frames.Next()
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", frame.Function, frame.File, frame.Line)
		if !more {
			return b.String()
		}
	}
}

// recovery turns a panic into an error.
func recovery() echo.MiddlewareFunc {
	const maxFrames = 64
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) (err error) {
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				if asError, ok := value.(error); ok && errors.Is(asError, http.ErrAbortHandler) {
					panic(value) // net/http's own way of closing a connection
				}
				stack := make([]uintptr, maxFrames)
				err = &panicError{value: value, stack: stack[:runtime.Callers(2, stack)]}
			}()
			return next(ctx)
		}
	}
}

// securityHeaders are for an API that serves no pages; the documentation pages override the policy with their own.
func securityHeaders(proxies *proxies) echo.MiddlewareFunc {
	always := http.Header{}
	always.Set(echo.HeaderCacheControl, "no-store")
	always.Set(echo.HeaderXContentTypeOptions, "nosniff")
	always.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'")
	always.Set(echo.HeaderReferrerPolicy, "no-referrer")
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			header := ctx.Response().Header()
			maps.Copy(header, always) // not with Set, which would allocate: nobody changes the values in place
			if proxies.isTLS(ctx.Request()) {
				header.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000; includeSubDomains")
			}
			return next(ctx)
		}
	}
}

// closeChunked ends the connection after a request whose length was not announced: headguard, which lets no request through
// that announces both a length and chunks, does not look at what follows one in chunks.
func closeChunked(next echo.HandlerFunc) echo.HandlerFunc {
	return func(ctx echo.Context) error {
		if len(ctx.Request().TransferEncoding) > 0 {
			ctx.Response().Header().Set(echo.HeaderConnection, "close")
		}
		return next(ctx)
	}
}

// cors lets the pages of exactly these origins call the API: they may send and read the headers that the contract has.
// Tokens travel in a header, so no credentials are allowed.
func cors(c *contract, origins []string) echo.MiddlewareFunc {
	if len(origins) == 0 { // Echo would take that to mean everybody
		return func(next echo.HandlerFunc) echo.HandlerFunc { return next }
	}
	return middleware.CORSWithConfig(middleware.CORSConfig{
		Skipper: func(ctx echo.Context) bool { // an OPTIONS that is no preflight is the router's
			header := ctx.Request().Header
			return ctx.Request().Method == http.MethodOptions &&
				(header.Get(echo.HeaderOrigin) == "" || header.Get(echo.HeaderAccessControlRequestMethod) == "")
		},
		AllowOrigins: origins,
		AllowMethods: []string{
			http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		},
		// Beside what the contract has, what all requests may have (Trace Context), and what all answers have.
		AllowHeaders: sortedHeaders(c.requestHeaders,
			echo.HeaderAuthorization, echo.HeaderContentType, echo.HeaderXRequestID, "traceparent", "tracestate"),
		ExposeHeaders: sortedHeaders(c.responseHeaders,
			"ETag", echo.HeaderXRequestID, echo.HeaderRetryAfter, "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset"),
		MaxAge: int((10 * time.Minute).Seconds()),
	})
}

// sortedHeaders returns the names of headers, each once, in whatever case they are written.
func sortedHeaders(declared []string, always ...string) []string {
	names := slices.Concat(always, declared) // the common spelling first
	slices.SortStableFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return slices.CompactFunc(names, strings.EqualFold)
}

// defaultRequestTimeout is below the server's WriteTimeout, so that a client that waits too long still gets an answer.
const defaultRequestTimeout = 10 * time.Second

func setContext(ctx echo.Context, c context.Context) { //nolint:revive // echo's context comes first here
	ctx.SetRequest(ctx.Request().WithContext(c))
}
