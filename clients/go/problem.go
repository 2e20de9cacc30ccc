package plinth

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"example.com/plinth/gen/apiclient"
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

// maxProblemBytes is the maximum size of a problem document; the service's are far smaller.
const maxProblemBytes = 1 << 20

// problems turns error responses into errors.
type problems struct{ next apiclient.HttpRequestDoer }

// Do implements apiclient.HttpRequestDoer.
func (p *problems) Do(r *http.Request) (*http.Response, error) {
	response, err := p.next.Do(r)
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	defer response.Body.Close() //nolint:errcheck // a read-only body
	problem, err := readProblem(response)
	if err != nil {
		return nil, err
	}
	return nil, problem
}

// readProblem reads the problem document of a response and rewinds the body. An error response of
// an intermediary, such as a proxy, becomes a Problem without a code.
func readProblem(response *http.Response) (*Problem, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxProblemBytes))
	if err != nil {
		return nil, fmt.Errorf("reading a problem: %w", err)
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(body), response.Body}
	problem := &Problem{RetryAfter: retryAfter(response)}
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if mediaType != "application/problem+json" || json.Unmarshal(body, &problem.Problem) != nil {
		problem.Problem = apiclient.Problem{
			Status:    int32(response.StatusCode), //nolint:gosec // G115: a status has three digits
			Title:     http.StatusText(response.StatusCode),
			Detail:    "The response is not a problem document of the service.",
			RequestID: response.Header.Get("X-Request-ID"),
		}
	}
	return problem, nil
}

// retryAfter parses Retry-After in seconds, the only form that the service sends.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
