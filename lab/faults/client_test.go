//go:build faults

package faults_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// tally counts requests by outcome.
type tally struct {
	mu                         sync.Mutex
	sent, refused, lost, wrong int
	complaints                 []string  // the first ten
	lastFailure                time.Time // when the last failed request was sent
}

func (c *tally) figures() (sent, refused, lost, wrong int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent, c.refused, c.lost, c.wrong
}

// check fails the test if requests were lost or had wrong responses.
func (c *tally) check(t *testing.T) {
	t.Helper()
	if _, _, lost, wrong := c.figures(); lost+wrong > 0 {
		t.Errorf("%d lost, %d wrong:\n%s", lost, wrong, strings.Join(c.complaints, "\n"))
	}
}

// recovery returns the time from begin until the last failed request was sent; 0 if all succeeded.
func (c *tally) recovery(begin time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(0, c.lastFailure.Sub(begin))
}

// answer is a response, or the error of a request without one.
type answer struct {
	status     int
	retryAfter string
	body       string
	err        error
	took       time.Duration
}

// caller sends requests to one address and counts them. Each request uses a new connection, so that
// none is lost because the server closes an idle keep-alive connection.
type caller struct {
	url    string
	count  *tally
	client *http.Client
	agent  string
}

func newCaller(url string, count *tally) *caller {
	return &caller{url: url, count: count, client: &http.Client{
		Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second,
	}}
}

// call sends a request and counts it as wrong if its status is not wanted, or if it is a 503
// without Retry-After.
func (c *caller) call(ctx context.Context, method, path, token, body string, wanted ...int) answer {
	begin := time.Now()
	a := c.send(ctx, method, path, token, body)
	a.took = time.Since(begin)
	c.count.mu.Lock()
	defer c.count.mu.Unlock()
	c.count.sent++
	if a.status < 200 || a.status >= 300 {
		if begin.After(c.count.lastFailure) {
			c.count.lastFailure = begin
		}
	}
	complaint := ""
	switch {
	case a.err != nil:
		c.count.lost++
		complaint = a.err.Error()
	case !slices.Contains(wanted, a.status), a.status == http.StatusServiceUnavailable && a.retryAfter == "":
		c.count.wrong++
		complaint = http.StatusText(a.status) + " " + a.body
	case a.status == http.StatusServiceUnavailable:
		c.count.refused++
	}
	if complaint != "" && len(c.count.complaints) < 10 {
		c.count.complaints = append(c.count.complaints, begin.Format("05.000 ")+method+" "+path+": "+complaint)
	}
	return a
}

func (c *caller) send(ctx context.Context, method, path, token, body string) answer {
	request, err := http.NewRequestWithContext(ctx, method, c.url+path, strings.NewReader(body))
	if err != nil {
		return answer{err: err}
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if c.agent != "" {
		request.Header.Set("User-Agent", c.agent)
	}
	response, err := c.client.Do(request)
	if err != nil {
		return answer{err: err}
	}
	defer response.Body.Close() //nolint:errcheck // read only
	text, err := io.ReadAll(response.Body)
	return answer{
		status: response.StatusCode, retryAfter: response.Header.Get("Retry-After"), body: string(text), err: err,
	}
}

// The paths of the API that the suite uses.
const (
	registerPath = "/api/v1/auth/register"
	loginPath    = "/api/v1/auth/login"
	refreshPath  = "/api/v1/auth/refresh"
	resendPath   = "/api/v1/auth/verification"
	verifyPath   = "/api/v1/auth/verification/confirmation"
	mePath       = "/api/v1/users/me"
	livePath     = "/health"
	readyPath    = "/health/ready"
)

const password = "correct horse battery staple"

func credentials(email string) string {
	return `{"email":"` + email + `","password":"` + password + `"}`
}

// newEmail returns a unique address.
func newEmail() string { return strings.ToLower(rand.Text()) + "@example.com" }

// session is a logged-in client. It uses one refresh token at a time.
type session struct {
	mu              sync.Mutex
	email           string
	access, refresh string
}

// newSession registers an account.
func newSession(t *testing.T, c *caller) *session {
	t.Helper()
	s := &session{email: newEmail()}
	a := c.call(t.Context(), http.MethodPost, registerPath, "", credentials(s.email), http.StatusCreated)
	if a.status != http.StatusCreated {
		t.Fatalf("registering: %d %v %s", a.status, a.err, a.body)
	}
	s.take(a)
	return s
}

func newSessions(t *testing.T, c *caller, n int) []*session {
	t.Helper()
	sessions := make([]*session, n)
	for i := range sessions {
		sessions[i] = newSession(t, c)
	}
	return sessions
}

// take stores the tokens of a response that has them.
func (s *session) take(a answer) {
	var tokens struct {
		AccessToken  string `json:"access_token"`
		RefreshToken string `json:"refresh_token"`
	}
	if json.Unmarshal([]byte(a.body), &tokens) == nil && tokens.RefreshToken != "" {
		s.access, s.refresh = tokens.AccessToken, tokens.RefreshToken
	}
}

// rotate refreshes the tokens. Without a response, the next call retries with the same token.
func (s *session) rotate(ctx context.Context, c *caller, wanted ...int) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := c.call(ctx, http.MethodPost, refreshPath, "", `{"refresh_token":"`+s.refresh+`"}`, wanted...)
	s.take(a)
	return a
}

// me reads the account.
func (s *session) me(ctx context.Context, c *caller, wanted ...int) answer {
	s.mu.Lock()
	token := s.access
	s.mu.Unlock()
	return c.call(ctx, http.MethodGet, mePath, token, "", wanted...)
}

// wantAlive checks that all sessions are still valid.
func wantAlive(t *testing.T, c *caller, sessions []*session) {
	t.Helper()
	for _, s := range sessions {
		for range 2 {
			if a := s.rotate(t.Context(), c, http.StatusOK); a.status != http.StatusOK {
				t.Errorf("refresh of a session: %d %v %s", a.status, a.err, a.body)
			}
		}
		if a := s.me(t.Context(), c, http.StatusOK); a.status != http.StatusOK {
			t.Errorf("access token: %d %v %s", a.status, a.err, a.body)
		}
	}
}
