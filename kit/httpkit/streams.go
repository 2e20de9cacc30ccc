package httpkit

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/kit/apispec"
)

const (
	// defaultTimeout is below the WriteTimeout of servers, so that slow requests still get a
	// response.
	defaultTimeout = 10 * time.Second
	// problemTime is the time after the timeout for the response that reports it.
	problemTime = 5 * time.Second
	// streamWriteTimeout bounds each write of a stream: a client that does not read is
	// disconnected.
	streamWriteTimeout = 30 * time.Second
	// defaultStreamCheck is the interval at which callers of streams are authorized again.
	defaultStreamCheck = 10 * time.Second
)

// Deadline ends the context of a request after a timeout, 10 seconds if it is 0. Operations may
// have another one, see [apispec.Operation].
func Deadline(contract *apispec.Contract, timeout time.Duration) echo.MiddlewareFunc {
	timeout = cmp.Or(timeout, defaultTimeout)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			own := timeout
			if op := operationOf(contract, ctx); op != nil && op.Timeout != 0 {
				own = op.Timeout
			}
			if own == apispec.NoTimeout {
				return next(ctx)
			}
			unbounded := ctx.Request()
			bounded, cancel := context.WithTimeout(unbounded.Context(), own)
			defer cancel()
			setContext(ctx, bounded)
			defer ctx.SetRequest(unbounded) // outer middleware must not see a canceled request
			return next(ctx)
		}
	}
}

// StreamOptions configures [Streams].
type StreamOptions struct {
	// PerCaller is the limit of concurrent streams of an account, or of a network in public
	// operations; 0 means 10.
	PerCaller int
	// Max is the limit of all concurrent streams, so that connections remain for other requests; 0
	// means 1,024.
	Max int
	// Check is the interval at which Authorize is called; 0 means 10 seconds.
	Check time.Duration
	// Authorize returns the error that ends a stream of an operation that is not public, or nil.
	// ctx has the [Caller].
	Authorize func(ctx context.Context, op *apispec.Operation) error
	// Stopping is closed when the server stops, which ends all streams. It may be nil.
	Stopping <-chan struct{}
	Now      func() time.Time
}

// Streams adjusts the deadlines of connections to operations with a timeout of their own, and
// bounds the streams of those without a timeout. It must be inside of [Authenticate], so that only
// callers with access get more time.
func Streams(contract *apispec.Contract, options StreamOptions) echo.MiddlewareFunc {
	options.Check = cmp.Or(options.Check, defaultStreamCheck)
	slots := newStreamSlots(options)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := operationOf(contract, ctx)
			if op == nil || op.Timeout == 0 {
				return next(ctx)
			}
			control := http.NewResponseController(ctx.Response().Writer)
			if op.Timeout == apispec.NoTimeout {
				release, err := slots.take(streamKey(CallerOf(ctx.Request().Context()), op))
				if err != nil {
					return err
				}
				defer release()
				_ = control.SetReadDeadline(time.Time{}) // recorders of tests have none
				s := &stream{op: op, options: options}
				return s.serve(ctx, control, next)
			}
			end := options.Now().Add(op.Timeout)
			_ = control.SetReadDeadline(end)
			_ = control.SetWriteDeadline(end.Add(problemTime))
			return next(ctx)
		}
	}
}

var errHeadOnly = errors.New("a HEAD has no body")

// stream is a request whose response may take any time.
type stream struct {
	op      *apispec.Operation
	options StreamOptions
}

// serve runs the handler until it returns, the client disconnects, Authorize fails or the server
// stops.
func (s *stream) serve(ctx echo.Context, control *http.ResponseController, next echo.HandlerFunc) error {
	r, response := ctx.Request(), ctx.Response()
	watched, end := context.WithCancelCause(r.Context())
	defer end(nil)
	setContext(ctx, watched)
	defer ctx.SetRequest(r)
	plain := response.Writer
	defer func() { response.Writer = plain }()
	response.Writer = &streamWriter{
		ResponseWriter: plain, control: control, now: s.options.Now, ctx: watched, end: end,
		isHead: r.Method == http.MethodHead,
	}
	go s.watch(watched, end) // until serve returns
	err := next(ctx)
	cause := context.Cause(watched)
	switch {
	case err == nil || watched.Err() == nil || r.Context().Err() != nil:
		return err
	case response.Committed:
		return nil // a complete response
	default:
		return cause
	}
}

// watch ends a stream when its caller loses access or the server stops.
func (s *stream) watch(ctx context.Context, end context.CancelCauseFunc) {
	ticker := time.NewTicker(s.options.Check)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.options.Stopping:
			end(errUnavailable)
			return
		case <-ticker.C:
			if err := s.authorize(ctx); err != nil {
				end(err)
				return
			}
		}
	}
}

func (s *stream) authorize(ctx context.Context) error {
	if s.op.IsPublic() {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, defaultTimeout)
	defer cancel()
	return s.options.Authorize(bounded, s.op)
}

// streamWriter flushes each write, until the stream ends.
type streamWriter struct {
	http.ResponseWriter

	control *http.ResponseController
	now     func() time.Time
	ctx     context.Context //nolint:containedctx // a writer lives as long as its request
	end     context.CancelCauseFunc
	isHead  bool
}

// Unwrap is for http.ResponseController.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter. It ends the response to a HEAD.
func (w *streamWriter) WriteHeader(status int) {
	_ = w.control.SetWriteDeadline(w.now().Add(streamWriteTimeout))
	w.ResponseWriter.WriteHeader(status)
	if w.isHead {
		w.end(errHeadOnly)
		return
	}
	_ = w.control.Flush() // sends the header
}

// Write implements http.ResponseWriter.
func (w *streamWriter) Write(p []byte) (int, error) {
	if w.ctx.Err() != nil {
		return 0, context.Cause(w.ctx)
	}
	_ = w.control.SetWriteDeadline(w.now().Add(streamWriteTimeout))
	n, err := w.ResponseWriter.Write(p)
	if err == nil {
		_ = w.control.Flush()
	}
	return n, err
}
