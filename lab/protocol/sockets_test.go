package protocol_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/headguard"
	"example.com/plinth/kit/lifecycle"
	"example.com/plinth/kit/servertest"
)

// conversation is raw text on a connection, and its responses. In sent, a line break is CR LF.
type conversation struct {
	name    string
	sent    string
	answers []int    // the statuses; the connection is closed after the last
	seen    []string // the paths of the requests that reached the API at all
}

// TestSockets sends what no client library would: bytes that two readers could take for different
// requests, and floods. Nothing that is refused, and nothing that hides behind it, reaches an
// operation.
//
//nolint:paralleltest,tparallel // one by one, to see which of them is let in
func TestSockets(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	before := w.Snapshot()
	for _, c := range slices.Concat(ambiguousLengths(), brokenChunks(), brokenHeads(), strangeTargets(), floods(), pipelines()) {
		t.Run(c.name, func(t *testing.T) {
			logged := len(logLines(t, w.Server, ""))
			answers := converse(t, w.Server, strings.ReplaceAll(c.sent, "\n", "\r\n"))
			if !slices.Equal(answers, c.answers) {
				t.Errorf("the answers are %v, want %v", answers, c.answers)
			}
			var seen []string
			for _, line := range logLines(t, w.Server, "")[logged:] {
				if line.Msg == "request" {
					seen = append(seen, line.Path)
				}
			}
			if !slices.Equal(seen, c.seen) {
				t.Errorf("the API saw %q, want %q", seen, c.seen)
			}
		})
	}
	apitest.Want(t, "database", w.Snapshot(), before, nil)
	if logs := w.Logs.String(); strings.Contains(logs, `"level":"ERROR"`) || strings.Contains(logs, `"level":"WARN"`) {
		t.Error("an invalid request is logged as a fault of the server")
	}
}

// last asks for the connection to be closed, so that a test sees the end.
const last = "GET /health/ready HTTP/1.1\nHost: x\nConnection: close\n\n"

// smuggled is the request that an attacker hides.
const smuggled = "GET /health HTTP/1.1\nHost: x\n\n"

const ready = "/health/ready"

// loginHead is a login up to its length.
const loginHead = "POST /api/v1/auth/login HTTP/1.1\nHost: x\nContent-Type: application/json\n"

