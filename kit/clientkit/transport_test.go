package clientkit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/plinth/kit/clientkit"
)

// problem is an error response as an error.
type problem struct {
	Status     int
	Code       string
	Title      string
	RequestID  string `json:"request_id"`
	RetryAfter time.Duration
}

func (p *problem) Error() string { return fmt.Sprint(p.Status, " ", p.Code) }

func readProblem(response *http.Response) error {
	p, retryAfter, err := clientkit.ReadProblem[problem](response)
	if err != nil {
		return err
	}
	p.RetryAfter = retryAfter
	return &p
}

func respond(r *http.Request, status int, header http.Header, body string) *http.Response {
	if header == nil {
		header = http.Header{}
	}
	return &http.Response{
		StatusCode: status, Header: header, Request: r, ProtoMajor: 1, ProtoMinor: 1,
		Body: io.NopCloser(strings.NewReader(body)),
	}
}

// call sends a request, and closes the body of the response.
func call(ctx context.Context, doer clientkit.Doer, method, url string, body io.Reader) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return nil, err
	}
	response, err := doer.Do(r)
	if err == nil {
		_ = response.Body.Close()
	}
	return response, err
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const url = "http://127.0.0.1:1/me"

func TestSafeCallsAreRetriedOn503(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		retries    int
		busy       int64 // number of 503 responses
		retryAfter string
		method     string
		wantCalls  int64
		wantOK     bool
	}{
		"read":                 {0, 1, "1", http.MethodGet, 2, true},
		"retries exhausted":    {1, 5, "1", http.MethodGet, 2, false},
		"retries disabled":     {-1, 1, "1", http.MethodGet, 1, false},
		"no Retry-After":       {0, 1, "", http.MethodGet, 1, false},
		"Retry-After too long": {0, 1, "3600", http.MethodGet, 1, false},
		"write":                {0, 1, "1", http.MethodDelete, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			doer := clientkit.Problems(clientkit.Retrying(clientkit.DoerFunc(func(r *http.Request) (*http.Response, error) {
				if calls.Add(1) > test.busy {
					return respond(r, http.StatusOK, nil, ""), nil
				}
				header := http.Header{}
				if test.retryAfter != "" {
					header.Set("Retry-After", test.retryAfter)
				}
				return respond(r, http.StatusServiceUnavailable, header, "<html>busy</html>"), nil
			}), test.retries), readProblem)
			_, err := call(t.Context(), doer, test.method, url, http.NoBody)
			if calls.Load() != test.wantCalls || (err == nil) != test.wantOK {
				t.Errorf("%d calls, %v; want %d", calls.Load(), err, test.wantCalls)
			}
			problem, ok := errors.AsType[*problem](err)
			if err != nil && (!ok || problem.Status != http.StatusServiceUnavailable) {
				t.Errorf("got %v, want a problem with status 503", err)
			}
		})
	}
}

func TestRetryWaitStopsWithContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	doer := clientkit.Retrying(clientkit.DoerFunc(func(r *http.Request) (*http.Response, error) {
		cancel()
		return respond(r, http.StatusServiceUnavailable, http.Header{"Retry-After": {"9"}}, ""), nil
	}), 0)
	_, err := call(ctx, doer, http.MethodGet, url, http.NoBody)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// A redirect must not carry the token to another host, and its target is outside the contract.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	calls := atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusSeeOther)
	}))
	t.Cleanup(server.Close)
	client := clientkit.WithoutRedirects(server.Client())
	response, err := call(t.Context(), client, http.MethodGet, server.URL, http.NoBody)
	must(t, err)
	location := response.Header.Get("Location")
	if response.StatusCode != http.StatusSeeOther || location != "/elsewhere" || calls.Load() != 1 {
		t.Errorf("%d to %q after %d calls", response.StatusCode, location, calls.Load())
	}
	errChecked := errors.New("CheckRedirect called")
	follows := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return errChecked }}
	client = clientkit.WithoutRedirects(follows)
	_, err = call(t.Context(), client, http.MethodGet, server.URL, http.NoBody)
	if !errors.Is(err, errChecked) {
		t.Errorf("client with a CheckRedirect: %v", err)
	}
}

func TestReadProblem(t *testing.T) {
	t.Parallel()
	document := http.Header{"Content-Type": {"application/problem+json; charset=utf-8"}, "X-Request-Id": {"id-1"}, "Retry-After": {"7"}}
	proxy := problem{Status: http.StatusConflict, Title: "Conflict", RequestID: "id-1", RetryAfter: 7 * time.Second}
	for name, test := range map[string]struct {
		header http.Header
		body   string
		want   problem
	}{
		"document": {
			document, `{"status": 409, "code": "sold_out", "moon": 1}`,
			problem{Status: http.StatusConflict, Code: "sold_out", RetryAfter: 7 * time.Second},
		},
		"broken document": {document, `{"code": "sold_out", "status": "x"}`, proxy},
		"page of a proxy": {http.Header{"X-Request-Id": {"id-1"}, "Retry-After": {"7"}}, "<html>", proxy},
		"page without headers": {
			http.Header{"Retry-After": {"-1"}}, "<html>", problem{Status: http.StatusConflict, Title: "Conflict"},
		},
	} {
		response := respond(nil, http.StatusConflict, test.header, test.body)
		got, ok := errors.AsType[*problem](readProblem(response))
		if !ok || *got != test.want {
			t.Errorf("%s: got %+v, want %+v", name, got, test.want)
		}
		if rest, err := io.ReadAll(response.Body); err != nil || string(rest) != test.body {
			t.Errorf("%s: the body is %q afterwards, %v", name, rest, err)
		}
	}
}

func TestTokensAreRedacted(t *testing.T) {
	t.Parallel()
	tokens := clientkit.Tokens{Access: "secret-access", Refresh: "secret-refresh"}
	for _, text := range []string{
		fmt.Sprint(tokens), fmt.Sprintf("%+v %#v %s", tokens, tokens, &tokens), tokens.LogValue().String(),
	} {
		if strings.Contains(text, "secret") {
			t.Errorf("printed as %s", text)
		}
	}
}
