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

// NewTransport returns a transport that sends through base (nil: http.DefaultTransport) and reports to tb, with
// tb.Errorf, each response that the contract does not describe exactly: status, headers, content type and body. The
// client sees the response as it was. Answers of documented form count for the coverage that [Main] judges.
func NewTransport(tb testing.TB, base http.RoundTripper) http.RoundTripper {
	tb.Helper()
	return newTransport(tb, base, mustPublished(tb), exercised)
}

func newTransport(tb testing.TB, base http.RoundTripper, c *contract, r *record) http.RoundTripper {
	tb.Helper()
	if base == nil {
		base = http.DefaultTransport
	}
	return &transport{tb: tb, base: base, contract: c, record: r}
}

type transport struct {
	tb       testing.TB
	base     http.RoundTripper
	contract *contract
	record   *record
}

// RoundTrip implements http.RoundTripper.
func (tr *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := tr.base.RoundTrip(req)
	if err != nil {
		return nil, err // as it is: clients look into it
	}
	if resp.Header.Get("Content-Type") == "text/event-stream" {
		tr.judge(exchange{req: req, resp: resp})
		return resp, nil // it may have no end
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close() // all of it was read
	if err != nil {
		// An answer cut short is the client's to judge: it may have hung up itself.
		resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), iotest.ErrReader(err)))
		return resp, nil // the error comes with the body
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	tr.judge(exchange{req: req, resp: resp, body: plain(resp, body)})
	return resp, nil
}

// plain returns the content of a body that net/http has not decompressed: the client asked for gzip
// by itself. A body that is no gzip is returned as it is, and breaks the contract.
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
		complaints = tr.contract.checkElsewhere(x, methods)
	}
	switch {
	case len(complaints) > 0:
		tr.tb.Errorf("%s answered %d against the contract:\n  - %s\n  body: %s",
			name, x.resp.StatusCode, strings.Join(complaints, "\n  - "), excerpt(x.body))
	case found && x.req.Method != http.MethodHead: // which has no body to see
		tr.record.add(op.ID, x.resp.StatusCode)
	}
}

const excerptLength = 2 << 10

func excerpt(body []byte) string {
	if len(body) > excerptLength {
		return fmt.Sprintf("%q… (%d bytes)", body[:excerptLength], len(body))
	}
	return fmt.Sprintf("%q", body)
}
