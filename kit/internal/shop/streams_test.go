package shop_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/internal/gen/shopclient"
	"example.com/plinth/kit/internal/testapi"
)

// events opens a stream and returns it once it has begun.
func events(t *testing.T, a account, params *shopclient.StreamEventsParams) *bufio.Reader {
	t.Helper()
	response, err := a.StreamEvents(t.Context(), params)
	must(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	want(t, "status", response.StatusCode, http.StatusOK)
	want(t, "media type", response.Header.Get("Content-Type"), "text/event-stream")
	return bufio.NewReader(response.Body)
}

// noEvents checks that a stream is refused.
func noEvents(t *testing.T, a account, status int, retryAfter, tells string) {
	t.Helper()
	response, err := a.StreamEvents(t.Context(), nil)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // already read
	want(t, "status", response.StatusCode, status)
	want(t, "Retry-After", response.Header.Get("Retry-After"), retryAfter)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if !strings.Contains(string(body), tells) {
		t.Errorf("got %s", body)
	}
}

func TestEventsAreFlushed(t *testing.T) {
	t.Parallel()
	ada := newServer(t).register(t, "user")
	endless := events(t, ada, nil) // sends one event and stays open
	line, err := endless.ReadString('\n')
	must(t, err)
	want(t, "the first line", line, "id: 1\n")
	last, count := int64(7), int32(2)
	two := events(t, ada, &shopclient.StreamEventsParams{LastEventID: &last, Count: &count})
	text, err := io.ReadAll(two)
	must(t, err)
	want(t, "the body", string(text), "id: 8\nevent: stock\ndata: 7\n\nid: 9\nevent: stock\ndata: 7\n\n")
}

// TestStreamOutlivesTimeouts keeps a stream open until the server closes an idle connection.
func TestStreamOutlivesTimeouts(t *testing.T) {
	t.Parallel()
	const idle = 500 * time.Millisecond
	s := newServerWith(t, testapi.Options{RequestTimeout: idle}, idle)
	ada := s.register(t, "user")
	stream := events(t, ada, nil)
	silent, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	must(t, err)
	_, _ = io.ReadAll(silent) // until the server closes it
	newProduct(t, ada)
	var ids []string
	for len(ids) < 2 {
		line, err := stream.ReadString('\n')
		must(t, err)
		if strings.HasPrefix(line, "id: ") {
			ids = append(ids, line)
		}
	}
	want(t, "the events", strings.Join(ids, ""), "id: 1\nid: 2\n")
}

func TestEndOfSessionEndsStream(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, "user")
	endless := events(t, ada, nil)
	_, err := endless.ReadString('\n')
	must(t, err)
	s.accounts.End(ada.token)
	_, err = io.ReadAll(endless)
	must(t, err)
}

func TestShutdownEndsStreams(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	endless := events(t, s.register(t, "user"), nil)
	s.stop()
	_, err := io.ReadAll(endless)
	must(t, err)
}

func TestHeadOfStreamEnds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, body := s.send(t, http.MethodHead, "/api/v1/events", s.register(t, "user").header(""), nil)
	want(t, "status", response.StatusCode, http.StatusOK, body)
	want(t, "media type", response.Header.Get("Content-Type"), "text/event-stream")
}

func TestStreamsPerAccountAreBounded(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, testapi.Options{Streams: httpkit.StreamOptions{PerCaller: 2}}, time.Minute)
	ada, bob := s.register(t, "user"), s.register(t, "user")
	first, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	_, err := ada.StreamEvents(first, nil)
	must(t, err)
	events(t, ada, nil)
	noEvents(t, ada, http.StatusTooManyRequests, "10", `"detail":"Too many streams are open.`)
	events(t, bob, nil) // another account has slots of its own
	newProduct(t, ada)  // other operations have no slots
	hangUp()
	for statusOfEvents(t, ada) != http.StatusOK { // until the server notices
		must(t, t.Context().Err())
	}
}

func statusOfEvents(t *testing.T, a account) int {
	t.Helper()
	response, err := a.StreamEvents(t.Context(), nil)
	must(t, err)
	must(t, response.Body.Close())
	return response.StatusCode
}

// TestEndedStreamsFreeSlots opens streams one after the other, with one slot.
func TestEndedStreamsFreeSlots(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, testapi.Options{Streams: httpkit.StreamOptions{PerCaller: 1, Max: 1}}, time.Minute)
	ada := s.register(t, "user")
	for range 3 {
		response, body := s.send(t, http.MethodGet, "/api/v1/events?count=1", ada.header(""), nil)
		want(t, "status", response.StatusCode, http.StatusOK, body)
		response, body = s.send(t, http.MethodHead, "/api/v1/events", ada.header(""), nil)
		want(t, "status of a HEAD", response.StatusCode, http.StatusOK, body)
		response, body = s.send(t, http.MethodGet, "/api/v1/events?count=x", ada.header(""), nil)
		want(t, "status of a refusal", response.StatusCode, http.StatusUnprocessableEntity, body)
	}
}

func TestStreamsInTotalAreBounded(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, testapi.Options{Streams: httpkit.StreamOptions{Max: 1}}, time.Minute)
	ada, bob := s.register(t, "user"), s.register(t, "user")
	events(t, ada, nil)
	noEvents(t, bob, http.StatusServiceUnavailable, "2", `"code":"overloaded"`)
	newProduct(t, bob)
}

func TestAnonymousStreamsAreRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, body := s.send(t, http.MethodGet, "/api/v1/events", nil, nil)
	want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
}

func TestCORSAllowsHeadersOfContract(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	header := http.Header{
		"Origin": {
			"https://shop.example",
		}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"x-tenant-id,traceparent"},
	}
	response, _ := s.send(t, http.MethodOptions, "/api/v1/products", header, nil)
	for _, name := range []string{"X-Tenant-ID", "X-Features", "Range", "If-None-Match", "Last-Event-ID", "traceparent", "tracestate", "Authorization"} {
		if !strings.Contains(","+response.Header.Get("Access-Control-Allow-Headers")+",", ","+name+",") {
			t.Errorf(
				"%s is not in Access-Control-Allow-Headers: %s",
				name,
				response.Header.Get("Access-Control-Allow-Headers"),
			)
		}
	}
	response, _ = s.send(t, http.MethodGet, "/api/v1/products", http.Header{"Origin": {"https://shop.example"}}, nil)
	for _, name := range []string{"Location", "Content-Disposition", "Content-Range", "Accept-Ranges", "ETag", "X-Request-Id"} {
		if !strings.Contains(","+response.Header.Get("Access-Control-Expose-Headers")+",", ","+name+",") {
			t.Errorf(
				"%s is not in Access-Control-Expose-Headers: %s",
				name,
				response.Header.Get("Access-Control-Expose-Headers"),
			)
		}
	}
}
