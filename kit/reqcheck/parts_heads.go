package reqcheck

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// The limits of the head of a part, generous for the three fields of RFC 7578, section 4.8.
const (
	maxPartHeadBytes  = 4 << 10
	maxPartHeadLines  = 16
	maxPartParameters = 32 // of Content-Disposition
)

var errPartHead = errMalformed.WithDetail(fmt.Sprintf(
	"The head of a part has more than %d lines, %s or %d "+
		"parameters.", maxPartHeadLines, sizeOf(maxPartHeadBytes), maxPartParameters))

// partHeads rejects parts with too large heads. Package multipart allocates up to 50 times the size
// of a head, so it reads one line at a time, separate from the content before.
type partHeads struct {
	from      *bufio.Reader
	delimiter []byte // "\n--" and the boundary
	isContent bool   // the preamble counts as the first head
	lines     int    // of the head so far
	bytes     int
	ready     []byte // to be read next; from holds it
}

func newPartHeads(from io.Reader, boundary string) *partHeads {
	return &partHeads{from: bufio.NewReaderSize(from, maxPartHeadBytes), delimiter: []byte("\n--" + boundary)}
}

// Read implements io.Reader.
func (h *partHeads) Read(into []byte) (int, error) {
	for len(h.ready) == 0 {
		next := h.line
		if h.isContent {
			next = h.content
		}
		if err := next(); err != nil {
			return 0, err
		}
	}
	n := copy(into, h.ready)
	h.ready = h.ready[n:]
	return n, nil
}

// line makes a line of a head ready. It leaves the line break that ends the head to the content, so
// that a delimiter follows a line break even if there is no content.
func (h *partHeads) line() error {
	line, err := h.from.ReadSlice('\n')
	h.lines++
	h.bytes += len(line)
	switch {
	case h.lines > maxPartHeadLines, h.bytes > maxPartHeadBytes, errors.Is(err, bufio.ErrBufferFull):
		return errPartHead
	case len(line) == 0:
		return err
	case len(bytes.TrimRight(line, "\r\n")) == 0 && err == nil:
		h.isContent = true
		h.ready = line[:len(line)-1]
		return h.from.UnreadByte()
	}
	h.ready = line
	return nil
}

// content makes content ready, up to the line break before a delimiter.
func (h *partHeads) content() error {
	known, err := h.from.Peek(len(h.delimiter))
	if err == nil {
		known, err = h.from.Peek(h.from.Buffered())
	}
	at := bytes.Index(known, h.delimiter)
	n := at + 1
	switch {
	case at >= 0:
		h.isContent, h.lines, h.bytes = false, 0, 0
	case err == nil:
		n = len(known) - len(h.delimiter) + 1 // the rest may begin a delimiter
	default:
		n = len(known)
	}
	if n == 0 {
		return err
	}
	h.ready = known[:n]
	_, err = h.from.Discard(n)
	return err
}
