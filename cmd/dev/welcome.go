package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"path/filepath"
)

// welcome prints where everything is, and a command that registers a user and makes an authenticated call. metrics is nil
// if they are off. All is one write, since the log goes to the same terminal meanwhile.
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
	_, _ = w.WriteTo(terminal) // where nothing reads, there is nothing left to tell
}

// tryIt works in any POSIX shell. A refusal, which is no token, is printed as it is; a proxy for the Internet does not know
// this machine.
const tryIt = `
  Try it:

    answer=$(curl -sS --noproxy '*' %[1]s/api/v1/auth/register -H 'Content-Type: application/json' \
      -d "{\"email\":\"ada-$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')@example.com\",\"password\":\"correct horse battery staple\"}")
    token=$(printf '%%s' "$answer" | sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
    if [ -n "$token" ]; then curl -sS --noproxy '*' %[1]s/api/v1/users/me -H "Authorization: Bearer $token"
    else printf 'registering failed: %%s\n' "$answer" >&2; fi
`

// whereDataIs names a folder of this one in short.
func whereDataIs(dev development) string {
	if dev.data == "" {
		return "the database of DATABASE_URL"
	}
	if here, err := filepath.Abs("."); err == nil {
		if short, err := filepath.Rel(here, dev.data); err == nil && filepath.IsLocal(short) {
			return short
		}
	}
	return dev.data
}
