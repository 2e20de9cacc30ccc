package config_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/settings"
)

// wrongSettings returns every setting with a value that is refused. New rows get a control
// character, which no kind accepts.
func wrongSettings(t *testing.T) map[string]string {
	t.Helper()
	rows, err := settings.Rows(new(config.Config))
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]string{}
	for _, row := range rows {
		wrong[row.Name] = "a\x01b"
	}
	maps.Copy(wrong, map[string]string{
		"APP_NAME":                    strings.Repeat("x", 101),
		"ENVIRONMENT":                 "prod",
		"DEBUG":                       "maybe",
		"HOST":                        "http://localhost",
		"PORT":                        "80000",
		"DATABASE_URL":                "host=db password=canary-db",
		"MIGRATE_DATABASE_URL":        "postgres://u:canary-migrate@db",
		"MAX_CONNECTIONS":             "15",
		"DATABASE_POOLER":             "canary@pooler",
		"DATABASE_POOL_SIZE":          "0",
		"DATABASE_MAX_OVERFLOW":       "-1",
		"REDIS_URL":                   "http://:canary-redis@localhost",
		"JWT_SECRET":                  "canary-jwt",
		"JWT_ALGORITHM":               "none",
		"JWT_KEYS_FILE":               "a\nb",
		"JWT_ISSUER":                  "a\tb",
		"JWT_AUDIENCE":                strings.Repeat("x", 101),
		"ACCESS_TOKEN_EXPIRE_MINUTES": "1441",
		"REFRESH_TOKEN_EXPIRE_DAYS":   "7.5",
		"SESSION_EXPIRE_DAYS":         "366",
		"REFRESH_GRACE_SECONDS":       "61",
		"MAX_SESSIONS_PER_USER":       "0x10",
		"SESSION_RETENTION_DAYS":      "-1",
		"AUDIT_RETENTION_DAYS":        "89", // scaffold:only audit
		"PASSWORD_HASH_MEMORY_KIB":    "262145",
		"PASSWORD_HASH_ITERATIONS":    "0",
		"PASSWORD_HASH_PARALLELISM":   "256",
		"RATE_LIMIT_ENABLED":          "sometimes",
		"RATE_LIMIT_READ":             "0/1m",
		"RATE_LIMIT_WRITE":            "60",
		"RATE_LIMIT_SESSION":          "60/1.5s",
		"RATE_LIMIT_CREDENTIALS":      "1000001/1m",
		"RATE_LIMIT_DISCLOSING":       "20/25h",
		"LOGIN_FAILURES_PER_ACCOUNT":  "1",
		"LOGIN_FAILURES_PER_ADDRESS":  "1000001",
		"MAIL_URL":                    "smtp://user:canary-mail@mail/x",
		"MAIL_FROM":                   "no-reply",
		"APP_URL":                     "https://user:canary-app@app.example.com",
		"REQUIRE_VERIFIED_EMAIL":      "ja",
		"MAIL_DIR":                    "a\nb",
		"CORS_ORIGINS":                "https://user:canary-cors@example.com",
		"TRUSTED_PROXIES":             "10.0.0.1/8",
		"LOG_LEVEL":                   "trace",
		"LOG_FORMAT":                  "xml",
		"SENTRY_DSN":                  "https://canary-sentry@host",
		"SENTRY_TRACES_SAMPLE_RATE":   "NaN",
		"METRICS_ADDR":                "9464",
		"DEBUG_ADDR":                  "6060",
		"DOCS_ENABLED":                "ja",
		"SHUTDOWN_DELAY":              "5",
		"POSTGRES_BIN":                "a\nb",
		"POSTGRES_MIRROR":             "ftp://canary-mirror@x",

		"LOGIN_FAILURES_PER_ACCOUNT_TOTAL": "101",
		"PASSWORD_MIN_LENGTH":              "11",

		"OTEL_SDK_DISABLED":                  "ja",
		"OTEL_SERVICE_NAME":                  "a\nb",
		"OTEL_RESOURCE_ATTRIBUTES":           "team",
		"OTEL_TRACES_EXPORTER":               "console",
		"OTEL_EXPORTER_OTLP_ENDPOINT":        "collector:4318",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://user:canary-otlp@collector",
		"OTEL_EXPORTER_OTLP_PROTOCOL":        "http/json",
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "thrift",
		"OTEL_EXPORTER_OTLP_HEADERS":         "canary-key",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS":  "x=%zz-canary",
		"OTEL_TRACES_SAMPLER":                "sometimes",
		"OTEL_TRACES_SAMPLER_ARG":            "2",
	})
	return wrong
}