func ambiguousLengths() []conversation {
	body := strconv.Itoa(len(apitest.UnknownLogin))
	length := func(value string) string {
		return loginHead + "Content-Length:" + value + "\n\n" + apitest.UnknownLogin + smuggled
	}
	chunked := fmt.Sprintf("%x\n%s\n0\n\n", len(apitest.UnknownLogin), apitest.UnknownLogin)
	coding := func(headers string) string { return loginHead + headers + "\n\n" + chunked + smuggled }
	refused, none := []int{400}, []string(nil)
	return []conversation{
		{"both a length and chunks", coding("Content-Length: 4\nTransfer-Encoding: chunked"), refused, none},
		{"both chunks and a length", coding("Transfer-Encoding: chunked\nContent-Length: 400"), refused, none},
		{"both, the length that the chunks have", coding("Content-Length: " + strconv.Itoa(len(strings.ReplaceAll(chunked, "\n", "\r\n"))) + "\nTransfer-Encoding: chunked"), refused, none},
		{"both, on a request without a body", "GET /health HTTP/1.1\nHost: x\nContent-Length: 0\nTransfer-Encoding: chunked\n\n" + smuggled, refused, none},
		{"both, after a request that is in order", smuggled + coding("Content-Length: 4\nTransfer-Encoding: chunked"), []int{200, 400}, []string{"/health"}},
		{"both, after a body that is in order", loginHead + "Content-Length: " + body + "\n\n" + apitest.UnknownLogin + coding("Content-Length: 4\nTransfer-Encoding: chunked"), []int{401, 400}, []string{apitest.LoginPath}},
		{"both, after one in chunks, are not read", coding("Transfer-Encoding: chunked") + coding("Content-Length: 4\nTransfer-Encoding: chunked"), []int{401}, []string{apitest.LoginPath}},
		{"a body that looks like both", loginHead + "Content-Length: 53\n\nContent-Length: 4\nTransfer-Encoding: chunked\n\n    " + last, []int{400, 200}, []string{apitest.LoginPath, ready}},
		{"a body in chunks to no operation", "OPTIONS * HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n" + chunked + smuggled, []int{204}, []string{"*"}},
		{"chunks, and no length", coding("Transfer-Encoding: chunked"), []int{401}, []string{apitest.LoginPath}},
		{"two lengths that differ", length(" 4\nContent-Length: " + body), refused, none},
		{"two lengths that differ, the right one first", length(" " + body + "\nContent-Length: 4"), refused, none},
		{"two lengths that are equal are one", loginHead + "Content-Length: " + body + "\nContent-Length: " + body + "\n\n" + apitest.UnknownLogin + last, []int{401, 200}, []string{apitest.LoginPath, ready}},
		{"a list of lengths", length(" " + body + ", " + body), refused, none},
		{"a negative length", length(" -1"), refused, none},
		{"a length with a sign", length(" +" + body), refused, none},
		{"a length in hexadecimal", length(" 0x42"), refused, none},
		{"a length with a fraction", length(" 66.0"), refused, none},
		{"a length beyond 64 bits", length(" 99999999999999999999"), refused, none},
		{"an empty length", length(""), refused, none},
		{"a space before the colon", loginHead + "Content-Length : " + body + "\n\n" + apitest.UnknownLogin + smuggled, refused, none},
		{"a coding that is not chunks", coding("Transfer-Encoding: gzip"), []int{501}, none},
		{"chunks in another coding", coding("Transfer-Encoding: gzip, chunked"), []int{501}, none},
		{"chunks first", coding("Transfer-Encoding: chunked, identity"), []int{501}, none},
		{"two codings", coding("Transfer-Encoding: chunked\nTransfer-Encoding: identity"), []int{501}, none},
		{"chunks twice", coding("Transfer-Encoding: chunked\nTransfer-Encoding: chunked"), []int{501}, none},
		{"nearly chunks", coding("Transfer-Encoding: xchunked"), []int{501}, none},
		{"quoted chunks", coding(`Transfer-Encoding: "chunked"`), []int{501}, none},
		{"an empty coding", coding("Transfer-Encoding:"), []int{501}, none},
		{"a vertical tab before chunks", coding("Transfer-Encoding: \vchunked"), refused, none},
		{"a space before the colon of chunks", coding("Transfer-Encoding : chunked"), refused, none},
		{"a coding in the old version", strings.Replace(coding("Connection: keep-alive\nTransfer-Encoding: chunked"), "HTTP/1.1", "HTTP/1.0", 1), refused, none},
		{"a coding in the old version, and a length", strings.Replace(coding("Connection: keep-alive\nContent-Length: 4\nTransfer-Encoding: chunked"), "HTTP/1.1", "HTTP/1.0", 1), refused, none},
		{"a length on two lines", loginHead + "Content-Length:\n " + body + "\n\n" + apitest.UnknownLogin + smuggled, refused, none},
		{"neither a length nor chunks", loginHead + "\n" + last, []int{400, 200}, []string{apitest.LoginPath, ready}},
	}
}

