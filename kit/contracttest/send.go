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

// Caller is an account that sends requests, or an anonymous client.
type Caller struct {
	Role  string // one of [Options.Roles]; empty if anonymous
	Token string // an access token; empty if anonymous
	// Renew returns a new token of the same role, after a request has ended the session or the
	// account; nil if none can.
	Renew func() string
}

// Send sends the request through client, whose transport should be [Contract.NewTransport]'s, and
// reports a status that the contract does not allow. If the token of the caller is rejected, Send
// renews it and tries again.
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

// send returns the status of the response.
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
			body = io.MultiReader(body) // hides the length from net/http
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.Operation.Method, strings.TrimSuffix(baseURL, "/")+r.Target, body)
	if err != nil {
		return nil, fmt.Errorf("building the request: %w", err)
	}
	req.Header = r.Header.Clone()
	return req, nil
}

// Verify returns an error unless the contract allows this status for a caller of this role; an
// anonymous caller has none. A valid request may be refused for reasons outside of its schemas,
// such as an e-mail that is taken, but not for its form. A caller without access learns nothing
// about the validity of a request.
func (r Request) Verify(status int, role string) error {
	op := r.Operation
	wanted := r.Refusals
	switch allowed := op.Allows(role); {
	case status >= http.StatusInternalServerError:
		return fmt.Errorf("the status is %d", status)
	case !allowed && role == "":
		wanted = []int{http.StatusUnauthorized}
	case !allowed:
		wanted = []int{http.StatusForbidden}
	case wanted == nil && slices.Contains(r.inexcusable(role), status):
		return fmt.Errorf("the request is valid, but the status is %d", status)
	case wanted == nil:
		return nil
	}
	// A server may check the size before the caller.
	if slices.Contains(r.Refusals, http.StatusRequestEntityTooLarge) && status == http.StatusRequestEntityTooLarge {
		return nil
	}
	if !slices.Contains(wanted, status) {
		return fmt.Errorf("the status is %d, want one of %v", status, wanted)
	}
	return nil
}

// inexcusable returns the statuses that no valid request may get: those about its form, and 401
// with a valid token. Rules beyond the schemas may refuse bodies and free text with 422.
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

// needsTokenOf reports whether the operation is not public and allows this role.
func (r Request) needsTokenOf(role string) bool {
	return r.Operation.Role != "" && r.Operation.Allows(role)
}

// hasFreeText reports whether the request has a parameter outside of the path whose text the schema
// does not restrict, such as a cursor.
func (r Request) hasFreeText() bool {
	_, encoded, _ := strings.Cut(r.Target, "?")
	query, _ := url.ParseQuery(encoded) // a malformed query has no parameters
	return slices.ContainsFunc(r.Operation.params, func(p *openapi3.ParameterRef) bool {
		schema := newParameter(p.Value).schema
		open := schema.Type.Is(openapi3.TypeString) && schema.Pattern == "" && len(schema.Enum) == 0
		sent := p.Value.In == openapi3.ParameterInQuery && query.Has(p.Value.Name) ||
			p.Value.In == openapi3.ParameterInHeader && r.Header.Get(p.Value.Name) != ""
		return open && sent
	})
}

// Allows reports whether a role may call the operation. It reports false for an operation whose
// role is not in [Options.Roles].
func (op Operation) Allows(role string) bool {
	roles := op.contract.options.Roles
	needed := slices.Index(roles, op.Role)
	return op.Role == "" || needed >= 0 && slices.Index(roles, role) >= needed
}
