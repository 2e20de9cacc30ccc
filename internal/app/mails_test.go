package app_test

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/app"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/mail"
	"example.com/plinth/kit/servertest"
	"example.com/plinth/kit/smtptest"
)

// buildApp returns an app that is not served, and its log.
func buildApp(t *testing.T, cfg config.Config) (*app.App, *servertest.Log) {
	t.Helper()
	log := servertest.NewLog()
	assembled, err := app.Build(t.Context(), cfg, app.Options{Log: log})
	must(t, err)
	t.Cleanup(func() { assembled.Close(t.Context()) })
	return assembled, log
}

func get(t *testing.T, handler http.Handler, path string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

const unused = "postgres://u:p@localhost/d"

func TestMailboxIsForDevelopment(t *testing.T) {
	t.Parallel()
	sample := mail.Samples(time.Now())[0]
	development, log := buildApp(t, settings(t, unused, nil))
	must(t, development.Mailer().Send(t.Context(), sample))
	for _, path := range []string{"/dev/mail", "/dev/mail/preview", "/dev/mail.json"} {
		if w := get(t, development.Handler, path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), sample.To) {
			t.Errorf("%s: status %d: %s", path, w.Code, w.Body)
		}
	}
	log.Await(t, "mail")
	if line := log.Line(t, "mail"); line["link"] != "http://localhost:5173"+sample.Link {
		t.Errorf("logged %v", line)
	}
	if w := get(t, development.Handler, "/health"); w.Code != http.StatusOK {
		t.Errorf("the API answers %d", w.Code)
	}

	for name, changes := range map[string]map[string]string{
		"production": production(nil), "staging": production(map[string]string{"ENVIRONMENT": "staging"}),
		"a server": {"MAIL_URL": smtptest.New(t, smtptest.Options{NoTLS: true}).URL()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			other, log := buildApp(t, settings(t, unused, changes))
			if w := get(t, other.Handler, "/dev/mail"); w.Code != http.StatusNotFound {
				t.Errorf("/dev/mail: status %d: %s", w.Code, w.Body)
			}
			_ = other.Mailer().Send(t.Context(), sample)
			other.Close(t.Context()) // writes the last lines
			if strings.Contains(log.String(), "token=") {
				t.Errorf("the log has a link: %s", log)
			}
		})
	}
}

func TestMailsAreSentToTheServer(t *testing.T) {
	t.Parallel()
	server := smtptest.New(t, smtptest.Options{NoTLS: true})
	sample := mail.Samples(time.Now())[0]
	relaxed, _ := buildApp(t, settings(t, unused, map[string]string{"MAIL_URL": server.URL()}))
	must(t, relaxed.Mailer().Send(t.Context(), sample))
	if got := server.Await(t, sample.To).Header.Get("From"); got != `"Plinth" <no-reply@localhost>` {
		t.Errorf("the sender is %s", got)
	}
	withServer := production(map[string]string{
		"MAIL_URL": server.URL(), "MAIL_FROM": "no-reply@example.com", "APP_URL": "https://app.example.com",
	})
	for want, changes := range map[string]map[string]string{
		"TLS is required": withServer, "MAIL_URL is not set": production(nil),
	} {
		strict, _ := buildApp(t, settings(t, unused, changes))
		if err := strict.Mailer().Send(t.Context(), sample); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if len(server.Mails()) != 1 {
		t.Errorf("the server got %d mails", len(server.Mails()))
	}
}

func production(changes map[string]string) map[string]string {
	all := map[string]string{
		"ENVIRONMENT": "production", "PASSWORD_HASH_MEMORY_KIB": "", "PASSWORD_HASH_ITERATIONS": "",
	}
	maps.Copy(all, changes)
	return all
}
