package headguard

import "bytes"

// guard follows the requests on a connection. A read may end anywhere, so it keeps what it knows of the head at hand. Where
// it and net/http could disagree on what a line means, net/http refuses the line.
type guard struct {
	at   place
	head head
}

// place is the part of a request that the next byte belongs to.
type place int

const (
	requestLine place = iota
	lineStart         // of a header, or of the empty line that ends the head
	headerName
	headerValue
	lengthValue // the value of Content-Length
	body
	beyond // what is watched: after a head that announces a coded body
)

// head is what is known of the head of a request.
type head struct {
	version            byte // the last digit of it
	hasLength, isCoded bool
	fields             int
	length             int64 // of what is still to come of the body
	name               [len(transferEncoding)]byte
	nameLength         int // of the header at hand, of which name holds only the beginning if it is longer
}

const (
	contentLength    = "content-length"
	transferEncoding = "transfer-encoding"
	trailer          = "trailer"

	// maxFields bounds the header fields of a request: net/http allocates about 100 bytes for each, which may be 3 bytes long.
	// Browsers behind proxies send about 30.
	maxFields = 100

	// spoilt is a byte that net/http takes nowhere in a head.
	spoilt = '\x00'
)

// watch looks at the bytes that come next, and spoils a head that is to be refused.
func (g *guard) watch(p []byte) {
	for len(p) > 0 {
		p = p[g.take(p):]
	}
}

// take looks at the first bytes of p that belong together, and returns how many they are.
func (g *guard) take(p []byte) int {
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
			name[len(name)-1] = spoilt
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
	default: // beyond
		return len(p)
	}
}

// until returns what p begins with up to and including a delimiter, after which comes next; or all of it.
func (g *guard) until(delimiter byte, p []byte, next place) []byte {
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
		p[0] = spoilt
	default:
		g.at, g.head.nameLength = headerName, 0
		return 0
	}
	return 1
}

// endName reports whether the header whose name has been read makes the head ambiguous or too costly.
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
		g.at = beyond
	case g.head.length > 0:
		g.at = body
	default:
		*g = guard{}
	}
}

// addToName takes a part of a name, the colon at its end aside.
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

// addToLength takes a part of the value of Content-Length. Of anything but digits with space around them, and of more than
// 63 bits, it makes nonsense; net/http refuses those.
func (h *head) addToLength(part []byte) {
	for _, b := range part {
		if '0' <= b && b <= '9' {
			h.length = h.length*10 + int64(b-'0')
		}
	}
}