func brokenChunks() []conversation {
	chunks := func(text string) string { return loginHead + "Transfer-Encoding: chunked\n\n" + text + smuggled }
	refused, login := []int{400}, []string{apitest.LoginPath}
	return []conversation{
		{"a chunk size that is no number", chunks("zz\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"an empty chunk size", chunks("\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"a negative chunk size", chunks("-1\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"a chunk size with 0x", chunks("0x10\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"a chunk size beyond 64 bits", chunks("11111111111111111\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"a chunk that is longer than it says", chunks("3\n" + apitest.UnknownLogin + "\n0\n\n"), refused, login},
		{"no end of a chunk", chunks(fmt.Sprintf("%x\n%s0\n\n", len(apitest.UnknownLogin), apitest.UnknownLogin)), refused, login},
		{"a chunk of a megabyte", chunks("100000\n" + strings.Repeat(" ", 1<<20) + "\n0\n\n"), []int{413}, login},
		{"many chunks", chunks(strings.Repeat("1\n \n", 70<<10) + "0\n\n"), []int{413}, login},
		{"a trailer that is a length", loginHead + "Transfer-Encoding: chunked\nTrailer: Content-Length\n\n0\nContent-Length: 5\n\n" + smuggled, refused, nil},
		{"a trailer is no header", "GET /api/v1/users/me HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0\nAuthorization: Basic x\n\n" + smuggled, []int{401}, []string{apitest.MePath}},
		{"a trailer that is announced", "GET /api/v1/users/me HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\nTrailer: X-Y\n\n0\nX-Y: z\n\n" + smuggled, []int{400}, nil},
	}
}

func brokenHeads() []conversation {
	head := func(text string) string { return text + "\n\n" + smuggled }
	health := func(header string) string { return head("GET /health HTTP/1.1\nHost: x\n" + header) }
	refused, none := []int{400}, []string(nil)
	return []conversation{
		{"no host", head("GET /health HTTP/1.1"), refused, none},
		{"two hosts", head("GET /health HTTP/1.1\nHost: x\nHost: x"), refused, none},
		{"two hosts that differ", head("GET /health HTTP/1.1\nHost: x\nHost: evil.example"), refused, none},
		{"a host with a space", head("GET /health HTTP/1.1\nHost: x y"), refused, none},
		{"a host with a line break", head("GET /health HTTP/1.1\nHost: x\r"), refused, none},
		{"no host in the old version is fine", "GET /health HTTP/1.0\n\n", []int{200}, []string{"/health"}},
		{"a header without a colon", health("X-Nothing"), refused, none},
		{"a header without a name", health(": x"), refused, none},
		{"a name with a space", health("X Y: z"), refused, none},
		{"a name with NUL", health("X\x00: z"), refused, none},
		{"a name that is no ASCII", health("X-Ö: z"), refused, none},
		{"a value with NUL", health("X-Y: a\x00b"), refused, none},
		{"a value with CR", health("X-Y: a\rX-Z: b"), refused, none},
		{"a value with DEL", health("X-Y: a\x7fb"), refused, none},
		{"a first header that is folded", head("GET /health HTTP/1.1\n Host: x"), refused, none},
		{"a folded token", "GET /api/v1/users/me HTTP/1.1\nHost: x\nConnection: close\nAuthorization: Bearer abc\n def\n\n", refused, none},
		{"no version", head("GET /health"), refused, none},
		{"a version in lower case", head("GET /health http/1.1\nHost: x"), refused, none},
		{"a version of one number", head("GET /health HTTP/1\nHost: x"), refused, none},
		{"the version before all", head("GET /health HTTP/0.9\nHost: x"), []int{505}, none},
		{"the next version", head("GET /health HTTP/2.0\nHost: x"), []int{505}, none},
		{"the next version's greeting", "PRI * HTTP/2.0\n\nSM\n\n", []int{404}, []string{"*"}},
		{"spaces in the first line", head("GET  /health  HTTP/1.1\nHost: x"), refused, none},
		{"a method with a slash", head("GE/T /health HTTP/1.1\nHost: x"), refused, none},
		{"no method", head(" /health HTTP/1.1\nHost: x"), refused, none},
		{"TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 32) + "\n\n", refused, none},
		{"another protocol", "SSH-2.0-OpenSSH_9.9\n\n", refused, none},
		{"nonsense", strings.Repeat("\xff\x00", 500) + "\n\n", refused, none},
		{"an unknown expectation", health("Expect: a miracle"), []int{417}, none},
	}
}

func strangeTargets() []conversation {
	get := func(target string) string { return "GET " + target + " HTTP/1.1\nHost: x\nConnection: close\n\n" }
	none := []string(nil)
	return []conversation{
		{"a target with a host is fine", get("http://evil.example/health"), []int{200}, []string{"/health"}},
		{"a target that is a host", get("http://evil.example"), []int{404}, []string{""}},
		{"a target of another protocol", get("ftp://evil.example/health"), []int{200}, []string{"/health"}},
		{"a target without a slash", get("health"), []int{400}, none},
		{"a target that is a star", get("*"), []int{404}, []string{"*"}},
		{"a target to tunnel to", "CONNECT evil.example:443 HTTP/1.1\nHost: x\nConnection: close\n\n", []int{404}, []string{""}},
		{"a broken escape", get("/%zz"), []int{400}, none},
		{"half an escape", get("/health%2"), []int{400}, none},
		{"NUL", get("/health\x00"), []int{400}, none},
		{"a tab", get("/health\tx"), []int{400}, none},
		{"no ASCII", get("/hälth"), []int{404}, []string{"/hälth"}},
		{"a fragment", get("/health#x"), []int{404}, []string{"/health#x"}},
	}
}

func floods() []conversation {
	get := func(headers string) string {
		return "GET /health HTTP/1.1\nHost: x\nConnection: close\n" + headers + "\n"
	}
	tooLarge, none := []int{431}, []string(nil)
	return []conversation{
		{"a header of 20 KiB is fine", get("X-Y: " + strings.Repeat("a", 20<<10) + "\n"), []int{200}, []string{"/health"}},
		{"a header of 40 KiB", get("X-Y: " + strings.Repeat("a", 40<<10) + "\n"), tooLarge, none},
		{"a name of 40 KiB", get(strings.Repeat("a", 40<<10) + ": x\n"), tooLarge, none},
		{"a token of a megabyte", get("Authorization: Bearer " + strings.Repeat("a", 1<<20) + "\n"), tooLarge, none},
		{"100 headers", get(strings.Repeat("X-Y: z\n", 98)), []int{200}, []string{"/health"}},
		{"101 headers", get(strings.Repeat("X-Y: z\n", 100)), []int{400}, none},
		{"ten thousand headers", get(strings.Repeat("X-Y: z\n", 10000)), []int{400}, none},
		{"a folded header of 40 KiB", get("X-Y: z\n" + strings.Repeat(" a\n", 10000)), []int{400}, none},
		{"a path of 20 KiB", "GET /" + strings.Repeat("a", 20<<10) + " HTTP/1.1\nHost: x\nConnection: close\n\n", []int{404}, []string{"/" + strings.Repeat("a", 2047) + "…"}},
		{"a path of 40 KiB", "GET /" + strings.Repeat("a", 40<<10) + " HTTP/1.1\nHost: x\n\n", tooLarge, none},
		{"a method of 40 KiB", strings.Repeat("A", 40<<10) + " / HTTP/1.1\nHost: x\n\n", tooLarge, none},
		{"a line without an end", strings.Repeat("a", 40<<10), tooLarge, none},
	}
}

func pipelines() []conversation {
	// The body of a request that is refused unread looks like a request.
	hidden := func(head string) string {
		return head + fmt.Sprintf("Content-Length: %d\n\n", len(strings.ReplaceAll(smuggled, "\n", "\r\n"))) + smuggled + last
	}
	return []conversation{
		{"two requests at once are fine", smuggled + last, []int{200, 200}, []string{"/health", ready}},
		{"a request in the body of a stranger's", hidden("PATCH /api/v1/users/me HTTP/1.1\nHost: x\nContent-Type: application/json\n"), []int{401, 200}, []string{apitest.MePath, ready}},
		{"a request in a body of the wrong type", hidden("POST /api/v1/auth/login HTTP/1.1\nHost: x\nContent-Type: text/plain\n"), []int{415, 200}, []string{apitest.LoginPath, ready}},
		{"a request in an unexpected body", hidden("GET /health HTTP/1.1\nHost: x\n"), []int{200, 200}, []string{"/health", ready}},
		{"a request in a body to nowhere", hidden("POST /nothing HTTP/1.1\nHost: x\n"), []int{404, 200}, []string{"/nothing", ready}},
		{"a request in a body with the wrong method", hidden("DELETE /api/v1/users/me HTTP/1.1\nHost: x\n"), []int{405, 200}, []string{apitest.MePath, ready}},
		{"a request behind a body that is too large", loginHead + "Content-Length: 1000000\n\n" + strings.Repeat(" ", 1000000) + smuggled, []int{413}, []string{apitest.LoginPath}},
		{"a body is asked for when all else is right", loginHead + "Connection: close\nExpect: 100-continue\nContent-Length: " + strconv.Itoa(len(apitest.UnknownLogin)) + "\n\n" + apitest.UnknownLogin, []int{100, 401}, []string{apitest.LoginPath}},
	}
}

// TestSlowClients checks that idle and slow connections are closed.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	api := apitest.NewServer(t, apitest.Options{
		Timeout: time.Minute, Settings: map[string]string{"RATE_LIMIT_ENABLED": "false"}, // the time of the bubble is not theirs
	}).Handler
	for _, test := range []struct {
		name    string
		sent    string
		drip    string // goes on for as long as the server takes it
		answers []int
	}{
		{"says nothing", "", "", nil},
		{"stops after a letter", "G", "", []int{400}},
		{"stops within the headers", "GET /health HTTP/1.1\nHost: x\nX-Y: ", "", nil},
		{"sends a letter of a header at a time", "GET /health HTTP/1.1\nHost: x\nX-Y: ", "a", nil},
		{"sends a header at a time", "GET /health HTTP/1.1\nHost: x\n", "X-Y: z\n", []int{400}},
		{"stops before the body", loginHead + "Content-Length: 100\n\n", "", []int{408}},
		{"stops within the body", loginHead + "Content-Length: 100\n\n" + apitest.UnknownLogin[:20], "", []int{408}},
		{"sends a letter of the body at a time", loginHead + "Content-Length: 60000\n\n", " ", []int{408}},
		{"stops within a chunk", loginHead + "Transfer-Encoding: chunked\n\n64\n" + apitest.UnknownLogin[:20], "", []int{408}},
		{"sends a chunk at a time", loginHead + "Transfer-Encoding: chunked\n\n", "1\n \n", []int{408}},
		{"never sends the body that was asked for", loginHead + "Expect: 100-continue\nContent-Length: 100\n\n", "", []int{100, 408}},
		{"sends less than a chunk that is nearly all there is", loginHead + "Transfer-Encoding: chunked\n\nffffffffffffffff\n" + apitest.UnknownLogin, "", []int{408}},
		{"stops within a body that is not read", "DELETE /nothing HTTP/1.1\nHost: x\nContent-Length: 100\n\n", "", []int{404}},
		{"waits to be asked for a body of the wrong type", "POST /api/v1/auth/login HTTP/1.1\nHost: x\nExpect: 100-continue\nContent-Length: 100\n\n", "", []int{415}},
		{"waits to be asked for a body that is too large", loginHead + "Expect: 100-continue\nContent-Length: 65537\n\n", "", []int{413}},
		{"waits to be asked for a body, as a stranger", "PATCH /api/v1/users/me HTTP/1.1\nHost: x\nContent-Type: application/json\nExpect: 100-continue\nContent-Length: 100\n\n", "", []int{401}},
		{"stops within the next request", smuggled + "GET /", "", []int{200, 400}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := lifecycle.NewServer(api, slog.New(slog.DiscardHandler))
				conn, err := servertest.ServeInMemory(t, server, headguard.Listen)(t.Context())
				apitest.Must(t, err)
				apitest.Must(t, conn.SetDeadline(time.Now().Add(patience)))
				answers := converseOn(t, conn, strings.ReplaceAll(test.sent, "\n", "\r\n"), strings.ReplaceAll(test.drip, "\n", "\r\n"))
				if !slices.Equal(answers, test.answers) {
					t.Errorf("the answers are %v, want %v", answers, test.answers)
				}
			})
		})
	}
}

