package headguard_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/headguard"
)

// get returns a request without a body, with these header lines.
func get(lines ...string) string { return send("GET / HTTP/1.1", "", lines...) }

// post returns a request with a body of the right length.
func post(body string) string {
	return send("POST / HTTP/1.1", body, fmt.Sprintf("Content-Length: %d", len(body)))
}

func send(requestLine, body string, lines ...string) string {
	return strings.Join(append([]string{requestLine, "Host: x"}, lines...), "\r\n") + "\r\n\r\n" + body
}

const (
	chunked = "Transfer-Encoding: chunked"
	length  = "Content-Length: 3"
	chunks  = "3\r\nabc\r\n0\r\n\r\n"
)

// streams hold what a client sends, and how many requests net/http reads before it rejects one; -1
// if it rejects none.
var streams = []struct {
	name, sent string
	read       int
}{
	{"nothing", "", -1},
	{"requests without bodies", get() + get("X-Y: z") + get(), -1},
	{"requests with bodies", post("abc") + post("") + post(strings.Repeat("x", 10000)) + get(), -1},
	{"a coding", get() + send("POST / HTTP/1.1", chunks, chunked), -1},
	{"a body that looks like a head with both", post(send("POST / HTTP/1.1", "", length, chunked)) + get(), -1},
	{
		"chunks that look like a head with both",
		send("POST / HTTP/1.1", "4\r\n"+length+"\r\n"+chunked+"\r\n\r\n", chunked),
		-1,
	},
	{"values that look like names", get("X-Y: Content-Length: 3", "X-Y: Transfer-Encoding: chunked") + get(), -1},
	{"a path that looks like a name", send("GET /Content-Length:3 HTTP/1.1", "", chunked), -1},
	{
		"similar names",
		get(
			"Content-Lengt: 9",
			"Content-Lengths: 9",
			"X-Content-Length: 9",
			"Transfer-Encodings: x",
			"Transfer: 9",
		) + get(
			chunked,
		),
		-1,
	},
	{"one in each of two requests", post("abc") + send("POST / HTTP/1.1", chunks, chunked), -1},
	{"a coding after a length of 0", post("") + send("POST / HTTP/1.1", chunks, chunked), -1},
	{"two equal lengths", send("POST / HTTP/1.1", "abc", length, length) + get(), -1},
	{
		"a length beyond 63 bits",
		send("POST / HTTP/1.1", "abc", "Content-Length: 99999999999999999999") + get(chunked),
		-1,
	},
	{"a length with space around it", send("POST / HTTP/1.1", "abc", "Content-Length: \t 3 \t ") + get(), -1},
	{"a length with zeros before it", send("POST / HTTP/1.1", "abc", "Content-Length:003") + get(), -1},
	{"a length in capitals", send("POST / HTTP/1.1", "abc", "CONTENT-LENGTH: 3") + get(chunked), -1},
	{"HTTP/1.0", send("POST / HTTP/1.0", "abc", length) + get(), -1},
	{"bare line feeds", strings.ReplaceAll(post("abc")+get("X-Y: z"), "\r", ""), -1},
	{
		"100 fields, twice",
		get(slices.Repeat([]string{"X-Y: z"}, 99)...) + get(slices.Repeat([]string{"X-Y: z"}, 99)...),
		-1,
	},
	{"names like that of trailers", get("Trailers: x", "X-Trailer: x") + get(), -1},
	{"a long header", get("X-Y: "+strings.Repeat("z", 10000)) + post("abc"), -1},

	{"101 fields", get(slices.Repeat([]string{"X-Y: z"}, 100)...), 0},
	{"101 fields after requests of fewer", get() + post("abc") + get(slices.Repeat([]string{"X-Y: z"}, 100)...), 2},
	{"trailers", send("POST / HTTP/1.1", "3\r\nabc\r\n0\r\nX-Y: z\r\n\r\n", chunked, "Trailer: X-Y"), 0},
	{"a length and a coding", send("POST / HTTP/1.1", chunks, length, chunked), 0},
	{"a coding and a length", send("POST / HTTP/1.1", chunks, chunked, length), 0},
	{"both, in capitals", send("POST / HTTP/1.1", chunks, strings.ToUpper(length), strings.ToUpper(chunked)), 0},
	{"both, and others between", send("POST / HTTP/1.1", chunks, "X-A: b", length, "X-Y: z", chunked, "X-C: d"), 0},
	{"both, without any space", send("POST / HTTP/1.1", chunks, "Content-Length:3", "Transfer-Encoding:chunked"), 0},
	{
		"both, with colons in their values",
		send("POST / HTTP/1.1", chunks, "Content-Length: 3", "Transfer-Encoding: chunked:"),
		0,
	},
	{"both, with a length of 0", send("POST / HTTP/1.1", chunks, "Content-Length: 0", chunked), 0},
	{"both, on a GET", get(length, chunked), 0},
	{"both, with bare line feeds", strings.ReplaceAll(get(length, chunked), "\r", ""), 0},
	{"both, after valid requests", get() + post("abc") + get() + get(length, chunked), 3},
	{"both, after an empty body", post("") + get(chunked, length), 1},
	{"both, after two equal lengths", send("POST / HTTP/1.1", "abc", length, length) + get(length, chunked), 1},
	{
		"a coding in HTTP/1.0, after a body that ends with a line feed",
		post("ab\n") + send("POST / HTTP/1.0", chunks, chunked),
		1,
	},
	{"a coding in HTTP/1.0", send("POST / HTTP/1.0", chunks, chunked), 0},
	{"both in HTTP/1.0", send("POST / HTTP/1.0", chunks, length, chunked), 0},
	{"a coding in HTTP/1.0, with bare line feeds", "POST / HTTP/1.0\nHost: x\n" + chunked + "\n\n", 0},
	{"a folded length", send("POST / HTTP/1.1", "abc", "Content-Length:", " 3"), 0},
	{"a folded coding", send("POST / HTTP/1.1", chunks, "Transfer-Encoding:", "\tchunked"), 0},
	{"a folded header", get("X-Y: z", " z"), 0},
	{"a line of spaces", get("X-Y: z", "  ", "X-Z: y"), 0},
}

