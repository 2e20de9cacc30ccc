package domain

import (
	"errors"
	"time"
)

// Code is the kind of an Error. It is part of the contract: see the table in api/openapi.yaml.
type Code string

// The codes of several failures. The HTTP adapter has more, for requests that never reach the rules.
const (
	CodeValidationFailed Code = "validation_failed"
	CodeRateLimited      Code = "rate_limited"
	CodeNotReady         Code = "not_ready"
)

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
	Code    string // from the table of field codes in api/openapi.yaml
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

// Failures that nouns share.
var (
	ErrForbidden   = &Error{Code: "forbidden", Message: "Your role may not do this."}
	ErrOverloaded  = &Error{Code: "overloaded", Message: "Too many requests at the moment. Try again shortly."}
	ErrUnavailable = &Error{Code: "unavailable", Message: "A dependency does not answer. Try again shortly."}

	ErrPreconditionFailed = &Error{
		Code: "precondition_failed", Message: "The resource has changed since. Read it again.",
	}
)

// VersionCheck reports whether a change may be made to a version of a resource, so that it does not
// undo changes that its author has not seen. Nil means that it may be made to all versions.
type VersionCheck func(version int64) bool

// check fails with ErrPreconditionFailed. Lock the row first: otherwise its version may change
// before the row does.
func (c VersionCheck) check(version int64) error {
	if c != nil && !c(version) {
		return ErrPreconditionFailed
	}
	return nil
}

// invalidField returns a validation_failed for one member of the body.
func invalidField(pointer, code, message string) *Error {
	return &Error{
		Code:    CodeValidationFailed,
		Message: "The request breaks the contract; see errors.",
		Fields:  []FieldError{{Pointer: pointer, Code: code, Message: message}},
	}
}
