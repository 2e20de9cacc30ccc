//go:build unix

package pgkit

import (
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// shouldPing has a connection of the pool asked whether it is still there: after a second of idleness, as is pgxpool's
// own way, and also if the server has sent something since. Nothing is due on an idle connection, so that is the word or
// the end of a server that shut down, and whoever wrote to it would never know what became of their statement.
func shouldPing(idle pgxpool.ShouldPingParams) bool {
	return idle.IdleDuration > time.Second || hasNews(idle.Conn.PgConn().Conn())
}

// hasNews looks without taking anything, and without waiting.
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
	// Control, not Read, which would wait for a read of pgx that is still going on.
	err = raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), make([]byte, 1), syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		quiet = err == syscall.EAGAIN
	})
	return err != nil || !quiet
}
