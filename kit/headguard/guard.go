package headguard

import "bytes"

// guard scans the requests on a connection. A read may end anywhere, so it keeps the state of the
// current head. net/http rejects every line that the two could parse differently.
type guard struct {
	at   position
	head head
}

// position is the part of a request that the next byte belongs to.
type position int

const (
	requestLine position = iota
	lineStart            // of a header, or of the empty line that ends the head
	headerName
	headerValue
	lengthValue // the value of Content-Length
	body
	unguarded // after the head of a coded body
)

// head is the state of the current head.
type head struct {
	version            byte // its last digit
	hasLength, isCoded bool
	fields             int
	length             int64 // of the rest of the body
	name               [len(transferEncoding)]byte
	nameLength         int // of the current header, of which name holds the beginning
}

const (
	contentLength    = "content-length"
	transferEncoding = "transfer-encoding"
	trailer          = "trailer"

	// maxFields bounds the header fields of a request: net/http allocates about 100 bytes for a
	// field, which may have 3 bytes. Browsers behind proxies send about 30.
	maxFields = 100

	// invalid is a byte that net/http rejects anywhere in a head.
	invalid = '\x00'
)

// scan scans the next bytes, and invalidates a head that must be rejected.
func (g *guard) scan(p []byte) {
	for len(p) > 0 {
		p = p[g.step(p):]
	}
}

// step scans the first bytes of p that belong together, and returns their number.
func (g *guard) step(p []byte) int {
	h := &g.head
	switch g.at {
	case requestLine:
		line := g.until('\n', p, lineStart)
		if text := bytes.TrimRight(line, "\r\n"); len(text) > 0 {
			h.version = text[len(text)-1]
		}
		return len(line)
	case lineStart:
		return g.startLine(p)
	case headerName:
		name := g.until(':', p, headerValue)
		h.addToName(name)
		if g.at == headerValue && g.endName() {
			name[len(name)-1] = invalid
		}
		return len(name)
	case headerValue:
		return len(g.until('\n', p, lineStart))
	case lengthValue:
		value := g.until('\n', p, lineStart)
		h.addToLength(value)
		return len(value)
	case body:
		taken := min(h.length, int64(len(p)))
		if h.length -= taken; h.length == 0 {
			*g = guard{}
		}
		return int(taken)
	default: // unguarded
		return len(p)
	}
}

// until returns p up to and including a delimiter, and moves to next; or all of p if there is none.
func (g *guard) until(delimiter byte, p []byte, next position) []byte {
	if end := bytes.IndexByte(p, delimiter); end >= 0 {
		g.at = next
		return p[:end+1]
	}
	return p
}

func (g *guard) startLine(p []byte) int {
	switch p[0] {
	case '\n':
		g.endHead()
	case '\r':
	case ' ', '\t': // a folded line
		p[0] = invalid
	default:
		g.at, g.head.nameLength = headerName, 0
		return 0
	}
	return 1
}

// endName reports whether the header whose name has ended makes the head ambiguous or too costly.
func (g *guard) endName() bool {
	h := &g.head
	h.fields++
	switch {
	case h.fields > maxFields, h.isNamed(trailer):
		return true
	case h.isNamed(contentLength):
		g.at, h.hasLength, h.length = lengthValue, true, 0
		return h.isCoded
	case h.isNamed(transferEncoding):
		h.isCoded = true
		return h.hasLength || h.version == '0'
	default:
		return false
	}
}

func (g *guard) endHead() {
	switch {
	case g.head.isCoded:
		g.at = unguarded
	case g.head.length > 0:
		g.at = body
	default:
		*g = guard{}
	}
}

// addToName appends a part of a name, without the colon at its end.
func (h *head) addToName(part []byte) {
	part = bytes.TrimSuffix(part, []byte(":"))
	if h.nameLength < len(h.name) {
		copy(h.name[h.nameLength:], part)
	}
	h.nameLength += len(part)
}

func (h *head) isNamed(name string) bool {
	return h.nameLength == len(name) && bytes.EqualFold(h.name[:len(name)], []byte(name))
}

// addToLength appends a part of the value of Content-Length. The result is wrong for anything but
// digits with space around them, and beyond 63 bits; net/http rejects those.
func (h *head) addToLength(part []byte) {
	for _, b := range part {
		if '0' <= b && b <= '9' {
			h.length = h.length*10 + int64(b-'0')
		}
	}
}
