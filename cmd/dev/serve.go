package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/kit/devrun"
	"example.com/plinth/kit/pgkit"
)

// serve starts the database, migrates it and serves. It checks the port first.
func serve(ctx context.Context, stdout, stderr io.Writer) error {
	cfg, _, err := load()
	if err != nil {
		return err
	}
	if err := checkPort(ctx, cfg); err != nil {
		return err
	}
	return withDatabase(ctx, stderr, func(ctx context.Context, dev development) error {
		err := pgstore.Migrate(ctx, dev.cfg.DatabaseURL.Reveal())
		if errors.Is(err, pgkit.ErrDatabaseURL) {
			return fmt.Errorf("%s: %w", dev.cfg.Origin("DATABASE_URL"), err)
		}
		if err != nil {
			return err
		}
		var metrics net.Addr
		return app.Run(ctx, dev.cfg, app.Options{
			Log:         stderr,
			OnMetrics:   func(addr net.Addr) { metrics = addr },
			OnListening: func(addr net.Addr) { welcome(stdout, dev, addr, metrics) },
		})
	})
}

func checkPort(ctx context.Context, cfg config.Config) error {
	err := devrun.CheckPort(ctx, cfg.Host, cfg.Port)
	if errors.Is(err, devrun.ErrPortTaken) {
		return fmt.Errorf("port %d is taken: stop what listens there (lsof -i :%[1]d), or choose another: "+
			"PORT=%d make run", cfg.Port, cfg.Port+1)
	}
	if err != nil {
		return fmt.Errorf("HOST and PORT: %w", err)
	}
	return nil
}

// welcome prints the addresses, and a command that registers a user and makes an authenticated
// call. metrics is nil if they are off. It writes once, because the log goes to the same terminal.
func welcome(terminal io.Writer, dev development, api, metrics net.Addr) {
	w := &bytes.Buffer{}
	base := "http://" + api.String()
	fmt.Fprintf(w, "\n  %s is running.\n\n  API      %s\n", dev.cfg.AppName, base)
	if dev.cfg.DocsEnabled {
		fmt.Fprintf(w, "  Docs     %s/api/docs\n", base)
	}
	if metrics != nil {
		fmt.Fprintf(w, "  Metrics  http://%s/metrics\n", metrics)
	}
	fmt.Fprintf(w, tryIt, base)
	fmt.Fprintf(w, "\n  Stop with Ctrl-C. Data stays in %s.\n\n", whereDataIs(dev))
	_, _ = w.WriteTo(terminal) // without a reader the text is lost
}

// tryIt works in any POSIX shell. It prints a response without a token as it is, and bypasses
// proxies.
const tryIt = `
  Try it:

    answer=$(curl -sS --noproxy '*' %[1]s/api/v1/auth/register -H 'Content-Type: application/json' \
      -d "{\"email\":\"ada-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')@example.com\",\"password\":\"correct horse battery staple\"}")
    token=$(printf '%%s' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    if [ -n "$token" ]; then curl -sS --noproxy '*' %[1]s/api/v1/users/me -H "Authorization: Bearer $token"
    else printf 'registering failed: %%s\n' "$answer" >&2; fi
`

// whereDataIs describes the place of the database.
func whereDataIs(dev development) string {
	if dev.data == "" {
		return "the database of DATABASE_URL"
	}
	return devrun.ShortPath(dev.data)
}
