package domain

import (
	"errors"
	"time"
)

// Code says what kind of failure an Error is. It is part of the contract: see the table in api/openapi.yaml.
type Code string

// The codes that the rules themselves give. The HTTP adapter has more, for what never reaches them.
const (
	CodeUnauthenticated        Code = "unauthenticated"
	CodeInvalidToken           Code = "invalid_token"
	CodeInvalidCredentials     Code = "invalid_credentials" //nolint:gosec // G101: a code, not a credential
	CodeInvalidRefreshToken    Code = "invalid_refresh_token"
	CodeForbidden              Code = "forbidden"
	CodeReauthenticationFailed Code = "reauthentication_failed"
	CodeUserNotFound           Code = "user_not_found"
	CodeSessionNotFound        Code = "session_not_found"
	CodeEmailTaken             Code = "email_taken"
	CodeLastAdmin              Code = "last_admin"
	CodePreconditionFailed     Code = "precondition_failed"
	CodeValidationFailed       Code = "validation_failed"
	CodeRateLimited            Code = "rate_limited"
	CodeTooManyAttempts        Code = "too_many_attempts"
	CodeOverloaded             Code = "overloaded"
	CodeUnavailable            Code = "unavailable"
	CodeNotReady               Code = "not_ready"
)

// Error is a failure that the caller can act on and gets to see. Every other error is internal: it is logged, and the
// caller learns only that something went wrong.
type Error struct {
	Code    Code
	Message string // for people; holds nothing internal and nothing that the caller sent
	Fields  []FieldError
	// RetryAfter is how long to wait, where that is known; 0 where it is not.
	RetryAfter time.Duration
	cause      error
}

// FieldError says which member of the request is wrong, and how. Pointer is an RFC 6901 pointer into the body.
type FieldError struct {
	Pointer string
	Code    string // from the table of field codes in api/openapi.yaml
	Message string
}

func (e *Error) Error() string { return e.Message }

// Unwrap gives the internal cause, which is for the log only.
func (e *Error) Unwrap() error { return e.cause }

// Is reports whether target is the same kind of failure, so that errors.Is finds an error that was given a cause.
func (e *Error) Is(target error) bool {
	var other *Error
	return errors.As(target, &other) && e.Code == other.Code
}

// Because returns a copy of e that carries its internal cause for the log.
func (e *Error) Because(cause error) *Error {
	withCause := *e
	withCause.cause = cause
	return &withCause
}

// After returns a copy of e that says how long to wait.
func (e *Error) After(wait time.Duration) *Error {
	withWait := *e
	withWait.RetryAfter = wait
	return &withWait
}

// Failures that more than one noun can give.
var (
	ErrForbidden   = &Error{Code: CodeForbidden, Message: "Your role may not do this."}
	ErrOverloaded  = &Error{Code: CodeOverloaded, Message: "Too many requests at the moment. Try again shortly."}
	ErrUnavailable = &Error{Code: CodeUnavailable, Message: "A dependency does not answer. Try again shortly."}

	ErrPreconditionFailed = &Error{
		Code: CodePreconditionFailed, Message: "The resource has changed since. Read it again.",
	}
)

// invalidField is a validation_failed about one member of the body.
func invalidField(pointer, code, message string) *Error {
	return &Error{
		Code:    CodeValidationFailed,
		Message: "The request breaks the contract; see errors.",
		Fields:  []FieldError{{Pointer: pointer, Code: code, Message: message}},
	}
}
