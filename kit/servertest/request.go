package servertest

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

// Request is a request that is sent unchanged, valid or not.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         string
	Chunked      bool // without Content-Length
}

// With adds a header; an empty value removes it.
func (r Request) With(name, value string) Request {
	r.Header = r.Header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	if value == "" {
		r.Header.Del(name)
	} else {
		r.Header.Add(name, value)
	}
	return r
}

// Typed replaces the content type.
func (r Request) Typed(contentType string) Request {
	return r.With("Content-Type", "").With("Content-Type", contentType)
}

// As sends the access token of an account.
func (r Request) As(account interface{ AccessToken() string }) Request {
	return r.Bearing(account.AccessToken())
}

// Bearing sends an access token.
func (r Request) Bearing(token string) Request { return r.With("Authorization", "Bearer "+token) }

// From sends a client address, which a server takes from proxies that it trusts.
func (r Request) From(address string) Request { return r.With("X-Forwarded-For", address) }

// InChunks sends the body without Content-Length.
func (r Request) InChunks() Request {
	r.Chunked = true
	return r
}

// Send returns the response and its body. baseURL has no slash at the end.
func (r Request) Send(t testing.TB, client *http.Client, baseURL string) (*http.Response, []byte) {
	t.Helper()
	var reader io.Reader = strings.NewReader(r.Body)
	if r.Chunked {
		reader = io.MultiReader(reader)
	}
	sent, err := http.NewRequestWithContext(t.Context(), r.Method, baseURL+r.Path, reader)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header != nil {
		sent.Header = r.Header
	}
	response, err := client.Do(sent)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close() //nolint:errcheck // it was only read from
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, body
}

// WithMember returns the JSON of a value with one member replaced by the given JSON, or without the
// member if that is empty.
func WithMember(t testing.TB, value any, member, replacement string) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		t.Fatal(err)
	}
	members[member] = json.RawMessage(replacement)
	if replacement == "" {
		delete(members, member)
	}
	text, err = json.Marshal(members)
	if err != nil {
		t.Fatalf("the member %s is no JSON: %v", member, err)
	}
	return string(text)
}
