//go:build browser

package protocol_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/apitest"
	"example.com/plinth/kit/apidocs"
)

var screenshots = flag.String("screenshots", "", "folder that gets a picture of each documentation page")

// TestDocsInABrowser opens the pages in headless Chromium: they draw the contract, say nothing on
// the console, where each violation of the Content-Security-Policy would be, and ask no other host.
// make docs-check runs it.
func TestDocsInABrowser(t *testing.T) {
	t.Parallel()
	s := apitest.NewServer(t, apitest.Options{})
	target, err := url.Parse(s.URL)
	apitest.Must(t, err)
	proxy := httptest.NewServer(http.StripPrefix("/orders", httputil.NewSingleHostReverseProxy(target)))
	t.Cleanup(proxy.Close)
	below := proxy.URL + "/orders"

	for name, page := range map[string]struct{ host, path, drawn, picture string }{
		"swagger":                {s.URL, apidocs.SwaggerPath, `id="operations-users-getCurrentUser"`, "swagger.png"},
		"swagger below a prefix": {below, apidocs.SwaggerPath, `value="` + below + `"`, ""},
		"redoc below a prefix":   {below, apidocs.RedocPath, `id="tag/users/operation/getCurrentUser"`, ""},
		"swagger, one operation": {
			s.URL, apidocs.SwaggerPath + "#/users/getCurrentUser", `class="opblock opblock-get is-open" id="operations-users-getCurrentUser"`, "",
		},
		"redoc": {s.URL, apidocs.RedocPath, `id="tag/users/operation/getCurrentUser"`, "redoc.png"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			visit := browse(t, page.host+page.path, page.picture)
			if !strings.Contains(visit.dom, page.drawn) {
				t.Errorf("the page lacks %s in %d bytes", page.drawn, len(visit.dom))
			}
			for _, line := range visit.console {
				t.Errorf("on the console: %s", line)
			}
			if len(visit.requests) < 5 {
				t.Errorf("the page asked only for %q", visit.requests)
			}
			for _, address := range visit.requests {
				if !strings.HasPrefix(address, page.host+"/api/") {
					t.Errorf("the page asked for %s", address)
				}
			}
		})
	}
}

// visit is what a page did.
type visit struct {
	dom      string
	console  []string
	requests []string // addresses that the page asked for, not those that the browser has of its own
}

// browse opens a page, with a fresh profile and no way to any other host. Pictures are taken of the
// top of a page only.
func browse(t *testing.T, address, picture string) visit {
	t.Helper()
	profile, err := os.MkdirTemp("", "plinth-browser-") //nolint:usetesting // it writes there for some moments after its end
	apitest.Must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(profile) })
	netLog := filepath.Join(profile, "net.json")
	args := []string{
		"--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir=" + profile,
		"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
		"--enable-logging=stderr", "--log-net-log=" + netLog,
		"--virtual-time-budget=20000", "--window-size=1360,1000", "--dump-dom",
	}
	if os.Geteuid() == 0 {
		args = append(args, "--no-sandbox") // root has none
	}
	if *screenshots != "" && picture != "" {
		args = append(args, "--screenshot="+filepath.Join(*screenshots, picture))
	}
	command := exec.CommandContext(t.Context(), chromium(t), append(args, address)...)
	var dom, log bytes.Buffer
	command.Stdout, command.Stderr, command.WaitDelay = &dom, &log, time.Second
	if err := command.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return visit{
		dom:      dom.String(),
		console:  regexp.MustCompile(`(?m)^\S*:CONSOLE.*$`).FindAllString(log.String(), -1),
		requests: requests(t, netLog),
	}
}

// chromium returns the path of a browser.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal("there is no Chromium in PATH")
	return ""
}

// requests reads a log of Chromium's network stack. What a page asks for has the page's origin as
// its initiator.
func requests(t *testing.T, netLog string) []string {
	t.Helper()
	content, err := os.ReadFile(netLog)
	apitest.Must(t, err)
	var log struct {
		Events []struct {
			Params struct {
				Initiator string `json:"initiator"`
				URL       string `json:"url"`
			} `json:"params"`
		} `json:"events"`
	}
	apitest.Must(t, json.Unmarshal(content, &log))
	var addresses []string
	for _, event := range log.Events {
		if strings.HasPrefix(event.Params.Initiator, "http") {
			addresses = append(addresses, event.Params.URL)
		}
	}
	return addresses
}
