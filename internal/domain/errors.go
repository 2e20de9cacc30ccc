package domain

import "example.com/plinth/kit/failure"

// Code is the kind of an Error. It is part of the contract: see the table in api/openapi.yaml.
type Code = failure.Code

// The codes of several failures. The HTTP adapter has more, for requests that never reach the rules.
const (
	CodeValidationFailed Code = "validation_failed"
	CodeRateLimited      Code = "rate_limited"
	CodeNotReady         Code = "not_ready"
)

// Error is a failure that the caller can act on and sees. Every other error is internal: it is
// logged, and the caller sees only that there was one.
type Error = failure.Error

// FieldError describes an invalid member of the body.
type FieldError = failure.FieldError

// Failures that nouns share.
var (
	ErrForbidden   = &Error{Code: "forbidden", Message: "Your role does not permit this."}
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
