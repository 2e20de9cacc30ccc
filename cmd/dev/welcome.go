package main

import (
	"bytes"
	"fmt"
	"io"
	"net"

	"example.com/plinth/kit/devrun"
)

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
