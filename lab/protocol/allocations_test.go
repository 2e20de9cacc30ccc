//go:build !race

package protocol_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

// The allocations of one GET /users/me in process, from the handler to PostgreSQL and back, with
// everything on that is on in production. Unlike times they hardly vary, so they are held to what
// was measured; docs/performance.md has the history. Fewer are welcome: lower the number. Three above
// what was measured (71 and 87) are for pools that a collection has emptied.
const (
	allocationsOfAKnownToken = 74
	allocationsOfANewToken   = 90
)

// TestAllocationsOfARequest fails when the path that every request takes becomes dearer.
//
//nolint:paralleltest // it counts what the whole process allocates
func TestAllocationsOfARequest(t *testing.T) {
	const runs = 40
	store, err := pgstore.Open(t.Context(), pgtest.URL(t), pgstore.Options{MaxConns: 1})
	apitest.Must(t, err)
	t.Cleanup(store.Close)
	assembled := newApp(t, store, nil, false)
	var requests []*http.Request
	for range runs + 2 {
		tokens, err := assembled.Services.Sessions.RegisterUser(t.Context(),
			domain.Registration{Email: apitest.NewEmail(), Password: apitest.Password}, domain.Client{})
		apitest.Must(t, err)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/users/me", http.NoBody)
		r.Header.Set("Authorization", "Bearer "+tokens.Access)
		requests = append(requests, r)
	}
	ask := func(r *http.Request) {
		w := &blank{header: http.Header{}}
		assembled.Handler.ServeHTTP(w, r)
		apitest.Want(t, "status", w.status, http.StatusOK, nil)
	}
	ask(requests[0]) // prepares the statement
	next := 0
	fresh := testing.AllocsPerRun(runs, func() {
		next++
		ask(requests[next])
	})
	known := testing.AllocsPerRun(runs, func() { ask(requests[0]) })
	t.Logf("a known token: %.0f, a new one: %.0f", known, fresh)
	if known > allocationsOfAKnownToken || fresh > allocationsOfANewToken {
		t.Errorf("%.0f allocations with a known token, %.0f with a new one; at most %d and %d are allowed",
			known, fresh, allocationsOfAKnownToken, allocationsOfANewToken)
	}
}

// blank is a response that costs next to nothing.
type blank struct {
	header http.Header
	status int
}

func (b *blank) Header() http.Header { return b.header }

func (*blank) Write(p []byte) (int, error) { return len(p), nil }

func (b *blank) WriteHeader(status int) { b.status = status }
