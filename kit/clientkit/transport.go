package clientkit

import (
	"net/http"
	"time"
)

const (
	defaultRetries = 2
	// longestWait is the longest Retry-After that is waited for; with a longer one the call fails.
	longestWait = 10 * time.Second
)

// WithoutRedirects returns a client that returns redirects as responses, unless client has a
// CheckRedirect.
func WithoutRedirects(client *http.Client) *http.Client {
	if client.CheckRedirect != nil {
		return client
	}
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &own
}

// Authenticate returns a Doer that sends the session's access token with every call, and retries
// once with a renewed token when the service answers 401 with a problem that has this code.
func (s *Session) Authenticate(next Doer, code string) Doer {
	return DoerFunc(func(r *http.Request) (*http.Response, error) {
		access, err := s.access(r.Context())
		if err != nil {
			return nil, err
		}
		if access == "" {
			return next.Do(r)
		}
		response, err := next.Do(withToken(r, access))
		if err != nil || response.StatusCode != http.StatusUnauthorized || !isRepeatable(r) {
			return response, err
		}
		problem, _, err := ReadProblem[struct{ Code string }](response)
		if err != nil || problem.Code != code {
			return response, err
		}
		_ = response.Body.Close()
		if access, err = s.renew(r.Context(), access); err != nil {
			return nil, err
		}
		again, err := repeat(r)
		if err != nil {
			return nil, err
		}
		return next.Do(withToken(again, access))
	})
}

func withToken(r *http.Request, access string) *http.Request {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+access)
	return r
}

// Retrying returns a Doer that retries a GET or HEAD that was answered 503, each time after the time
// in Retry-After, at most retries times; 0 means 2, a negative number none.
func Retrying(next Doer, retries int) Doer {
	if retries == 0 {
		retries = defaultRetries
	}
	return DoerFunc(func(r *http.Request) (*http.Response, error) {
		for attempt := 0; ; attempt++ {
			response, err := next.Do(r)
			if err != nil || response.StatusCode != http.StatusServiceUnavailable || attempt >= retries || !isSafe(r) {
				return response, err
			}
			wait := parseRetryAfter(response)
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
	})
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
