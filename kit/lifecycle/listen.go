package lifecycle

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
)

// Listen opens the port of the service, and logs the address with attrs. setting names the setting
// of the port, for the error.
func Listen(
	ctx context.Context, host string, port int, setting string, logger *slog.Logger, attrs ...slog.Attr,
) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(host, strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("listening: %w (choose another %s?)", err, setting)
	}
	attrs = append([]slog.Attr{slog.String("address", listener.Addr().String())}, attrs...)
	logger.LogAttrs(ctx, slog.LevelInfo, "listening", attrs...)
	return listener, nil
}
