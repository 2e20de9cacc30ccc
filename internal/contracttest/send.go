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

// Caller is who sends requests.
type Caller struct {
	Role  string // as in the contract; empty for strangers
	Token string // an access token; empty for strangers
	// Renew returns another token of the same role, for a caller who has ended their own session, or account, by what they
	// asked for. Callers who never do can do without.
	Renew func() string
}

// Send sends the request through client, whose transport should come from [NewTransport], and reports to tb when the
// answer is not one that the contract allows for it. A caller whose token is refused gets another one and tries again.
func (r Request) Send(tb testing.TB, client *http.Client, baseURL string, caller *Caller) {
	tb.Helper()
	status, err := r.send(tb.Context(), client, baseURL, caller.Token)
	if status == http.StatusUnauthorized && r.needsTokenOf(caller.Role) && caller.Renew != nil {
		caller.Token = caller.Renew()
		status, err = r.send(tb.Context(), client, baseURL, caller.Token)
	}
	if err != nil {
		tb.Errorf("%s, %s: %v", r.Operation, r.Name, err)
		return
	}
	if err := r.Verify(status, caller.Role); err != nil {
		tb.Errorf("%s, %s, as %q: %v\n  target: %s\n  headers: %v\n  body: %s",
			r.Operation, r.Name, caller.Role, err, r.Target, r.Header, excerpt(r.Body))
	}
}

// send returns the status of the answer.
func (r Request) send(ctx context.Context, client *http.Client, baseURL, token string) (int, error) {
	req, err := r.build(ctx, baseURL)
	if err != nil {
		return 0, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
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
	switch allowed := op.Allows(role); {
	case status >= http.StatusInternalServerError:
		return fmt.Errorf("answered %d", status)
	case !allowed && role == "":
		wanted = []int{http.StatusUnauthorized}
	case !allowed:
		wanted = []int{http.StatusForbidden}
	case wanted == nil && slices.Contains(r.inexcusable(role), status):
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

// inexcusable are statuses that blame the form of a request, or a token that is good. Rules beyond the schemas may refuse
// with 422 what people or the service itself made up, bodies and free text, but nothing else.
func (r Request) inexcusable(role string) []int {
	statuses := []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType}
	if r.needsTokenOf(role) {
		statuses = append(statuses, http.StatusUnauthorized)
	}
	if r.Body == nil && !r.hasFreeText() {
		statuses = append(statuses, http.StatusUnprocessableEntity)
	}
	return statuses
}

// needsTokenOf reports whether the operation is for those who have a token, and for this role.
func (r Request) needsTokenOf(role string) bool {
	return r.Operation.Role != "" && r.Operation.Allows(role)
}

// hasFreeText reports whether there is a parameter, beside those of the path, whose text the contract leaves open, like a
// cursor.
func (r Request) hasFreeText() bool {
	_, encoded, _ := strings.Cut(r.Target, "?")
	query, _ := url.ParseQuery(encoded) // what cannot be parsed has no parameters
	return slices.ContainsFunc(r.Operation.params, func(p *openapi3.ParameterRef) bool {
		schema := newParameter(p.Value).schema
		open := schema.Type.Is(openapi3.TypeString) && schema.Pattern == "" && len(schema.Enum) == 0
		sent := p.Value.In == openapi3.ParameterInQuery && query.Has(p.Value.Name) ||
			p.Value.In == openapi3.ParameterInHeader && r.Header.Get(p.Value.Name) != ""
		return open && sent
	})
}

// Allows reports whether a role may call the operation: each may do all that the roles before it may.
func (op Operation) Allows(role string) bool {
	needed := slices.Index(op.contract.roles, op.Role)
	return op.Role == "" || needed >= 0 && slices.Index(op.contract.roles, role) >= needed
}
