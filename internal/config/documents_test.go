package config_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/settings"
	"example.com/plinth/kit/settings/settingsdoc"
)

var update = flag.Bool("update", false, "write .env.example and docs/settings.md instead of comparing them")

// TestDocuments compares what is generated from the table, below a hand-written head. go generate
// runs it with -update.
func TestDocuments(t *testing.T) {
	t.Parallel()
	document, err := settingsdoc.New(new(config.Config), "table.go")
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][2]string{
		"../../.env.example":     {settingsdoc.DotEnvMark, document.DotEnv()},
		"../../docs/settings.md": {settingsdoc.PageMark, document.Page()},
	} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		fresh := settingsdoc.WithHead(file, want[0], want[1])
		if *update {
			if err := os.WriteFile(path, fresh, 0o644); err != nil { //nolint:gosec // G306: documents are public
				t.Fatal(err)
			}
		} else if !bytes.Equal(file, fresh) {
			t.Errorf("%s is not what internal/config/table.go says: run 'make generate' and commit the result", path)
		}
	}
}

// A copy of .env.example changes nothing, and each of its lines works.
func TestEnvExample(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range load(t, development(nil)).Settings() {
		if !strings.Contains(string(text), "\n#"+s.Name+"=") {
			t.Errorf("%s is missing", s.Name)
		}
	}
	opts := config.Options{
		DotEnv:    "../../.env.example",
		Fallbacks: map[string]string{"DATABASE_URL": "postgres://localhost/plinth", "JWT_SECRET": randomHex},
	}
	environ := map[string]string{"ENVIRONMENT": "development"}
	untouched, err := config.LoadFrom(environ, opts)
	if err != nil {
		t.Fatal(err)
	}
	opts.DotEnv = writeDotEnv(t, regexp.MustCompile(`(?m)^#([A-Z])`).ReplaceAllString(string(text), "$1"))
	uncommented, err := config.LoadFrom(environ, opts)
	if err != nil {
		t.Fatalf("the defaults do not work in development: %v", err)
	}
	for i, s := range untouched.Settings() {
		if s.Source == settings.SourceDotEnv {
			t.Errorf("a copy sets %s", s.Name)
		}
		if got := uncommented.Settings()[i]; got.Value != s.Value {
			t.Errorf("%s is %q in the file, its default is %q", s.Name, got.Value, s.Value)
		}
	}
	if warnings := uncommented.Warnings(); len(warnings) > 0 {
		t.Errorf("the file has unknown settings: %v", warnings)
	}
}

// holder has a Config in an unexported field, of which fmt prints the fields without calling their
// methods.
type holder struct{ cfg config.Config }

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	cfg := load(t, production(map[string]string{
		"DATABASE_URL": "postgres://app:canary-a@db/plinth?sslpassword=canary-b&sslmode=require",
		"REDIS_URL":    "redis://:canary-c@cache/0",
		"SENTRY_DSN":   "https://canary-d@sentry.example.com/1",
		"MAIL_URL":     "smtp://user:canary-g@mail.example.com",
		"MAIL_FROM":    "no-reply@example.com",
		"APP_URL":      "https://app.example.com",
		"JWT_SECRET":   "canary-e-" + randomHex,

		"MIGRATE_DATABASE_URL": "postgres://owner:canary-f@db/plinth",
	}))
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10v", "%T"} {
		for _, v := range []any{
			cfg, &cfg, holder{cfg}, &holder{cfg}, []config.Config{cfg}, cfg.JWTSecret, &cfg.JWTSecret, cfg.DatabaseURL,
		} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	for _, handler := range []slog.Handler{slog.NewJSONHandler(&out, nil), slog.NewTextHandler(&out, nil)} {
		slog.New(handler).InfoContext(t.Context(), "settings",
			slog.Any("config", cfg), slog.Any("secret", cfg.JWTSecret), slog.Any("url", cfg.SentryDSN))
	}
	var anything any = cfg
	if err := json.NewEncoder(&out).Encode(anything); err != nil {
		t.Fatal(err)
	}
	if err := cfg.Print(&out); err != nil {
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
