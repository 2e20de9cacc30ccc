package contracttest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Caller is who sends a request.
type Caller struct {
	Role  string // as in the contract; empty for strangers
	Token string // an access token; empty for strangers
}

// Send sends the request through client, whose transport should come from [NewTransport], and reports to tb when the
// answer is not one that the contract allows for it.
func (r Request) Send(tb testing.TB, client *http.Client, baseURL string, caller Caller) {
	tb.Helper()
	req, err := r.build(tb.Context(), baseURL)
	if err != nil {
		tb.Errorf("%s, %s: %v", r.Operation, r.Name, err)
		return
	}
	if caller.Token != "" {
		req.Header.Set("Authorization", "Bearer "+caller.Token)
	}
	resp, err := client.Do(req)
	if err != nil {
		tb.Errorf("%s, %s: %v", r.Operation, r.Name, err)
		return
	}
	_ = resp.Body.Close()
	if err := r.Verify(resp.StatusCode, caller.Role); err != nil {
		tb.Errorf("%s, %s, as %q: %v\n  target: %s\n  headers: %v\n  body: %s",
			r.Operation, r.Name, caller.Role, err, r.Target, r.Header, excerpt(r.Body))
	}
}

func (r Request) build(ctx context.Context, baseURL string) (*http.Request, error) {
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
		if r.Chunked {
			body = io.MultiReader(body) // hides the length
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.Operation.Method, strings.TrimSuffix(baseURL, "/")+r.Target, body)
	if err != nil {
		return nil, fmt.Errorf("building the request: %w", err)
	}
	req.Header = r.Header.Clone()
	return req, nil
}

// Verify returns an error unless the contract allows this status for the request when sent by a caller of this role
// (empty: a stranger). A request that keeps the contract may still be refused for reasons that no schema knows, as when
// an e-mail is taken, but not for its form; strangers learn no more than that they are strangers.
func (r Request) Verify(status int, role string) error {
	op := r.Operation
	wanted := r.Refusals
	switch allowed := op.allows(role); {
	case status >= http.StatusInternalServerError:
		return fmt.Errorf("answered %d", status)
	case !allowed && role == "":
		wanted = []int{http.StatusUnauthorized}
	case !allowed:
		wanted = []int{http.StatusForbidden}
	case wanted == nil && slices.Contains(r.inexcusable(), status):
		return fmt.Errorf("it keeps the contract, but was answered %d", status)
	case wanted == nil:
		return nil
	}
	// A body may be too large for anybody to look further.
	if slices.Contains(r.Refusals, http.StatusRequestEntityTooLarge) && status == http.StatusRequestEntityTooLarge {
		return nil
	}
	if !slices.Contains(wanted, status) {
		return fmt.Errorf("answered %d, not one of %v", status, wanted)
	}
	return nil
}

// inexcusable are statuses that blame the form of a request. Rules beyond the schemas may refuse with 422 what people or
// the service itself made up, bodies and free text, but nothing else.
func (r Request) inexcusable() []int {
	statuses := []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
	if r.Body == nil && !r.hasFreeText() {
		statuses = append(statuses, http.StatusUnprocessableEntity)
	}
	return statuses
}

// hasFreeText reports whether the query has a parameter whose text the contract leaves open, like a cursor.
func (r Request) hasFreeText() bool {
	_, encoded, _ := strings.Cut(r.Target, "?")
	query, _ := url.ParseQuery(encoded) // what cannot be parsed has no parameters
	return slices.ContainsFunc(r.Operation.params, func(p *openapi3.ParameterRef) bool {
		schema := p.Value.Schema.Value
		open := schema.Type.Is(openapi3.TypeString) && schema.Pattern == "" && len(schema.Enum) == 0
		return open && p.Value.In == openapi3.ParameterInQuery && query.Has(p.Value.Name)
	})
}

// allows reports whether a role may call the operation: each may do all that the roles before it may.
func (op Operation) allows(role string) bool {
	needed := slices.Index(op.contract.roles, op.Role)
	return op.Role == "" || needed >= 0 && slices.Index(op.contract.roles, role) >= needed
}
