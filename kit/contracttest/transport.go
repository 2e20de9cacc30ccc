package contracttest

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
)

// NewTransport returns a transport that sends through base, or http.DefaultTransport if base is
// nil. It reports each response that the contract does not describe exactly with tb.Errorf: status,
// headers, content type and body. Clients get responses unchanged. Described responses count for
// [Contract.Report].
func (c *Contract) NewTransport(tb testing.TB, base http.RoundTripper) http.RoundTripper {
	tb.Helper()
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{tb: tb, base: base, contract: c}
}

type transport struct {
	tb       testing.TB
	base     http.RoundTripper
	contract *Contract
}

// RoundTrip implements http.RoundTripper.
func (tr *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := tr.base.RoundTrip(req)
	if err != nil {
		return nil, err // unwrapped: clients inspect its type
	}
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		tr.judge(exchange{req: req, resp: resp})
		return resp, nil // an event stream may be endless
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		// The client judges a truncated body: it may have closed the connection itself.
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), iotest.ErrReader(err)))
		return resp, nil
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	tr.judge(exchange{req: req, resp: resp, body: plain(resp, body)})
	return resp, nil
}

// plain decompresses a body if the client asked for gzip explicitly: net/http leaves such bodies
// compressed. It returns a body that is not valid gzip unchanged, which then violates the contract.
func plain(resp *http.Response, body []byte) []byte {
	if resp.Header.Get("Content-Encoding") != "gzip" {
		return body
	}
	reader, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		return body
	}
	return content
}

func (tr *transport) judge(x exchange) {
	tr.tb.Helper()
	op, methods, found := tr.contract.find(x.req.Method, requestPath(x.req))
	var complaints []string
	name := x.req.Method + " " + x.req.URL.EscapedPath()
	if found {
		name += " (" + op.ID + ")"
		complaints = op.check(x)
	} else {
		complaints = tr.contract.checkUnrouted(x, methods)
	}
	switch {
	case len(complaints) > 0:
		tr.tb.Errorf("%s answered %d, which violates the contract:\n  - %s\n  body: %s",
			name, x.resp.StatusCode, strings.Join(complaints, "\n  - "), excerpt(x.body))
	case found && x.req.Method != http.MethodHead: // a HEAD shows no body
		tr.contract.seen.add(op.ID, x.resp.StatusCode)
	}
}

const excerptLength = 2 << 10

func excerpt(body []byte) string {
	if len(body) > excerptLength {
		return fmt.Sprintf("%q… (%d bytes)", body[:excerptLength], len(body))
	}
	return fmt.Sprintf("%q", body)
}
