package clientkit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"
)

// Doer sends a request; an http.Client does.
type Doer interface {
	Do(r *http.Request) (*http.Response, error)
}

// DoerFunc is a function that implements Doer.
type DoerFunc func(r *http.Request) (*http.Response, error)

// Do implements Doer.
func (f DoerFunc) Do(r *http.Request) (*http.Response, error) { return f(r) }

// Problems returns a Doer that turns responses with status 400 or higher into the error that read
// returns; see [ReadProblem].
func Problems(next Doer, read func(*http.Response) error) Doer {
	return DoerFunc(func(r *http.Request) (*http.Response, error) {
		response, err := next.Do(r)
		if err != nil || response.StatusCode < http.StatusBadRequest {
			return response, err
		}
		defer response.Body.Close() //nolint:errcheck // a read-only body
		return nil, read(response)
	})
}

// maxProblemBytes is the maximum size of a problem document.
const maxProblemBytes = 1 << 20

// ReadProblem reads the problem document (RFC 9457) of a response and its Retry-After, which is 0 if
// a retry does not help, and rewinds the body. For an error response of an intermediary, such as a
// proxy, it returns a document without a code.
func ReadProblem[Document any](response *http.Response) (document Document, retryAfter time.Duration, err error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, maxProblemBytes))
	if err != nil {
		return document, 0, fmt.Errorf("reading a problem: %w", err)
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{bytes.NewReader(body), response.Body}
	mediaType, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if mediaType == "application/problem+json" && json.Unmarshal(body, &document) == nil {
		return document, parseRetryAfter(response), nil
	}
	other, err := json.Marshal(map[string]any{
		"status":     response.StatusCode,
		"title":      http.StatusText(response.StatusCode),
		"detail":     "The response is not a problem document of the service.",
		"request_id": response.Header.Get("X-Request-ID"),
	})
	if err == nil {
		var empty Document
		document = empty // a failed decoding may have set members
		err = json.Unmarshal(other, &document)
	}
	return document, parseRetryAfter(response), err
}

// parseRetryAfter parses Retry-After in seconds, the only form that the service sends.
func parseRetryAfter(response *http.Response) time.Duration {
	seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(seconds) * time.Second
}
