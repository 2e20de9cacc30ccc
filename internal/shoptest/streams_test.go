package shoptest_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/plinth/gen/shopclient"
	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/lifecycle"
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

// noEvents wants a stream to be refused.
func noEvents(t *testing.T, a account, status int, retryAfter, tells string) {
	t.Helper()
	response, err := a.StreamEvents(t.Context(), nil)
	must(t, err)
	defer response.Body.Close() //nolint:errcheck // it was read
	want(t, "status", response.StatusCode, status)
	want(t, "Retry-After", response.Header.Get("Retry-After"), retryAfter)
	body, err := io.ReadAll(response.Body)
	must(t, err)
	if !strings.Contains(string(body), tells) {
		t.Errorf("got %s", body)
	}
}

func TestEventsComeAsTheyHappen(t *testing.T) {
	t.Parallel()
	ada := newServer(t).register(t, domain.RoleUser)
	endless := events(t, ada, nil) // its only event comes although the stream goes on
	line, err := endless.ReadString('\n')
	must(t, err)
	want(t, "the first line", line, "id: 1\n")
	last, count := int64(7), int32(2)
	two := events(t, ada, &shopclient.StreamEventsParams{LastEventID: &last, Count: &count})
	text, err := io.ReadAll(two)
	must(t, err)
	want(t, "all of it", string(text), "id: 8\nevent: stock\ndata: 7\n\nid: 9\nevent: stock\ndata: 7\n\n")
}

// TestAStreamOutlivesTheTimeouts waits, beside a stream, for the server to give up a connection on which nothing comes.
func TestAStreamOutlivesTheTimeouts(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, lifecycle.ServerOptions{ReadHeaderTimeout: 100 * time.Millisecond, ReadTimeout: 100 * time.Millisecond},
		func(options *httpapi.Options) { options.RequestTimeout = 100 * time.Millisecond })
	ada := s.register(t, domain.RoleUser)
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

func TestTheEndOfTheSessionEndsItsStream(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ada := s.register(t, domain.RoleUser)
	endless := events(t, ada, nil)
	_, err := endless.ReadString('\n')
	must(t, err)
	actor, err := s.services.Sessions.Authenticate(t.Context(), ada.token)
	must(t, err)
	must(t, s.services.Sessions.LogoutAllSessions(t.Context(), actor))
	_, err = io.ReadAll(endless)
	must(t, err)
}

func TestAServerThatStopsEndsItsStreams(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	endless := events(t, s.register(t, domain.RoleUser), nil)
	s.stop()
	_, err := io.ReadAll(endless)
	must(t, err)
}

func TestAHeadOfAStreamEnds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, body := s.send(t, http.MethodHead, "/api/v1/events", s.register(t, domain.RoleUser).header(""), nil)
	want(t, "status", response.StatusCode, http.StatusOK, body)
	want(t, "media type", response.Header.Get("Content-Type"), "text/event-stream")
}

// TestStreamsOfAnAccountAreBounded opens as many streams as an account may have, and one more.
func TestStreamsOfAnAccountAreBounded(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, lifecycle.ServerOptions{}, func(options *httpapi.Options) { options.StreamsPerCaller = 2 })
	ada, bob := s.register(t, domain.RoleUser), s.register(t, domain.RoleUser)
	first, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	_, err := ada.StreamEvents(first, nil)
	must(t, err)
	events(t, ada, nil)
	noEvents(t, ada, http.StatusTooManyRequests, "10", `"detail":"Too many streams are open.`)
	events(t, bob, nil) // another account has its own
	newProduct(t, ada)  // other operations go on
	hangUp()
	for statusOfEvents(t, ada) != http.StatusOK { // until the server has noticed
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

// TestEndedStreamsFreeTheirSlots opens more streams than an account may have, one after the other.
func TestEndedStreamsFreeTheirSlots(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, lifecycle.ServerOptions{}, func(options *httpapi.Options) {
		options.StreamsPerCaller, options.MaxStreams = 1, 1
	})
	ada := s.register(t, domain.RoleUser)
	for range 3 {
		response, body := s.send(t, http.MethodGet, "/api/v1/events?count=1", ada.header(""), nil)
		want(t, "status", response.StatusCode, http.StatusOK, body)
		response, body = s.send(t, http.MethodHead, "/api/v1/events", ada.header(""), nil)
		want(t, "status of a HEAD", response.StatusCode, http.StatusOK, body)
		response, body = s.send(t, http.MethodGet, "/api/v1/events?count=x", ada.header(""), nil)
		want(t, "status of a refusal", response.StatusCode, http.StatusUnprocessableEntity, body)
	}
}

func TestStreamsLeaveConnectionsForOtherRequests(t *testing.T) {
	t.Parallel()
	s := newServerWith(t, lifecycle.ServerOptions{}, func(options *httpapi.Options) { options.MaxStreams = 1 })
	ada, bob := s.register(t, domain.RoleUser), s.register(t, domain.RoleUser)
	events(t, ada, nil)
	noEvents(t, bob, http.StatusServiceUnavailable, "2", `"code":"overloaded"`)
	newProduct(t, bob)
}

func TestStreamsAreNotForStrangers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	response, body := s.send(t, http.MethodGet, "/api/v1/events", nil, nil)
	want(t, "status", response.StatusCode, http.StatusUnauthorized, body)
}

// TestCORSHasTheHeadersOfTheContract is about what pages of other origins may send and read.
func TestCORSHasTheHeadersOfTheContract(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	header := http.Header{
		"Origin": {"https://shop.example"}, "Access-Control-Request-Method": {"GET"}, "Access-Control-Request-Headers": {"x-tenant-id,traceparent"},
	}
	response, _ := s.send(t, http.MethodOptions, "/api/v1/products", header, nil)
	for _, name := range []string{"X-Tenant-ID", "X-Features", "Range", "If-None-Match", "Last-Event-ID", "traceparent", "tracestate", "Authorization"} {
		if !strings.Contains(","+response.Header.Get("Access-Control-Allow-Headers")+",", ","+name+",") {
			t.Errorf("%s may not be sent: %s", name, response.Header.Get("Access-Control-Allow-Headers"))
		}
	}
	response, _ = s.send(t, http.MethodGet, "/api/v1/products", http.Header{"Origin": {"https://shop.example"}}, nil)
	for _, name := range []string{"Location", "Content-Disposition", "Content-Range", "Accept-Ranges", "ETag", "X-Request-Id"} {
		if !strings.Contains(","+response.Header.Get("Access-Control-Expose-Headers")+",", ","+name+",") {
			t.Errorf("%s may not be read: %s", name, response.Header.Get("Access-Control-Expose-Headers"))
		}
	}
}
