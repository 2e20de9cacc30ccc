package plinth

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"example.com/plinth/gen/apiclient"
	"example.com/plinth/kit/clientkit"
)

// Problem is an error response: the problem document (RFC 9457) of a response with status 400 or
// higher. Code identifies the kind of problem; the contract lists all codes.
type Problem struct { //nolint:errname // the name in RFC 9457 and the contract
	apiclient.Problem

	RetryAfter time.Duration // how long to wait before a retry; 0 if a retry does not help
}

// Error implements error. The text contains nothing from the request.
func (p *Problem) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d %s: %s", p.Status, p.Code, p.Detail)
	for _, field := range p.Errors {
		fmt.Fprintf(&text, " [%s: %s]", place(field), field.Code)
	}
	return text.String()
}

// place returns the place in the request that violates the contract.
func place(field apiclient.FieldError) string {
	switch {
	case field.Pointer != nil:
		return "body" + *field.Pointer
	case field.In != nil && field.Name != nil:
		return string(*field.In) + " " + *field.Name
	default:
		return "request"
	}
}

// IsProblem reports whether err is a Problem with the given code, such as
// apiclient.ProblemCodeEmailTaken.
func IsProblem(err error, code apiclient.ProblemCode) bool {
	problem, ok := errors.AsType[*Problem](err)
	return ok && problem.Code == code
}

// statusOf returns the status of the Problem that err is, if it is one.
func statusOf(err error) (status int, ok bool) {
	problem, ok := errors.AsType[*Problem](err)
	if !ok {
		return 0, false
	}
	return int(problem.Status), true
}

// readProblem returns an error response as a Problem. One of an intermediary, such as a proxy, has
// no code.
func readProblem(response *http.Response) error {
	document, retryAfter, err := clientkit.ReadProblem[apiclient.Problem](response)
	if err != nil {
		return err
	}
	return &Problem{Problem: document, RetryAfter: retryAfter}
}