func TestStreams(t *testing.T) {
	t.Parallel()
	for _, stream := range streams {
		for _, size := range []int{1, 2, 7, 64, 4096, 1 << 20} { // bytes per read
			t.Run(fmt.Sprintf("%s, %d bytes per read", stream.name, size), func(t *testing.T) {
				t.Parallel()
				passed := pass(t, []byte(stream.sent), size)
				if stream.read < 0 {
					if string(passed) != stream.sent {
						t.Errorf("%q became %q", stream.sent, passed)
					}
					return
				}
				reader, read := bufio.NewReader(bytes.NewReader(passed)), 0
				err := readRequest(reader)
				for ; err == nil; err = readRequest(reader) {
					read++
				}
				if read != stream.read || errors.Is(err, io.EOF) {
					t.Errorf("%d requests are read, then %v; want %d, then a rejection", read, err, stream.read)
				}
			})
		}
	}
}

// readRequest reads a request and its body.
func readRequest(reader *bufio.Reader) error {
	request, err := http.ReadRequest(reader)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, request.Body)
	return err
}

func TestCloseWriteKeepsReading(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close() //nolint:errcheck // its test is over
	client, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	must(t, err)
	defer client.Close() //nolint:errcheck // its test is over
	guarded, err := headguard.Listen(l).Accept()
	must(t, err)
	defer guarded.Close() //nolint:errcheck // its test is over

	half, ok := guarded.(interface{ CloseWrite() error })
	if !ok {
		t.Fatal("no CloseWrite")
	}
	must(t, half.CloseWrite())
	must(t, client.SetDeadline(time.Now().Add(time.Minute)))
	if n, err := client.Read(make([]byte, 1)); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("the client reads %d bytes, %v", n, err)
	}
	_, err = io.WriteString(client, "x")
	must(t, err)
	if n, err := guarded.Read(make([]byte, 1)); n != 1 || err != nil {
		t.Errorf("the server reads %d bytes, %v", n, err)
	}
}

