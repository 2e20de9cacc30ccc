package failure

import (
	"errors"
	"time"
)

// Code is the kind of an Error.
type Code string

// Error is a failure that the caller can act on and sees. Every other error is internal: it is
// logged, and the caller sees only that there was one.
type Error struct {
	Code    Code
	Message string // for people; contains nothing internal and nothing that the caller sent
	Fields  []FieldError
	// RetryAfter is how long to wait; 0 if that is unknown.
	RetryAfter time.Duration
	cause      error
}

// FieldError describes an invalid member of the body. Pointer is its JSON pointer (RFC 6901).
type FieldError struct {
	Pointer string
	Code    string // of the field
	Message string
}

func (e *Error) Error() string { return e.Message }

// Unwrap returns the internal cause, which is for the log only.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target has the same code, so that errors.Is finds errors with a cause, too.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && e.Code == other.Code
}

// Because returns a copy of e with an internal cause.
func (e *Error) Because(cause error) *Error {
	withCause := *e
	withCause.cause = cause
	return &withCause
}

// After returns a copy of e with a time to wait.
func (e *Error) After(wait time.Duration) *Error {
	withWait := *e
	withWait.RetryAfter = wait
	return &withWait
}
