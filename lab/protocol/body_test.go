package protocol_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"example.com/plinth/internal/apitest"
)

// TestLargeBodiesAreBoundedTogether checks that slow clients with large bodies cannot hold memory
// without end, and that others are served meanwhile.
func TestLargeBodiesAreBoundedTogether(t *testing.T) {
	t.Parallel()
	const most = 16 << 20 / (64 << 10) // a body of more than 32 KiB has a buffer of twice that
	s := apitest.NewServer(t, apitest.Options{})
	login := func(body io.Reader) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, apitest.LoginPath, body)
		r.Header.Set("Content-Type", "application/json")
		return r
	}
	status := func(body string) int {
		return strictly(t, s.Handler, login(strings.NewReader(body))).StatusCode
	}
	unfinished := "{" + strings.Repeat(" ", 32<<10)
	var pipes []*io.PipeWriter
	var slow sync.WaitGroup
	for range most {
		body, pipe := io.Pipe()
		pipes = append(pipes, pipe)
		slow.Go(func() {
			response, err := direct{s.Handler}.RoundTrip(login(body)) // another transport would read the body first
			apitest.Must(t, err)
			apitest.Want(t, "status", response.StatusCode, http.StatusUnprocessableEntity, nil)
		})
		_, err := io.WriteString(pipe, unfinished) // returns when it has been read
		apitest.Must(t, err)
	}

	large := unfinished + "}"
	refused := strictly(t, s.Handler, login(strings.NewReader(large)))
	apitest.Want(t, "status", refused.StatusCode, http.StatusServiceUnavailable, nil)
	if refused.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	apitest.Want(t, "status of a small body", status("{}"), http.StatusUnprocessableEntity, nil)

	for _, pipe := range pipes {
		_, err := io.WriteString(pipe, "}")
		apitest.Must(t, err)
		apitest.Must(t, pipe.Close())
	}
	slow.Wait()
	apitest.Want(t, "status", status(large), http.StatusUnprocessableEntity, nil)
}
