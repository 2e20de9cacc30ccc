package problem

import "time"

// Codes of failures that the protocol itself causes. An application adds its own.
const (
	CodeMalformedRequest     = "malformed_request"
	CodeRouteNotFound        = "route_not_found"
	CodeMethodNotAllowed     = "method_not_allowed"
	CodeRequestTimeout       = "request_timeout"
	CodePreconditionFailed   = "precondition_failed"
	CodeBodyTooLarge         = "body_too_large"
	CodeUnsupportedMediaType = "unsupported_media_type"
	CodeRangeNotSatisfiable  = "range_not_satisfiable" // only of contracts with ranges
	CodeValidationFailed     = "validation_failed"
	CodeRateLimited          = "rate_limited"
	CodeInternalError        = "internal_error"
	CodeOverloaded           = "overloaded"
	CodeUnavailable          = "unavailable"
)

// Problem is a failure that clients see. It is an error.
type Problem struct { //nolint:errname // RFC 9457 names it
	Code   string
	Detail string // for people; holds nothing internal
	Fields []FieldError
	// RetryAfter is how long a client should wait; 0 means the default of the code.
	RetryAfter time.Duration
	// Cause is logged and never sent.
	Cause error
}

// Error returns the code and the detail.
func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Unwrap returns the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// WithDetail returns a copy of p with another detail.
func (p *Problem) WithDetail(detail string) *Problem {
	changed := *p
	changed.Detail = detail
	return &changed
}

// After returns a copy of p that asks clients to wait.
func (p *Problem) After(wait time.Duration) *Problem {
	changed := *p
	changed.RetryAfter = wait
	return &changed
}

// Because returns a copy of p with a cause.
func (p *Problem) Because(cause error) *Problem {
	changed := *p
	changed.Cause = cause
	return &changed
}

// Invalid returns a validation_failed that lists what is wrong with a request.
func Invalid(fields ...FieldError) *Problem {
	return &Problem{Code: CodeValidationFailed, Detail: "The request breaks the contract; see errors.", Fields: fields}
}