func TestAllProblemsAreReportedAtOnceWithoutSecrets(t *testing.T) {
	t.Parallel()
	wrong := wrongSettings(t)
	_, err := config.LoadFrom(wrong, config.Options{})
	found := problemsOf(t, err)
	for name := range wrong {
		if found[name] == "" {
			t.Errorf("%s: the problem is not reported", name)
		}
	}
	if rows := load(t, production(nil)).Settings(); len(found) != len(wrong) || len(rows) != len(wrong) {
		t.Errorf("%d of %d settings have a problem, %d are wrong", len(found), len(rows), len(wrong))
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a secret is printed: %v", err)
	}
	for _, want := range []string{
		`PORT: must be a whole number from 0 to 65535, got "80000"`,
		`ENVIRONMENT: must be one of development, staging, production, got "prod"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in: %v", want, err)
		}
	}
}

func TestWrongSetting(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string // want is part of the detail
	}{
		{"DEBUG", "true", "false in production"},
		{"DATABASE_POOLER", "session", "must be one of none, transaction"},
		{"JWT_KEYS_FILE", "keys.json", "JWT_ALGORITHM is HS256"},
		{"REFRESH_TOKEN_EXPIRE_DAYS", "31", "must be at most SESSION_EXPIRE_DAYS, which is 30"},
		{"PASSWORD_HASH_MEMORY_KIB", "19455", "must be at least 19456 with 2 iterations"},
		{"PASSWORD_HASH_MEMORY_KIB", "7", "from 8"},
		{"RATE_LIMIT_ENABLED", "false", "development only"},
		{"LOGIN_FAILURES_PER_ACCOUNT", "101", "from 2 to 100"},
		{"SENTRY_TRACES_SAMPLE_RATE", "1.1", "from 0 to 1"},
		{"SENTRY_TRACES_SAMPLE_RATE", "-0.1", "from 0 to 1"},
		{"AUDIT_RETENTION_DAYS", "89", "must be at least 90"}, // scaffold:only audit
		{"REQUIRE_VERIFIED_EMAIL", "true", "requires MAIL_URL"},
		{"LOGIN_FAILURES_PER_ACCOUNT_TOTAL", "4", "must be at least LOGIN_FAILURES_PER_ACCOUNT, which is 5"},
		{"JWT_SECRET", "secret-secret-secret-production-2", "not random"},
		{"JWT_SECRET", "", "is required with JWT_ALGORITHM=HS256"},
		{"DATABASE_URL", "postgres://u:plinth@db/app", "placeholder"},
		{"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "must be http/protobuf"},
		{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc", "port 4318"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			found := problems(t, production(map[string]string{tt.name: tt.text}))
			if len(found) != 1 || !strings.Contains(found[tt.name], tt.want) {
				t.Errorf("want one problem with %s saying %q, got %v", tt.name, tt.want, found)
			}
		})
	}
}

func TestAcceptedInProduction(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text string }{
		{"ENVIRONMENT", "staging"},
		{"PORT", "0"},
		{"MIGRATE_DATABASE_URL", "postgres://owner:9fKq@db/app?sslmode=verify-full"},
		{"DATABASE_POOLER", "transaction"},
		{"SENTRY_TRACES_SAMPLE_RATE", "0"},
		{"SENTRY_TRACES_SAMPLE_RATE", "1"},
		{"REFRESH_TOKEN_EXPIRE_DAYS", "30"},
		{"REFRESH_GRACE_SECONDS", "0"},
		{"AUDIT_RETENTION_DAYS", "0"},  // scaffold:only audit
		{"AUDIT_RETENTION_DAYS", "90"}, // scaffold:only audit
		{"METRICS_ADDR", "off"},
		{"DOCS_ENABLED", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, production(map[string]string{tt.name: tt.text})); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestDevelopmentAccepts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"DEBUG":                    "true",
		"DATABASE_URL":             "postgres://postgres:postgres@localhost/app",
		"REDIS_URL":                "redis://:redis@localhost/0",
		"JWT_SECRET":               strings.Repeat("change-me-", 4),
		"CORS_ORIGINS":             "*",
		"TRUSTED_PROXIES":          "0.0.0.0/0",
		"PASSWORD_HASH_MEMORY_KIB": "64",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, development(map[string]string{name: text})); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestDevelopmentRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"JWT_SECRET":                "short",
		"CORS_ORIGINS":              "*,https://a.com",
		"PASSWORD_HASH_MEMORY_KIB":  "8",
		"SESSION_EXPIRE_DAYS":       "6",
		"SENTRY_TRACES_SAMPLE_RATE": "2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			environ := development(map[string]string{name: text, "PASSWORD_HASH_PARALLELISM": "2"})
			if found := problems(t, environ); len(found) != 1 {
				t.Errorf("want one problem, got %v", found)
			}
		})
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	isAboutMail := func(warning settings.Problem) bool { return warning.Name == "MAIL_URL" }
	if warnings := load(t, production(nil)).Warnings(); !slices.ContainsFunc(warnings, isAboutMail) {
		t.Errorf("without mail the warnings are %v", warnings)
	}
	cfg := load(t, development(map[string]string{"REQUIRE_VERIFIED_EMAIL": "true"}))
	if cfg.MailFrom.Address == "" || !cfg.AppURL.IsSet() || slices.ContainsFunc(cfg.Warnings(), isAboutMail) {
		t.Errorf("development has the sender %v, the app %v and the warnings %v", cfg.MailFrom, cfg.AppURL, cfg.Warnings())
	}
	environ := production(map[string]string{"MAIL_URL": "smtp://user:9fKq@mail.example.com"})
	if found := problems(t, environ); len(found) != 2 || found["MAIL_FROM"] == "" || found["APP_URL"] == "" {
		t.Errorf("with MAIL_URL alone the problems are %v", found)
	}
	maps.Copy(environ, map[string]string{
		"MAIL_FROM": "Plinth <no-reply@example.com>", "APP_URL": "https://app.example.com", "REQUIRE_VERIFIED_EMAIL": "true",
	})
	if cfg = load(t, environ); cfg.MailFrom.Name != "Plinth" || slices.ContainsFunc(cfg.Warnings(), isAboutMail) {
		t.Errorf("the sender is %v, the warnings are %v", cfg.MailFrom, cfg.Warnings())
	}
}

func TestUnknownEnvironmentIsAsStrictAsProduction(t *testing.T) {
	t.Parallel()
	environ := production(map[string]string{"ENVIRONMENT": "Development", "DEBUG": "true", "CORS_ORIGINS": "*"})
	if found := problems(t, environ); len(found) != 3 {
		t.Errorf("want three problems, got %v", found)
	}
}

func TestKeySet(t *testing.T) {
	t.Parallel()
	for _, algorithm := range []string{"EdDSA", "ES256", "RS256"} {
		environ := production(map[string]string{"JWT_ALGORITHM": algorithm, "JWT_KEYS_FILE": "/etc/plinth/keys.json"})
		delete(environ, "JWT_SECRET")
		cfg := load(t, environ)
		if cfg.JWTAlgorithm != algorithm || cfg.JWTKeysFile != "/etc/plinth/keys.json" {
			t.Errorf("got %+v", cfg)
		}
		delete(environ, "JWT_KEYS_FILE")
		if found := problems(t, environ); len(found) != 1 || found["JWT_KEYS_FILE"] == "" {
			t.Errorf("%s without keys: %v", algorithm, found)
		}
	}
}

func TestPasswordHashCost(t *testing.T) {
	t.Parallel()
	// The equal choices of OWASP's Password Storage Cheat Sheet.
	for iterations, memory := range map[string]string{
		"1": "47104", "2": "19456", "3": "12288", "4": "9216", "5": "7168", "9": "7168",
	} {
		environ := production(map[string]string{
			"PASSWORD_HASH_ITERATIONS": iterations, "PASSWORD_HASH_MEMORY_KIB": memory,
		})
		if found := problems(t, environ); len(found) > 0 {
			t.Errorf("%s iterations: %v", iterations, found)
		}
		environ["PASSWORD_HASH_MEMORY_KIB"] = "7000"
		if found := problems(t, environ); len(found) != 1 {
			t.Errorf("%s iterations with too little memory: %v", iterations, found)
		}
	}
}

func TestCookiesNeedExactOrigins(t *testing.T) {
	t.Parallel()
	found := problems(t, map[string]string{
		"ENVIRONMENT": "development", "DATABASE_URL": "postgres://localhost/app", "JWT_SECRET": strings.Repeat("s3cr3t-", 8),
		"CORS_ORIGINS": "*", "TOKEN_COOKIES_ENABLED": "true",
	})
	if len(found) != 1 || !strings.Contains(found["TOKEN_COOKIES_ENABLED"], "exact origins") {
		t.Errorf("got %v", found)
	}
}
