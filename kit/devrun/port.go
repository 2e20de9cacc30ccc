package devrun

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// ErrPortTaken means that another program listens on a port.
var ErrPortTaken = errors.New("the port is taken")

// CheckPort fails if a server cannot listen on a port. It fails with [ErrPortTaken].
func CheckPort(ctx context.Context, host string, port int) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return ErrPortTaken
	}
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	return listener.Close()
}
