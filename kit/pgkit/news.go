//go:build unix

package pgkit

import (
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// shouldPing reports whether to ping a connection before use: after a second of idleness, like
// pgxpool, and if there is something to read. Nothing is due on an idle connection, so that is the
// farewell of a server that shut down, and the outcome of a statement on it would be unknown.
func shouldPing(idle pgxpool.ShouldPingParams) bool {
	return idle.IdleDuration > time.Second || hasNews(idle.Conn.PgConn().Conn())
}

// hasNews reports whether there is something to read. It consumes nothing and does not block.
func hasNews(conn net.Conn) bool {
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok { // TLS
		conn = wrapped.NetConn()
	}
	socket, ok := conn.(syscall.Conn)
	if !ok {
		return true
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return true
	}
	quiet := false
	// Control, because Read would wait for a read of pgx.
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = err == syscall.EAGAIN
	})
	return err != nil || !quiet
}
