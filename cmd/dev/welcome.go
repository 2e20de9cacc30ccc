package main

import (
	"bytes"
	"fmt"
	"io"
	"net"

	"example.com/plinth/internal/config"
)

// welcome prints where everything is, and a command that registers a user and makes an authenticated call. metrics is nil
// if they are off. All is one write, since the log goes to the same terminal meanwhile.
func welcome(terminal io.Writer, cfg config.Config, api, metrics net.Addr) {
	w := &bytes.Buffer{}
	base := "http://" + api.String()
	fmt.Fprintf(w, "\n  %s is running.\n\n  API      %s\n", cfg.AppName, base)
	if cfg.DocsEnabled {
		fmt.Fprintf(w, "  Docs     %s/api/docs\n", base)
	}
	if metrics != nil {
		fmt.Fprintf(w, "  Metrics  http://%s/metrics\n", metrics)
	}
	fmt.Fprintf(w, `
  Try it:

    token=$(curl -s %[1]s/api/v1/auth/register -H 'Content-Type: application/json' \
      -d "{\"email\":\"ada-$(date +%%s)@example.com\",\"password\":\"correct horse battery staple\"}" |
      sed 's/.*"access_token":"\([^"]*\)".*/\1/')
    curl -s %[1]s/api/v1/users/me -H "Authorization: Bearer $token"

  Stop with Ctrl-C. Data stays in %[2]s/.

`, base, dataDir)
	_, _ = w.WriteTo(terminal) // where nobody reads, there is nobody left to tell
}
