package config_test

import (
	"bytes"
	"flag"
	"fmt"
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
	document, err := settingsdoc.New(new(config.Config), "table.go", "../../kit/settings/tracing.go")
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

// A row with credentials must have a type that hides them.
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
	if err := cfg.Print(&out); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&out, "%v %+v %#v", cfg, cfg, &cfg)
	if strings.Contains(out.String(), "canary") {
		t.Errorf("a secret is printed:\n%s", &out)
	}
}
