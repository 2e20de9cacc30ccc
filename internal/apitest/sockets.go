package apitest

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// Patience is the time in which a server must disconnect a bad client, on a busy machine.
const Patience = 20 * time.Second

// Dial opens a connection.
func (s *Server) Dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	Must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	Must(t, conn.SetDeadline(time.Now().Add(Patience)))
	return conn
}

// Converse sends the first text once and the second repeatedly, and returns the statuses of all
// responses when the server has closed the connection.
func Converse(t *testing.T, s *Server, sent ...string) []int {
	t.Helper()
	conn := s.Dial(t)
	go func() { // the server may respond and close before it has read all
		ticks := time.NewTicker(time.Millisecond)
		defer ticks.Stop()
		_, err := io.WriteString(conn, sent[0])
		for err == nil && len(sent) > 1 && sent[1] != "" {
			<-ticks.C
			_, err = io.WriteString(conn, sent[1])
		}
	}()
	var statuses []int
	for reader := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			CheckClosed(t, err)
			return statuses
		}
		statuses = append(statuses, response.StatusCode)
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
}

// CheckClosed checks that a read failed because the connection is closed.
func CheckClosed(t *testing.T, err error) {
	t.Helper()
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		t.Errorf("the connection is still open after %s", Patience)
	}
}

// SendRaw sends a message over a new connection and returns the status of the response.
func SendRaw(t *testing.T, s *Server, message []byte) (status int) {
	t.Helper()
	c, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL, "http://"))
	Must(t, err)
	defer c.Close() //nolint:errcheck // it was only read from
	Must(t, c.SetDeadline(time.Now().Add(time.Minute)))
	_, _ = c.Write(message) // the server may respond and close before it has read all
	var version string
	_, err = fmt.Fscanf(bufio.NewReader(c), "%s %d", &version, &status)
	Must(t, err)
	return status
}
