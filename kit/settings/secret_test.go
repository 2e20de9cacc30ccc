package settings_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/kit/settings"
)

// holder has a table in an unexported field, of which fmt prints the fields without calling their
// methods.
type holder struct{ read table }

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	read := load(t, production(map[string]string{
		"DATABASE_URL": "postgres://app:canary-a@db/plinth?sslpassword=canary-b&sslmode=require",
		"REDIS_URL":    "redis://:canary-c@cache/0",
		"SENTRY_DSN":   "https://canary-d@sentry.example.com/1",
		"JWT_SECRET":   "canary-e-" + randomHex,

		"MIGRATE_DATABASE_URL": "postgres://owner:canary-f@db/plinth",
	}))
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10v", "%T"} {
		for _, v := range []any{
			read, &read, holder{read}, &holder{read}, []table{read}, read.JWTSecret, &read.JWTSecret, read.DatabaseURL,
		} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).InfoContext(t.Context(), "settings",
			slog.Any("config", read), slog.Any("secret", read.JWTSecret), slog.Any("url", read.SentryDSN))
	}
	var anything any = read
	if err := json.NewEncoder(&out).Encode(anything); err != nil {
		t.Fatal(err)
	}
	if err := read.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"canary", fmt.Sprintf("%x", "canary"), fmt.Sprintf("%X", "canary")} {
		if i := strings.Index(out.String(), form); i >= 0 {
			t.Errorf("a secret is printed: …%s", out.String()[max(0, i-80):i+20])
		}
	}
	if !strings.Contains(out.String(), "postgres://app:[redacted]@db/plinth") {
		t.Error("the public part of the URL is not printed")
	}
}

func TestSecret(t *testing.T) {
	t.Parallel()
	set, unset := settings.NewSecret("canary"), settings.NewSecret("")
	if !set.IsSet() || set.Reveal() != "canary" || set.String() != "[redacted]" {
		t.Errorf("set: %v %q %q", set.IsSet(), set.Reveal(), set.String())
	}
	if unset.IsSet() || unset.Reveal() != "" || unset.String() != "" {
		t.Errorf("unset: %v %q %q", unset.IsSet(), unset.Reveal(), unset.String())
	}
	encoded, err := json.Marshal(map[string]any{"set": set, "unset": unset, "url": settings.NewURL("redis://:pw@cache")})
	if err != nil || string(encoded) != `{"set":"[redacted]","unset":"","url":"redis://:[redacted]@cache"}` {
		t.Errorf("got %s, %v", encoded, err)
	}
	if got := fmt.Sprintf("%#v %d %q %#v", set, set, unset, settings.NewURL("https://key@sentry/1")); got !=
		"[redacted] [redacted]  https://[redacted]@sentry/1" {
		t.Errorf("got %s", got)
	}
}

func TestURLShowsNoCredentials(t *testing.T) {
	t.Parallel()
	tests := []struct{ raw, want string }{
		{"", ""},
		{"postgres://app:pw@db:5432/x?sslmode=require", "postgres://app:[redacted]@db:5432/x?sslmode=require"},
		{"postgres://app@h1,h2:5/x", "postgres://app@h1,h2:5/x"},
		{"postgres://db/x?user=a&password=pw&sslkey=pw", "postgres://db/x?user=a&password=[redacted]&sslkey=[redacted]"},
		{"postgres://app:p@w@db/x", "postgres://[redacted]"},
		{"postgres://app:p/w@db/x", "postgres://[redacted]"},
		{"postgres://app:p?w@db/x", "postgres://[redacted]"},
		{"redis://:pw@cache:6379/0", "redis://:[redacted]@cache:6379/0"},
		{"https://key@o1.ingest.sentry.io/1", "https://[redacted]@o1.ingest.sentry.io/1"},
		{"https://key:pw@sentry/1", "https://[redacted]@sentry/1"},
		{"host=db password=pw", "[redacted]"},
	}
	for _, tt := range tests {
		u := settings.NewURL(tt.raw)
		if u.String() != tt.want || u.Reveal() != tt.raw || u.IsSet() != (tt.raw != "") {
			t.Errorf("%q: shown as %q, want %q", tt.raw, u, tt.want)
		}
	}
}

func TestPrint(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := load(t, production(map[string]string{"APP_NAME": "Orders"})).Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		`APP_NAME=Orders +# environment`, `PORT=8000 +# default`, `JWT_SECRET=\[redacted\] +# environment`,
		`DOCS_ENABLED=false +# default`, `REDIS_URL= +# default`,
	} {
		if !regexp.MustCompile(`(?m)^` + line + `$`).MatchString(out.String()) {
			t.Errorf("want a line %q in:\n%s", line, out.String())
		}
	}
}
