package contracttest

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// Request is a request to a service. It is valid, or violates the contract in one way.
type Request struct {
	Name      string // of the variant
	Operation Operation
	Target    string // path and query, escaped
	Header    http.Header
	Body      []byte // nil for none
	Chunked   bool   // without Content-Length

	// Refusals are the possible statuses for a caller with access; nil if the request is valid.
	Refusals []int
}

// Known are values that exist in the service, by names of parameters and members: identifiers,
// cursors, credentials. Half of all requests use them, because random values only lead to refusals.
type Known map[string][]any

// With returns these values and more.
func (k Known) With(more Known) Known {
	all := maps.Clone(k)
	for name, values := range more {
		all[name] = slices.Concat(values, k[name])
	}
	return all
}

// Requests derives n requests to an operation from its parameters and schemas. They come in rounds:
// each round has every variant once, in random order and with new values. Equal seeds give equal
// requests.
func Requests(tb testing.TB, op Operation, seed uint64, n int) []Request {
	tb.Helper()
	return Known(nil).Requests(tb, op, seed, n)
}

// Valid returns a valid request, with its length announced.
func Valid(tb testing.TB, op Operation) Request {
	tb.Helper()
	for _, candidate := range Requests(tb, op, 1, 100) {
		if candidate.Refusals == nil && !candidate.Chunked {
			return candidate
		}
	}
	tb.Fatalf("no valid request to %s was found", op)
	return Request{}
}

// Requests is [Requests] with known values.
func (k Known) Requests(tb testing.TB, op Operation, seed uint64, n int) []Request {
	tb.Helper()
	s := newSource(tb, seed)
	s.known = k
	var all []Request
	for len(all) < n {
		round := s.round(op)
		s.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		all = append(all, round...)
	}
	return all[:n]
}

func (s source) round(op Operation) []Request {
	base := s.base(op)
	return slices.Concat([]Request{base},
		s.pathRequests(base), s.queryRequests(base), s.headerRequests(base), s.bodyRequests(base))
}

// base draws a valid request.
func (s source) base(op Operation) Request {
	path, query, header := op.Path, url.Values{}, http.Header{}
	for _, p := range op.params {
		one := newParameter(p.Value)
		text, ok := s.drawn(one)
		if ok && (p.Value.Required || s.IntN(2) == 0) {
			one.put(&path, query, header, text)
		}
	}
	r := Request{Name: "valid", Operation: op, Header: header, Target: target(path, query)}
	if contentType, schema := op.jsonBody(); schema != nil {
		header.Set("Content-Type", contentType)
		body := s.encoded(schema, variant{value: s.valid(schema)})
		for tries := 0; body.refusals != nil && tries < 20; tries++ { // a list may have drawn an item twice
			body = s.encoded(schema, variant{value: s.valid(schema)})
		}
		r.Body, r.Refusals = body.text, body.refusals
		return r
	}
	if contentType, body := s.otherBody(op); contentType != "" {
		header.Set("Content-Type", contentType)
		r.Body = body
	}
	return r
}

func target(path string, query url.Values) string {
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

// but returns a changed copy of a request.
func (r Request) but(name string, refusals []int, change func(*Request)) Request {
	r.Name, r.Refusals, r.Header = name, refusals, r.Header.Clone()
	change(&r)
	return r
}

// jsonBody returns the JSON media type of the operation's body and its schema, if it has one.
func (op Operation) jsonBody() (string, *openapi3.Schema) {
	if op.spec.RequestBody == nil {
		return "", nil
	}
	for contentType, media := range op.spec.RequestBody.Value.Content {
		if isJSON(contentType) {
			return contentType, media.Schema.Value
		}
	}
	return "", nil
}

// isJSON reports whether a media type is JSON. Lines of JSON are not.
func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

func (s source) bodyRequests(base Request) []Request {
	contentType, schema := base.Operation.jsonBody()
	if schema == nil {
		return nil
	}
	var all []Request
	isOptional := !base.Operation.spec.RequestBody.Value.Required
	for _, body := range s.bodies(schema, base.Operation.bodyLimit()) {
		if isOptional && len(body.text) == 0 {
			body.refusals = nil
		}
		all = append(all, base.but("body: "+body.name, body.refusals, func(r *Request) {
			r.Body, r.Chunked = body.text, s.IntN(4) == 0
		}))
	}
	if base.Operation.spec.RequestBody.Value.Required {
		refusals := append(slices.Clone(eitherWay), unsupported...)
		all = append(all, base.but("without a body", refusals, func(r *Request) { r.Body = nil }))
	}
	all = append(all, base.but("content type with a charset", base.Refusals, func(r *Request) {
		r.Header.Set("Content-Type", contentType+"; charset=utf-8")
	}))
	return append(all, mediaTypeRequests(base, contentType)...)
}

func mediaTypeRequests(base Request, contentType string) []Request {
	all := []Request{
		base.but("without a content type", unsupported, func(r *Request) { r.Header.Del("Content-Type") }),
		base.but("compressed", unsupported, func(r *Request) { r.Header.Set("Content-Encoding", "gzip") }),
	}
	content := base.Operation.spec.RequestBody.Value.Content
	for _, other := range []string{
		"text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
		"application/*", "*/*", "json",
		contentType + "x", contentType + ", text/plain", contentType + "; charset=utf-16",
	} {
		if name, _, _ := strings.Cut(other, ";"); name != contentType && content[name] != nil {
			continue // the operation accepts it
		}
		all = append(all, base.but("content type "+other, unsupported, func(r *Request) {
			r.Header.Set("Content-Type", other)
		}))
	}
	return all
}
