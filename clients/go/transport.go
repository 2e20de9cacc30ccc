package plinth

import (
	"net/http"
	"time"

	"example.com/plinth/gen/apiclient"
)

const (
	defaultRetries = 2
	// longestWait is the longest Retry-After that is waited for; with a longer one the call fails.
	longestWait = 10 * time.Second
)

// authenticator sends the access token with every call, and retries once with a renewed token on
// 401.
type authenticator struct {
	next    apiclient.HttpRequestDoer
	session *session
}

// Do implements apiclient.HttpRequestDoer.
func (a *authenticator) Do(r *http.Request) (*http.Response, error) {
	access, err := a.session.access(r.Context())
	if err != nil {
		return nil, err
	}
	if access == "" {
		return a.next.Do(r)
	}
	response, err := a.next.Do(withToken(r, access))
	if err != nil || response.StatusCode != http.StatusUnauthorized || !isRepeatable(r) {
		return response, err
	}
	problem, err := readProblem(response)
	if err != nil || problem.Code != apiclient.ProblemCodeInvalidToken {
		return response, err
	}
	_ = response.Body.Close()
	if access, err = a.session.renew(r.Context(), access); err != nil {
		return nil, err
	}
	again, err := repeat(r)
	if err != nil {
		return nil, err
	}
	return a.next.Do(withToken(again, access))
}

func withToken(r *http.Request, access string) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+access)
	return r
}

// retrier retries safe calls that the service answers with 503.
type retrier struct {
	next    apiclient.HttpRequestDoer
	retries int
}

// Do implements apiclient.HttpRequestDoer.
func (d *retrier) Do(r *http.Request) (*http.Response, error) {
	retries := d.retries
	if retries == 0 {
		retries = defaultRetries
	}
	for attempt := 0; ; attempt++ {
		response, err := d.next.Do(r)
		if err != nil || response.StatusCode != http.StatusServiceUnavailable || attempt >= retries || !isSafe(r) {
			return response, err
		}
		wait := retryAfter(response)
		if wait == 0 || wait > longestWait {
			return response, nil
		}
		_ = response.Body.Close()
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(wait):
		}
	}
}

// isSafe reports whether the method is safe (RFC 9110, section 9.2.1). Safe requests have no body
// here.
func isSafe(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && (r.Body == nil || r.Body == http.NoBody)
}

// isRepeatable reports whether the request has no body or one that can be read again.
func isRepeatable(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.GetBody != nil
}

// repeat returns the request with an unread body.
func repeat(r *http.Request) (*http.Request, error) {
	again := r.Clone(r.Context())
	if r.GetBody == nil {
		return again, nil
	}
	var err error
	again.Body, err = r.GetBody()
	return again, err
}
