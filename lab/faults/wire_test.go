//go:build faults

package faults_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"
)

// wire is a proxy to a database that parses the protocol and can cut the connection at a statement.
type wire struct {
	url string // of the database through the proxy

	mu     sync.Mutex
	moment *moment // the next cut, or nil
}

// moment is the moment of a cut.
type moment struct {
	statement string // the name of a query of db/queries, or begin, commit
	answered  bool   // cut after the server's response, else before it receives the statement
	cut       func() // called before both connections are closed
	passed    chan struct{}
}

// newWire starts a proxy to the database of a URL, until the test ends.
func newWire(t *testing.T, databaseURL string) *wire {
	t.Helper()
	u, err := url.Parse(databaseURL)
	must(t, err)
	server := u.Host
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	must(t, err)
	u.Host = listener.Addr().String()
	w := &wire{url: u.String()}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go w.serve(client, server)
		}
	}()
	return w
}

// cutAt cuts the connection at the next execution of a statement. The channel is closed afterwards.
func (w *wire) cutAt(statement string, answered bool, cut func()) <-chan struct{} {
	m := &moment{statement: statement, answered: answered, cut: cut, passed: make(chan struct{})}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.moment = m
	return m.passed
}

// take returns and clears the moment if it is at this statement.
func (w *wire) take(statement string) *moment {
	w.mu.Lock()
	defer w.mu.Unlock()
	m := w.moment
	if m == nil || m.statement != statement {
		return nil
	}
	w.moment = nil
	return m
}

// serve forwards the messages of one connection.
func (w *wire) serve(client net.Conn, server string) {
	upstream, err := net.Dial("tcp", server) //nolint:noctx // ends with the connection
	if err != nil {
		_ = client.Close()
		return
	}
	c := &conversation{wire: w, client: client, server: upstream, names: map[string]string{}}
	go c.listen()
	c.speak()
}

// conversation is one connection of a client and its server.
type conversation struct {
	wire           *wire
	client, server net.Conn
	names          map[string]string // prepared statement to query

	mu     sync.Mutex
	coming *moment // the cut after the server's response
}

func (c *conversation) closeBoth() {
	_ = c.client.Close()
	_ = c.server.Close()
}

func (c *conversation) end(m *moment) {
	m.cut()
	c.closeBoth()
	close(m.passed)
}

// speak forwards the client's messages.
func (c *conversation) speak() {
	defer c.closeBoth()
	hello, err := readFrame(c.client, 0)
	if err != nil {
		return
	}
	for _, err = c.server.Write(hello); err == nil; {
		var frame []byte
		if frame, err = readFrame(c.client, 1); err != nil {
			return
		}
		if m := c.wire.take(c.statement(frame)); m != nil && !m.answered {
			c.end(m)
			return
		} else if m != nil {
			c.mu.Lock()
			c.coming = m
			c.mu.Unlock()
		}
		_, err = c.server.Write(frame)
	}
}

// listen forwards the server's messages.
func (c *conversation) listen() {
	defer c.closeBoth()
	for {
		frame, err := readFrame(c.server, 1)
		if err != nil {
			return
		}
		c.mu.Lock()
		m := c.coming
		c.mu.Unlock()
		const readyForQuery = 'Z'
		if m != nil && frame[0] == readyForQuery {
			c.end(m)
			return
		}
		if m != nil {
			continue // the client must not receive the response
		}
		if _, err := c.client.Write(frame); err != nil {
			return
		}
	}
}

// statement returns the name of the query that a message executes, or "".
func (c *conversation) statement(frame []byte) string {
	const head = 5
	switch frame[0] {
	case 'P':
		var parse pgproto3.Parse
		if parse.Decode(frame[head:]) == nil {
			c.names[parse.Name] = queryName(parse.Query)
		}
	case 'B':
		var bind pgproto3.Bind
		if bind.Decode(frame[head:]) == nil {
			return c.names[bind.PreparedStatement]
		}
	case 'Q':
		return string(bytes.TrimRight(frame[head:], "\x00"))
	}
	return ""
}

// queryName returns the name in sqlc's comment: "-- name: GetUser :one".
func queryName(sql string) string {
	fields := bytes.Fields([]byte(sql))
	if len(fields) < 3 || string(fields[1]) != "name:" {
		return ""
	}
	return string(fields[2])
}

// readFrame reads a message: a type byte, which the first message lacks, and a length that includes
// itself.
func readFrame(from io.Reader, typeBytes int) ([]byte, error) {
	const lengthBytes = 4
	head := make([]byte, typeBytes+lengthBytes)
	if _, err := io.ReadFull(from, head); err != nil {
		return nil, err
	}
	rest := make([]byte, max(0, int(binary.BigEndian.Uint32(head[typeBytes:]))-lengthBytes))
	_, err := io.ReadFull(from, rest)
	return slices.Concat(head, rest), err
}
