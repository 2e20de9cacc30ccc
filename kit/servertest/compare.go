package servertest

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// HeaderText returns a header as text, sorted by name.
func HeaderText(header http.Header) string {
	var b strings.Builder
	_ = header.Write(&b) // sorted
	return b.String()
}

// Comparable returns a response as text, without the request id, which must be in the header and in
// the body, and the date. A Retry-After of one or two seconds less counts as retryAfter.
func Comparable(t testing.TB, response *http.Response, body []byte, retryAfter int) string {
	t.Helper()
	header := response.Header.Clone()
	header.Del("Date")
	if slices.Contains([]string{strconv.Itoa(retryAfter - 1), strconv.Itoa(retryAfter - 2)}, header.Get("Retry-After")) {
		header.Set("Retry-After", strconv.Itoa(retryAfter))
	}
	text := fmt.Sprint(response.StatusCode, HeaderText(header), string(body))
	id := header.Get("X-Request-Id")
	if n := strings.Count(text, id); n != 2 {
		t.Fatalf("the request id is in %d places, want 2\n%s", n, body)
	}
	return strings.ReplaceAll(text, id, "the same")
}
