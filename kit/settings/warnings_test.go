package settings_test

import (
	"strings"
	"testing"

	"example.com/plinth/kit/settings"
)

func TestInsecureSettingsWarn(t *testing.T) {
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

func TestUnknownNamesInDotEnvWarn(t *testing.T) {
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
			read, err := loadFrom(development(nil), settings.Options{DotEnv: writeDotEnv(t, line+"\n")})
			if err != nil {
				t.Fatal(err)
			}
			name, _, _ := strings.Cut(line, "=")
			wantWarning(t, read, name, want)
		})
	}
}

func TestPlaceholderInPGPASSWORDIsRefused(t *testing.T) {
	t.Parallel()
	for password, refused := range map[string]bool{"plinth": true, "t5Rk9pLz@/#%": false} {
		environ := production(map[string]string{"DATABASE_URL": "postgres://u@localhost/d", "PGPASSWORD": password})
		if found := problems(t, environ, settings.Options{}); (found["DATABASE_URL"] != "") != refused {
			t.Errorf("%s: %v", password, found)
		}
	}
}

func TestPairsAreNotPrinted(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	read := load(t, production(map[string]string{"ATTRIBUTES": "team=blue, api.key=canary"}))
	want := "ATTRIBUTES=team=[redacted],api.key=[redacted] "
	if err := read.Print(&out); err != nil || !strings.Contains(out.String(), want) {
		t.Errorf("printed (%v):\n%s", err, &out)
	}
	if read.Tracing.Attributes["api.key"] != "canary" {
		t.Errorf("read as %v", read.Tracing.Attributes)
	}
}

func TestOriginNamesTheSource(t *testing.T) {
	t.Parallel()
	path := writeDotEnv(t, "DATABASE_URL=postgres://localhost/x\nJWT_SECRET="+randomHex+"\n")
	read, err := loadFrom(map[string]string{"ENVIRONMENT": "development", "PGSERVICE": "prod"}, settings.Options{DotEnv: path})
	if err != nil {
		t.Fatal(err)
	}
	origin := read.Origin("DATABASE_URL")
	if !strings.HasPrefix(origin, "DATABASE_URL (from .env; ") || !strings.Contains(origin, "PGSERVICE") {
		t.Errorf("origin %q", origin)
	}
}

func TestProblemsHintAtMisspelledNames(t *testing.T) {
	t.Parallel()
	_, err := loadFrom(map[string]string{"JWT_SECRET": randomHex, "DATABSE_URL": "postgres://localhost/d"}, settings.Options{})
	want := "\n  (DATABSE_URL in the environment is not a setting: did you mean DATABASE_URL?)"
	if err == nil || !strings.Contains(err.Error(), "DATABASE_URL: is required") || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got %v", err)
	}
}

func TestMisspelledVariablesWarn(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"DATABSE_URL":           "in the environment is not a setting: did you mean DATABASE_URL?",
		"DATABASE_URI":          "did you mean DATABASE_URL?",
		"PROT":                  "did you mean PORT?",
		"LOGLEVEL":              "did you mean LOG_LEVEL?",
		"JWT_SECRET_FIEL":       "did you mean JWT_SECRET_FILE?",
		"RATE_LIMIT_UPLOAD":     "in the environment is not a setting",
		"JWT_SECRET_FILE":       "",
		"REDIS_URI":             "", // of another program
		"MIGRATE_DATABASE_PORT": "",
		"PATH":                  "",
		"HOME":                  "",
		"HOSTNAME":              "",
		"LOGNAME":               "",
		"PGHOST":                "",
		"POSTGRES_DB":           "",
		"KUBERNETES_PORT":       "",
		"LOG_FILE":              "",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := production(map[string]string{"DATABASE_URL": "postgres://localhost/d", name: ""})
			wantWarning(t, load(t, environ), name, want)
		})
	}
}