// TestClientsThatHangUp disconnects during requests, which must cause no 5xx.
//
//nolint:paralleltest,tparallel // the log is looked at when all are done
func TestClientsThatHangUp(t *testing.T) {
	t.Parallel()
	w := apitest.NewWorld(t)
	before := w.Snapshot()
	for _, test := range []struct{ name, sent string }{
		{"within the headers", "POST /api/v1/auth/login HTTP/1.1\nHost: x\n"},
		{"before the body", loginHead + "Content-Length: 100\n\n"},
		{"within the body", loginHead + "Content-Length: 100\n\n" + apitest.UnknownLogin[:20]},
		{"within a chunk", loginHead + "Transfer-Encoding: chunked\n\n64\n" + apitest.UnknownLogin[:20]},
		{"before the answer", loginHead + fmt.Sprintf("Content-Length: %d\n\n%s", len(apitest.UnknownLogin), apitest.UnknownLogin)},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := dial(t, w.Server)
			_, err := io.WriteString(conn, strings.ReplaceAll(test.sent, "\n", "\r\n"))
			apitest.Must(t, err)
			if tcp, ok := conn.(*net.TCPConn); ok {
				apitest.Must(t, tcp.CloseWrite()) // and wait for the server's end
			}
			_, err = io.Copy(io.Discard, conn)
			checkClosed(t, err)
		})
	}
	apitest.Want(t, "database", w.Snapshot(), before, nil)
	if strings.Contains(w.Logs.String(), `"status":5`) || strings.Contains(w.Logs.String(), `"level":"ERROR"`) {
		t.Errorf("clients that hang up are logged as faults of ours:\n%s", w.Logs)
	}
}
