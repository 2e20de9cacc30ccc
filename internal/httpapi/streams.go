package httpapi

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/apispec"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/problem"
)

const (
	// answerTime is what an answer has after the timeout, for the problem that says so.
	answerTime = 5 * time.Second
	// streamWriteTimeout bounds each write of a stream: a client that does not read is gone.
	streamWriteTimeout = 30 * time.Second
	// defaultStreamCheck is how often the session of a stream is looked at.
	defaultStreamCheck = 10 * time.Second
)

// deadline bounds all that waits for something. Each operation has the same time, unless the contract gives it another.
func deadline(c *contract, timeout time.Duration) echo.MiddlewareFunc {
	if timeout == 0 {
		timeout = defaultRequestTimeout
	}
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			own := timeout
			if op := c.operation(ctx); op != nil && op.Timeout != 0 {
				own = op.Timeout
			}
			if own == apispec.NoTimeout {
				return next(ctx)
			}
			unbounded := ctx.Request()
			bounded, cancel := context.WithTimeout(unbounded.Context(), own)
			defer cancel()
			setContext(ctx, bounded)
			defer ctx.SetRequest(unbounded) // or what comes after would see a request that was cancelled
			return next(ctx)
		}
	}
}

// sustain gives the connection the time that the operation has, where the server would end it before. It comes after
// authenticate: strangers do not get more.
func sustain(c *contract, deps Dependencies, options Options) echo.MiddlewareFunc {
	check := options.StreamCheck
	if check == 0 {
		check = defaultStreamCheck
	}
	slots := newStreamSlots(options)
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(ctx echo.Context) error {
			op := c.operation(ctx)
			if op == nil || op.Timeout == 0 {
				return next(ctx)
			}
			control := http.NewResponseController(ctx.Response().Writer)
			if op.Timeout == apispec.NoTimeout {
				release, err := slots.take(streamCaller(ctx, op))
				if err != nil {
					return err
				}
				defer release()
				_ = control.SetReadDeadline(time.Time{}) // a recorder in a test has none
				s := &stream{op: op, deps: deps, stopping: options.Stopping, check: check}
				return s.serve(ctx, control, next)
			}
			end := deps.Now().Add(op.Timeout)
			_ = control.SetReadDeadline(end)
			_ = control.SetWriteDeadline(end.Add(answerTime))
			return next(ctx)
		}
	}
}

// Why a stream ends before its handler ends it.
var (
	errHeadOnly     = errors.New("a HEAD has no body")
	errSessionEnded = domain.ErrInvalidToken.Because(errors.New("the session ended during a stream"))
	errStopping     = &problem.Problem{Code: problem.CodeUnavailable, Detail: domain.ErrUnavailable.Message}
)

// stream is a request whose answer may take any time.
type stream struct {
	op       *operation
	deps     Dependencies
	stopping <-chan struct{} // closed when the server stops; may be nil
	check    time.Duration
}

// serve runs the handler until it is done, the client hangs up, the session ends or the server stops.
func (s *stream) serve(ctx echo.Context, control *http.ResponseController, next echo.HandlerFunc) error {
	r, response := ctx.Request(), ctx.Response()
	watched, end := context.WithCancelCause(r.Context())
	defer end(nil)
	setContext(ctx, watched)
	defer ctx.SetRequest(r)
	plain := response.Writer
	defer func() { response.Writer = plain }()
	response.Writer = &streamWriter{
		ResponseWriter: plain, control: control, now: s.deps.Now, ctx: watched, end: end, isHead: r.Method == http.MethodHead,
	}
	go s.watch(watched, callerFrom(r.Context()).bearer, end) // until serve ends
	err := next(ctx)
	cause := context.Cause(watched)
	switch {
	case err == nil || watched.Err() == nil || r.Context().Err() != nil:
		return err
	case response.Committed:
		return nil // it was meant to end here
	default:
		return cause
	}
}

// watch ends a stream when its session has ended or the server stops.
func (s *stream) watch(ctx context.Context, bearer auth.AccessClaims, end context.CancelCauseFunc) {
	ticker := time.NewTicker(s.check)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stopping:
			end(errStopping)
			return
		case <-ticker.C:
			if !s.op.IsPublic() && s.hasEnded(ctx, bearer) {
				end(errSessionEnded)
				return
			}
		}
	}
}

// hasEnded reports whether the caller may no longer call the operation. A database that does not answer ends nothing.
func (s *stream) hasEnded(ctx context.Context, bearer auth.AccessClaims) bool {
	bounded, cancel := context.WithTimeout(ctx, defaultRequestTimeout)
	defer cancel()
	actor, err := s.deps.Sessions.Actor(bounded, bearer)
	return errors.Is(err, domain.ErrInvalidToken) || err == nil && !actor.HasRole(domain.Role(s.op.Role))
}

// streamWriter hands on what is written at once, until the stream ends.
type streamWriter struct {
	http.ResponseWriter

	control *http.ResponseController
	now     func() time.Time
	ctx     context.Context //nolint:containedctx // a writer lives as long as the request that makes it
	end     context.CancelCauseFunc
	isHead  bool
}

// Unwrap is for http.ResponseController.
func (w *streamWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// WriteHeader implements http.ResponseWriter. The answer to a HEAD ends here.
func (w *streamWriter) WriteHeader(status int) {
	_ = w.control.SetWriteDeadline(w.now().Add(streamWriteTimeout))
	w.ResponseWriter.WriteHeader(status)
	if w.isHead {
		w.end(errHeadOnly)
		return
	}
	_ = w.control.Flush() // the client learns that it has begun
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
