package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// TestLargeBodiesAreBoundedTogether shows that slow clients with large bodies cannot hold memory without end, and that others
// are served meanwhile.
func TestLargeBodiesAreBoundedTogether(t *testing.T) {
	t.Parallel()
	const most = 16 << 20 / (64 << 10) // a body of more than 32 KiB has a buffer of twice that
	s := newServer(t, options{})
	login := func(body io.Reader) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, loginPath, body)
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	status := func(body string) int { return strictly(t, s.Handler, login(strings.NewReader(body))).StatusCode }
	unfinished := "{" + strings.Repeat(" ", 32<<10)
	var pipes []*io.PipeWriter
	var slow sync.WaitGroup
	for range most {
		body, pipe := io.Pipe()
		pipes = append(pipes, pipe)
		slow.Go(func() {
			response, err := direct{s.Handler}.RoundTrip(login(body)) // another transport would read the body first
			must(t, err)
			want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, nil)
		})
		_, err := io.WriteString(pipe, unfinished) // returns when it has been read
		must(t, err)
	}

	large := unfinished + "}"
	refused := strictly(t, s.Handler, login(strings.NewReader(large)))
	want(t, "status", refused.StatusCode, http.StatusServiceUnavailable, nil)
	if refused.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	want(t, "status of a small body", status("{}"), http.StatusUnprocessableEntity, nil)

	for _, pipe := range pipes {
		_, err := io.WriteString(pipe, "}")
		must(t, err)
		must(t, pipe.Close())
	}
	slow.Wait()
	want(t, "status", status(large), http.StatusUnprocessableEntity, nil)
}
