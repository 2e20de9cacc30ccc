package httpkit

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// maxLoggedBytes of a path or a method keep a log line below 16 KiB, at which container runtimes
// split it, even if each byte of the path is escaped to six.
const maxLoggedBytes = 2048

// truncateForLog truncates values that clients control.
func truncateForLog(text string) string {
	if len(text) > maxLoggedBytes {
		return text[:maxLoggedBytes] + "…"
	}
	return text
}

// AccessLog writes the responses of errors, and logs one line a request, without the query, which
// may hold personal data. It aborts the connection of a response that failed after its first byte,
// so that it does not look complete.
func AccessLog(logger *slog.Logger, now func() time.Time) echo.MiddlewareFunc {
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
				slog.String("method", truncateForLog(r.Method)),
				slog.String("path", truncateForLog(r.URL.Path)),
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

// panicError is a recovered panic. Its text is for the log only.
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

// Recover returns panics as errors.
func Recover() echo.MiddlewareFunc {
	const maxFrames = 64
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) (err error) {
			defer func() {
				value := recover()
				if value == nil {
					return
				}
				if asError, ok := value.(error); ok && errors.Is(asError, http.ErrAbortHandler) {
					panic(value) // net/http closes the connection
				}
				stack := make([]uintptr, maxFrames)
				err = &panicError{value: value, stack: stack[:runtime.Callers(2, stack)]}
			}()
			return next(ctx)
		}
	}
}
