package settings_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/config"
)

func TestUnsafeSettingsAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, text string
		want       string // empty means no warning
	}{
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d?sslmode=disable", "has sslmode=disable"},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d?sslmode=allow", "has sslmode=allow"},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d?sslmode=prefer", "has sslmode=prefer"},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d", "has no sslmode"},
		{"DATABASE_URL", "postgres:///d?host=10.0.0.1&user=u", "has no sslmode"},
		{"DATABASE_URL", "postgres://localhost,10.0.0.1:5433/d", "has no sslmode"},
		{"MIGRATE_DATABASE_URL", "postgres://u:Zq8rT2x@[2001:db8::1]:5432/d?sslmode=disable", "has sslmode=disable"},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d?sslmode=verify-full", ""},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@db.example.com/d?sslmode=require", ""},
		{"DATABASE_URL", "postgres://u:Zq8rT2x@localhost:5432,127.0.0.1:5433,[::1]/d?sslmode=disable", ""},
		{"DATABASE_URL", "postgres://%2Frun%2Fpostgresql/d", ""},
		{"DATABASE_URL", "postgres:///d?host=/run/postgresql", ""},
		{"REDIS_URL", "redis://:k7Gz@cache.example.com:6379/0", "rediss://"},
		{"REDIS_URL", "rediss://:k7Gz@cache.example.com:6379/0", ""},
		{"REDIS_URL", "redis://127.0.0.1", ""},
		{"CORS_ORIGINS", "https://app.example.com,http://old.example.com", "http://old.example.com is unencrypted"},
		{"CORS_ORIGINS", "http://localhost:3000", ""},
	} {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			environ := production(map[string]string{"DATABASE_URL": "postgres://localhost/d"})
			environ[tt.name] = tt.text
			wantWarning(t, load(t, environ), tt.name, tt.want)
			environ["ENVIRONMENT"] = "development"
			wantWarning(t, load(t, environ), tt.name, "")
		})
	}
}

// wantWarning checks that there is one warning, none if want is empty, and that it is printed without a secret.
func wantWarning(t *testing.T, cfg config.Config, name, want string) {
	t.Helper()
	warnings := cfg.Warnings()
	if want == "" {
		if len(warnings) > 0 {
			t.Errorf("%s: unexpected warnings %v", cfg.Environment, warnings)
		}
		return
	}
	if len(warnings) != 1 || warnings[0].Name != name || !strings.Contains(warnings[0].Detail, want) {
		t.Fatalf("warnings %v, want one about %s that says %q", warnings, name, want)
	}
	var out strings.Builder
	if err := cfg.Print(&out); err != nil || !strings.Contains(out.String(), "# WARNING "+name+": ") {
		t.Errorf("it is not printed (%v):\n%s", err, &out)
	}
	if strings.Contains(out.String(), "Zq8rT2x") || strings.Contains(out.String(), "k7Gz") {
		t.Errorf("a password is printed:\n%s", &out)
	}
}

func TestUnknownNamesInDotEnvAreWarnedAbout(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"PROT=8001":           "did you mean PORT?",
		"DATABSE_URL=x":       "did you mean DATABASE_URL?",
		"RATE_LIMITS_READ=x":  "did you mean RATE_LIMIT_READ?",
		"log_level=debug":     "did you mean LOG_LEVEL?",
		"SOMETHING_ELSE=1":    "is not a setting",
		"POSTGRES_PASSWORD=x": "",
		"COMPOSE_PROFILES=x":  "",
		"APP_NAME=Orders":     "",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			cfg, err := config.LoadFrom(development(nil), config.Options{DotEnv: writeDotEnv(t, line+"\n")})
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(line, "=")
			wantWarning(t, cfg, name, want)
		})
	}
}

func TestDotEnvOfWindowsEditors(t *testing.T) {
	t.Parallel()
	cfg, err := config.LoadFrom(development(nil), config.Options{DotEnv: writeDotEnv(t, "\ufeffAPP_NAME=Orders\r\n")})
	if err != nil || cfg.AppName != "Orders" {
		t.Errorf("with a byte order mark: %q, %v", cfg.AppName, err)
	}
	path := writeDotEnv(t, "\xff\xfeA\x00P\x00P\x00")
	if found := problems(t, development(nil), config.Options{DotEnv: path}); !strings.Contains(found[path], "UTF-8") {
		t.Errorf("in UTF-16: %v", found)
	}
}

func TestPlaceholderInPGPASSWORDIsRefused(t *testing.T) {
	t.Parallel()
	for password, refused := range map[string]bool{"plinth": true, "t5Rk9pLz@/#%": false} {
		environ := production(map[string]string{"DATABASE_URL": "postgres://u@localhost/d", "PGPASSWORD": password})
		if found := problems(t, environ, config.Options{}); (found["DATABASE_URL"] != "") != refused {
			t.Errorf("%s: %v", password, found)
		}
	}
}

func TestResourceAttributesAreNotPrinted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	cfg := load(t, production(map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "team=blue, api.key=canary"}))
	if err := cfg.Print(&out); err != nil || !strings.Contains(out.String(), "OTEL_RESOURCE_ATTRIBUTES=team=[redacted],api.key=[redacted] ") {
		t.Errorf("printed (%v):\n%s", err, &out)
	}
	if cfg.Tracing.ResourceAttributes["api.key"] != "canary" {
		t.Errorf("read as %v", cfg.Tracing.ResourceAttributes)
	}
}

func TestOriginNamesTheSource(t *testing.T) {
	t.Setenv("ENVIRONMENT", "development")
	t.Setenv("PGSERVICE", "prod")
	path := writeDotEnv(t, "DATABASE_URL=postgres://localhost/x\nJWT_SECRET="+randomHex+"\n")
	cfg, err := config.Load(config.Options{DotEnv: path})
	if err != nil {
		t.Fatal(err)
	}
	if origin := cfg.Origin("DATABASE_URL"); !strings.HasPrefix(origin, "DATABASE_URL (from .env; ") || !strings.Contains(origin, "PGSERVICE") {
		t.Errorf("origin %q", origin)
	}
}
