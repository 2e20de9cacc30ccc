package protocol_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/tokentest"
)

// patience is the time in which a server must disconnect a bad client, on a busy machine.
const patience = 20 * time.Second

// dial opens a connection.
func dial(t *testing.T, s *apitest.Server) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	apitest.Must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	apitest.Must(t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// converse sends the first text once and the second repeatedly, and returns the statuses of all
// responses when the server has closed the connection.
func converse(t *testing.T, s *apitest.Server, sent ...string) []int {
	t.Helper()
	return converseOn(t, dial(t, s), sent...)
}

func converseOn(t *testing.T, conn net.Conn, sent ...string) []int {
	t.Helper()
	var writing sync.WaitGroup
	defer func() {
		_ = conn.Close()
		writing.Wait()
	}()
	writing.Go(func() { // the server may respond and close before it has read all
		ticks := time.NewTicker(time.Millisecond)
		defer ticks.Stop()
		_, err := io.WriteString(conn, sent[0])
		for err == nil && len(sent) > 1 && sent[1] != "" {
			<-ticks.C
			_, err = io.WriteString(conn, sent[1])
		}
	})
	var statuses []int
	for reader := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			checkClosed(t, err)
			return statuses
		}
		statuses = append(statuses, response.StatusCode)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// checkClosed checks that a read failed because the connection is closed.
func checkClosed(t *testing.T, err error) {
	t.Helper()
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Errorf("the connection is still open after %s", patience)
	}
}

// sendRaw sends a message over a new connection and returns the status of the response.
func sendRaw(t *testing.T, s *apitest.Server, message []byte) (status int) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	apitest.Must(t, err)
	defer c.Close() //nolint:errcheck // it was only read from
	apitest.Must(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, _ = c.Write(message) // the server may respond and close before it has read all
	var version string
	_, err = fmt.Fscanf(bufio.NewReader(c), "%s %d", &version, &status)
	apitest.Must(t, err)
	return status
}

// textOf returns all rows of tables as text.
func textOf(t *testing.T, w *apitest.World, tables ...string) string {
	t.Helper()
	var all strings.Builder
	for _, table := range tables {
		query := `SELECT coalesce(string_agg(rows::text, ' '), '') FROM ` + table + ` AS rows`
		all.WriteString(pgtest.Value[string](t, w.Database, query))
	}
	return all.String()
}

// accessLine is a log line of a request.
type accessLine struct {
	Level     string `json:"level"`
	Msg       string `json:"msg"`
	Path      string `json:"path"`
	Route     string `json:"route"`
	Status    int    `json:"status"`
	Code      string `json:"code"`
	Error     string `json:"error"`
	Stack     string `json:"stack"`
	RequestID string `json:"request_id"`
	ClientIP  string `json:"client_ip"`
}

// logLines returns the log lines of a request; all if the id is empty.
func logLines(t *testing.T, s *apitest.Server, requestID string) []accessLine {
	t.Helper()
	var found []accessLine
	for line := range strings.Lines(s.Logs.String()) {
		var entry accessLine
		apitest.Must(t, json.Unmarshal([]byte(line), &entry))
		if requestID == "" || entry.RequestID == requestID {
			found = append(found, entry)
		}
	}
	return found
}

// strictly sends a request to a handler without a network, and validates the response.
func strictly(t *testing.T, handler http.Handler, r *http.Request) *http.Response {
	t.Helper()
	response, err := apitest.Contract.NewTransport(t, direct{handler}).RoundTrip(r)
	apitest.Must(t, err)
	return response
}

// direct is a transport to a handler.
type direct struct{ http.Handler }

// RoundTrip implements http.RoundTripper.
func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	d.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

// sentTexts returns the texts in the body, the path, the query and If-Match that are too long to be
// in a response by chance.
func sentTexts(r apitest.Request) []string {
	texts := slices.Clone(r.Header["If-Match"])
	for _, quoted := range quotedText.FindAllStringSubmatch(r.Body, -1) {
		texts = append(texts, quoted[1])
	}
	path, query, _ := strings.Cut(r.Path, "?")
	texts = append(texts, strings.FieldsFunc(query, func(c rune) bool { return c == '&' || c == '=' })...)
	texts = slices.DeleteFunc(texts, func(text string) bool { return len(text) < 3 })
	for segment := range strings.SplitSeq(path, "/") {
		if len(segment) > len("sessions") { // no name of ours
			texts = append(texts, segment)
		}
	}
	return texts
}

var quotedText = regexp.MustCompile(`"([^"\\]{4,})"`)

// leeway is the tolerated clock skew of access tokens, in seconds.
const leeway = 30

// countEvents returns the number of audit events.
const countEvents = "SELECT count(*) FROM audit_events"

// signatureOf returns the signature of an account's access token.
func signatureOf(a apitest.Account) string {
	_, _, signature := tokentest.Split(a.Tokens.AccessToken)
	return signature
}
