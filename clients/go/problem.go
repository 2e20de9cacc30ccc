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

// Problem is a refusal: the problem document (RFC 9457) of an answer from 400 on. Code says what kind it is; see the table
// in the contract.
type Problem struct { //nolint:errname // what RFC 9457 and the contract call it
	apiclient.Problem

	RetryAfter time.Duration // how long to wait before trying again; 0 if waiting does not help
}

// Error implements error. It holds nothing that was sent.
func (p *Problem) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d %s: %s", p.Status, p.Code, p.Detail)
	for _, field := range p.Errors {
		fmt.Fprintf(&text, " [%s: %s]", place(field), field.Code)
	}
	return text.String()
}

// place says where a request breaks the contract.
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

// IsProblem reports whether err is a refusal of this kind, such as apiclient.ProblemCodeEmailTaken.
func IsProblem(err error, code apiclient.ProblemCode) bool {
	problem, ok := errors.AsType[*Problem](err)
	return ok && problem.Code == code
}

// maxProblemBytes is more than any problem document of the service has.
const maxProblemBytes = 1 << 20

// problems turns refusals into errors, so that callers look at one thing.
type problems struct{ next apiclient.HttpRequestDoer }

// Do implements apiclient.HttpRequestDoer.
func (p *problems) Do(r *http.Request) (*http.Response, error) {
	response, err := p.next.Do(r)
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return response, err
	}
	defer response.Body.Close() //nolint:errcheck // it was only read
	problem, err := readProblem(response)
	if err != nil {
		return nil, err
	}
	return nil, problem
}

// readProblem reads the refusal in a response and leaves the body to be read again. Whatever stands between the client and
// the service may answer in words of its own: that becomes a Problem without a code.
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
			Status: int32(response.StatusCode), //nolint:gosec // G115: three digits
			Title:  http.StatusText(response.StatusCode), Detail: "The answer is not a problem document of the service.",
			RequestID: response.Header.Get("X-Request-ID"),
		}
	}
	return problem, nil
}

// retryAfter reads the header in its form of seconds, the one that the service sends.
func retryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
