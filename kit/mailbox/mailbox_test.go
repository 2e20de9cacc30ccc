package mailbox_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/mailbox"
	"example.com/plinth/kit/mailkit"
)

func message(to string) mailkit.Message {
	return mailkit.Message{
		To: to, Subject: "For <" + to + ">", Text: "Open <this>: https://app.example.com/#token=a&b\n",
		HTML: "<html><head><title>x</title></head><body><script>alert(1)</script>for " + to + "</body></html>",
	}
}

func newBox(options mailbox.Options) *mailbox.Mailbox {
	options.Title = "Shop & Co"
	return mailbox.New(time.Now, rand.Reader, options)
}

func get(t *testing.T, box *mailbox.Mailbox, method, path string) *httptest.ResponseRecorder {
	t.Helper()
	next := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	w := httptest.NewRecorder()
	box.Wrap(next).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, nil))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestLastMailsAreKept(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "folder": filepath.Join(t.TempDir(), "new", "mail")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var clock time.Duration
			now := func() time.Time {
				clock += time.Second
				return time.Unix(1_800_000_000, 0).Add(clock)
			}
			box := mailbox.New(now, rand.Reader, mailbox.Options{Dir: dir})
			for i := range 203 {
				must(t, box.Send(t.Context(), message(fmt.Sprintf("%d@example.com", i))))
			}
			if dir != "" { // another process
				must(t, os.WriteFile(filepath.Join(dir, "notes.txt"), nil, 0o600))
				box = newBox(mailbox.Options{Dir: dir})
			}
			mails, err := box.Mails()
			must(t, err)
			if len(mails) != 200 || mails[0].To != "202@example.com" || mails[199].To != "3@example.com" {
				t.Errorf("%d mails are kept", len(mails))
			}
		})
	}
}

func TestFolderIsPrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	must(t, newBox(mailbox.Options{Dir: dir}).Send(t.Context(), message("ada@example.com")))
	files, err := filepath.Glob(dir + "/*")
	must(t, err)
	for _, path := range append(files, dir) {
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, info.Mode())
		}
	}
}

func TestMailThatCannotBeSentIsRejected(t *testing.T) {
	t.Parallel()
	err := newBox(mailbox.Options{}).Send(t.Context(), message("ada@example.com\r\nBcc: eve@example.com"))
	if !errors.Is(err, mailkit.ErrRejected) {
		t.Errorf("got %v", err)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	box := newBox(mailbox.Options{Previews: func() ([]mailkit.Message, error) {
		return []mailkit.Message{message("first@example.com"), message("second@example.com")}, nil
	}})
	if w := get(t, box, http.MethodGet, "/dev/mail"); w.Header().Get("Refresh") == "" || !strings.Contains(w.Body.String(), "No mail yet") {
		t.Errorf("the empty mailbox is %v %s", w.Header(), w.Body)
	}
	must(t, box.Send(t.Context(), message("ada@example.com")))
	mails, err := box.Mails()
	must(t, err)
	own := "/dev/mail/" + mails[0].ID
	for path, want := range map[string]string{
		"/dev/mail":           own + "/html",
		"/dev/mail/":          "<h1>For &lt;ada@example.com&gt;</h1>",
		own:                   "<h1>For &lt;ada@example.com&gt;</h1>",
		own + "/text":         `Open &lt;this&gt;: <a href="https://app.example.com/#token=a&amp;b" target="_blank"`,
		own + "/html":         `<head><base target="_blank"><title>`,
		"/dev/mail.json":      `"to":"ada@example.com"`,
		"/dev/mail/preview":   "/dev/mail/preview/1/html",
		"/dev/mail/preview/2": "<h1>For &lt;second@example.com&gt;</h1>",
		"/dev/mail/style.css": "prefers-color-scheme: dark",
	} {
		w := get(t, box, http.MethodGet, path)
		if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: status %d, without %q: %s", path, w.Code, want, w.Body)
		}
		policy := w.Header().Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "script-src") ||
			w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Cross-Origin-Resource-Policy") != "same-origin" {
			t.Errorf("%s has the header %v", path, w.Header())
		}
		if isMail := strings.HasSuffix(path, "/html"); isMail != strings.Contains(policy, "sandbox allow-popups") {
			t.Errorf("%s has the policy %s", path, policy)
		}
		if !strings.HasSuffix(path, "/html") && path != "/dev/mail.json" && strings.Contains(w.Body.String(), "<script") {
			t.Errorf("%s has the markup of a mail: %s", path, w.Body)
		}
	}
}

func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	box := newBox(mailbox.Options{})
	must(t, box.Send(t.Context(), message("ada@example.com")))
	mails, err := box.Mails()
	must(t, err)
	for request, want := range map[string]int{
		"GET /dev/mail/unknown":                 http.StatusNotFound,
		"GET /dev/mail/unknown/html":            http.StatusNotFound,
		"GET /dev/mail/" + mails[0].ID + "/raw": http.StatusNotFound,
		"GET /dev/mail/preview/1":               http.StatusNotFound,
		"GET /dev/mail/..%2f..%2fetc":           http.StatusNotFound,
		"POST /dev/mail":                        http.StatusMethodNotAllowed,
		"DELETE /dev/mail/" + mails[0].ID:       http.StatusMethodNotAllowed,
		"HEAD /dev/mail":                        http.StatusOK,
		"GET /dev/mailing":                      http.StatusTeapot,
		"GET /dev":                              http.StatusTeapot,
		"POST /api/v1/auth/sessions":            http.StatusTeapot,
	} {
		method, path, _ := strings.Cut(request, " ")
		if w := get(t, box, method, path); w.Code != want {
			t.Errorf("%s: status %d, want %d: %s", request, w.Code, want, w.Body)
		}
	}
}

func TestBrokenFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "01J9ZZZZZZZZZZZZZZZZZZZZZZ.json"), []byte("{"), 0o600))
	w := get(t, newBox(mailbox.Options{Dir: dir}), http.MethodGet, "/dev/mail")
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), "01J9ZZZZZZZZZZZZZZZZZZZZZZ.json") {
		t.Errorf("status %d: %s", w.Code, w.Body)
	}
	file := filepath.Join(dir, "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := newBox(mailbox.Options{Dir: file}).Send(t.Context(), message("ada@example.com")); err == nil {
		t.Error("a mail that was not kept was sent")
	}
}