// FuzzStreams checks that net/http reads the same requests with and without the guard, up to one
// that is ambiguous or too costly, which it rejects.
func FuzzStreams(f *testing.F) {
	for _, stream := range streams {
		f.Add([]byte(stream.sent), 7)
	}
	f.Fuzz(func(t *testing.T, sent []byte, size int) {
		passed := pass(t, sent, max(size, 1))
		if len(passed) != len(sent) {
			t.Fatalf("%d bytes became %d", len(sent), len(passed))
		}
		for {
			head := headOf(sent)
			request, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(head)))
			if err != nil || request.ProtoMajor != 1 {
				return // net/http rejects it and reads no further
			}
			if mustBeRejected(request, head) {
				if _, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(passed[:len(head)]))); err == nil {
					t.Errorf("%q is accepted", head)
				}
				return
			}
			end := len(head) + int(min(max(request.ContentLength, 0), int64(len(sent)-len(head))))
			if len(request.TransferEncoding) > 0 {
				end = len(sent) // nothing is read after it
			}
			if !bytes.Equal(sent[:end], passed[:end]) {
				t.Fatalf("%q became %q", sent[:end], passed[:end])
			}
			sent, passed = sent[end:], passed[end:]
		}
	})
}

// BenchmarkRead reads a browser's request through a guard.
func BenchmarkRead(b *testing.B) {
	sent := []byte(get(
		"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
		"Accept: application/json",
		"Accept-Language: en-US,en;q=0.5",
		"Accept-Encoding: gzip, deflate, br, zstd",
		"Authorization: Bearer "+strings.Repeat("x", 400),
		"Origin: https://app.example.com",
		"Connection: keep-alive",
		"Referer: https://app.example.com/",
		"Sec-Fetch-Dest: empty",
		"Sec-Fetch-Mode: cors",
		"Sec-Fetch-Site: same-site",
	))
	source := bytes.NewReader(sent)
	guarded, err := headguard.Listen(listener{stream{sent: source, size: len(sent)}}).Accept()
	if err != nil {
		b.Fatal(err)
	}
	buffer := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		source.Reset(sent)
		if n, err := guarded.Read(buffer); n != len(sent) || err != nil {
			b.Fatal(n, err)
		}
	}
}

// headOf returns the head at the start of a stream.
func headOf(stream []byte) []byte {
	end := 0
	for line := range bytes.Lines(stream) {
		end += len(line)
		if string(line) == "\r\n" || string(line) == "\n" {
			break
		}
	}
	return stream[:end]
}

func mustBeRejected(request *http.Request, head []byte) bool {
	lines := slices.Collect(bytes.Lines(head))[1:]
	for _, line := range lines {
		if line[0] == ' ' || line[0] == '\t' {
			return true
		}
	}
	header, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(bytes.Join(lines, nil)))).ReadMIMEHeader()
	fields := 0
	for _, values := range header {
		fields += len(values)
	}
	isCoded := header["Transfer-Encoding"] != nil
	isAmbiguous := isCoded && (header["Content-Length"] != nil || !request.ProtoAtLeast(1, 1))
	return err == nil && (isAmbiguous || fields > 100 || header["Trailer"] != nil)
}

// pass reads a stream through a guard, size bytes per read, and returns the result.
func pass(t *testing.T, sent []byte, size int) []byte {
	t.Helper()
	guarded, err := headguard.Listen(listener{stream{sent: bytes.NewReader(sent), size: size}}).Accept()
	must(t, err)
	var passed []byte
	for buffer := make([]byte, 4096); ; {
		n, err := guarded.Read(buffer)
		passed = append(passed, buffer[:n]...)
		if errors.Is(err, io.EOF) {
			return passed
		}
		must(t, err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// listener accepts a connection that sends a stream.
type listener struct{ net.Conn }

func (l listener) Accept() (net.Conn, error) { return l.Conn, nil }
func (listener) Addr() net.Addr              { return nil }

type stream struct {
	net.Conn

	sent io.Reader
	size int // of a read
}

func (s stream) Read(p []byte) (int, error) { return s.sent.Read(p[:min(len(p), s.size)]) }
