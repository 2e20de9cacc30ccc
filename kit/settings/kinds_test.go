package settings_test

import (
	"strings"
	"testing"

	"example.com/plinth/internal/config"
)

// wrongSettings returns every setting with a value that is refused.
func wrongSettings() map[string]string {
	return map[string]string{
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
		"AUDIT_RETENTION_DAYS":        "89",
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
	}
}

func TestAllProblemsAreReportedAtOnceWithoutSecrets(t *testing.T) {
	t.Parallel()
	wrong := wrongSettings()
	_, err := config.LoadFrom(wrong, config.Options{})
	found := problemsOf(t, err)
	for name := range wrong {
		if found[name] == "" {
			t.Errorf("%s: the problem is not reported", name)
		}
	}
	if len(found) != len(wrong) {
		t.Errorf("%d problems for %d wrong settings", len(found), len(wrong))
	}
	if strings.Contains(err.Error(), "canary") {
		t.Errorf("a secret is printed: %v", err)
	}
	for _, want := range []string{`PORT: want a whole number from 0 to 65535, got "80000"`, "ENVIRONMENT: want one of"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in: %v", want, err)
		}
	}
	if settings := load(t, production(nil)).Settings(); len(settings) != len(wrong) {
		t.Errorf("this test knows %d settings, there are %d", len(wrong), len(settings))
	}
}

func TestOneWrongSetting(t *testing.T) {
	t.Parallel()
	random := "qP0/Zr3k+8Jx1mVt6sYw9cUe2hNb5gAo"
	tests := []struct {
		name, text, want string // want is part of the detail
	}{
		{"DEBUG", "true", "false in production"},
		{"HOST", "localhost:80", "without a port"},
		{"HOST", "::g", "want an IP address"},
		{"PORT", "-1", "0 to 65535"},
		{"PORT", "http", `got "http"`},
		{"DATABASE_URL", "", "is required"},
		{"DATABASE_URL", "mysql://db/app", "does not start with"},
		{"DATABASE_URL", "host=db dbname=app", "does not start with"},
		{"DATABASE_URL", "postgres://db", "no database"},
		{"DATABASE_URL", "postgres:///app", "no host"},
		{"DATABASE_URL", "postgres://db:99999/app", "host or port"},
		{"DATABASE_URL", "postgres://db:0/app", "host or port"},
		{"DATABASE_URL", "postgres://db,:5/app", "host or port"},
		{"DATABASE_URL", "postgres://u:p@ss@db/app", "percent-encode"},
		{"DATABASE_URL", "postgres://u:p/ss@db/app", "percent-encode"},
		{"DATABASE_URL", "postgres://u:p?ss@db/app", "percent-encode"},
		{"DATABASE_URL", "postgres://u:p%ss@db/app", "%"},
		{"DATABASE_URL", "postgres://db/app/x", "percent-encode"},
		{"DATABASE_URL", "postgres://db/app?a=%", "%"},
		{"DATABASE_URL", "postgres://u:Postgres@db/app", "placeholder"},
		{"DATABASE_URL", "postgres://u:change%2Dme@db1:1,db2:2/app", "placeholder"},
		{"DATABASE_URL", "postgres://db/app?user=u&password=changeme", "placeholder"},
		{"MIGRATE_DATABASE_URL", "postgres://db", "no database"},
		{"MIGRATE_DATABASE_URL", "postgres://u:changeme@db/app", "placeholder"},
		{"DATABASE_POOLER", "session", "want one of none, transaction"},
		{"REDIS_URL", "localhost:6379", "redis://"},
		{"REDIS_URL", "redis://", "redis://"},
		{"REDIS_URL", "redis://h:0/0", "redis://"},
		{"REDIS_URL", "redis://h/zero", "redis://"},
		{"REDIS_URL", "redis://:redis@h/0", "placeholder"},
		{"JWT_SECRET", "", "is required"},
		{"JWT_SECRET", random[1:], "32 bytes or more, got 31"},
		{"JWT_SECRET", random + "\n", "line break"},
		{"JWT_SECRET", " " + random, "white space"},
		{"JWT_SECRET", strings.Repeat("a", 32), "not random"},
		{"JWT_SECRET", strings.Repeat("abababac", 5), "not random"},
		{"JWT_SECRET", "aabcbacacbbbacbacacbaabbcabcacbb", "not random"},
		{"JWT_SECRET", strings.Repeat(random[:16], 2), "not random"},
		{"JWT_SECRET", strings.Repeat(random[:12], 3)[:34], "not random"},
		{"JWT_SECRET", "Change-Me-" + random, "not random"},
		{"JWT_SECRET", "my-super-SECRET-key-for-the-service-1", "not random"},
		{"JWT_SECRET", "0123456789abcdefghijklmnopqrstuvwxyz", "not random"},
		{"JWT_SECRET", "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7", "published"},
		{"JWT_SECRET", "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970", "published"},
		{"JWT_SECRET", "iloveyouiloveyouiloveyouiloveyou1", "not random"},
		{"JWT_SECRET", "plinth-plinth-plinth-production-2", "not random"},
		{"JWT_SECRET", "thisisaverylongkeythatisnotrandom", "not random"},
		{"JWT_SECRET", "MyDogSpotLikesToChaseSquirrelsOften", "not random"},
		{"JWT_SECRET", "th1s1s4v3ryl0ngk3yth4t1sn0tr4nd0m", "not random"},
		{"JWT_SECRET", "zebra-violin-quantum-marmalade-fjord", "not random"},
		{"JWT_SECRET", "The quick brown fox jumps over the lazy dog 42", "not random"},
		{"JWT_ALGORITHM", "hs256", "want one of HS256, EdDSA"},
		{"JWT_KEYS_FILE", "keys.json", "JWT_ALGORITHM is HS256"},
		{"REFRESH_TOKEN_EXPIRE_DAYS", "31", "not be longer than SESSION_EXPIRE_DAYS"},
		{"PASSWORD_HASH_MEMORY_KIB", "19455", "want 19456 or more"},
		{"PASSWORD_HASH_MEMORY_KIB", "7", "from 8"},
		{"RATE_LIMIT_ENABLED", "false", "development only"},
		{"RATE_LIMIT_READ", "1m/300", "such as 300/1m"},
		{"RATE_LIMIT_READ", "300/", "such as 300/1m"},
		{"RATE_LIMIT_READ", "300/m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "-1/1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "+1/1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/0s", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/-1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/1500ms", "whole seconds"},
		{"RATE_LIMIT_READ", "300/1m/1m", `got "300/1m/1m"`},
		{"LOGIN_FAILURES_PER_ACCOUNT", "101", "from 2 to 100"},
		{"CORS_ORIGINS", "*", "development only"},
		{"CORS_ORIGINS", "null", "not an origin"},
		{"CORS_ORIGINS", "app.example.com", "not an origin"},
		{"CORS_ORIGINS", "ftp://example.com", "not an origin"},
		{"CORS_ORIGINS", "https://", "not an origin"},
		{"CORS_ORIGINS", "https://a.com,", "not an origin"},
		{"CORS_ORIGINS", "https://a.com/", `write "https://a.com"`},
		{"CORS_ORIGINS", "https://a.com/path?x=1", `write "https://a.com"`},
		{"CORS_ORIGINS", "https://A.com", `write "https://a.com"`},
		{"CORS_ORIGINS", "HTTPS://a.com", `write "https://a.com"`},
		{"CORS_ORIGINS", "https://a.com:443", `write "https://a.com"`},
		{"CORS_ORIGINS", "http://a.com:80", `write "http://a.com"`},
		{"CORS_ORIGINS", "https://[2001:DB8::1]:8443", `write "https://[2001:db8::1]:8443"`},
		{"CORS_ORIGINS", "https://a.com:70000", "port"},
		{"CORS_ORIGINS", "https://*.a.com", "exact host name"},
		{"CORS_ORIGINS", "https://ä.com", "Punycode"},
		{"CORS_ORIGINS", `["https://a.com"`, "JSON list"},
		{"CORS_ORIGINS", `["https://a.com", 1]`, "JSON list"},
		{"TRUSTED_PROXIES", "proxy", "is not a network"},
		{"TRUSTED_PROXIES", "10.0.0.0/33", "is not a network"},
		{"TRUSTED_PROXIES", "10.0.0.1/8", "did you mean 10.0.0.0/8?"},
		{"TRUSTED_PROXIES", "::ffff:10.0.0.0/104", "write it as IPv4"},
		{"TRUSTED_PROXIES", "fe80::1%eth0", "is not a network"},
		{"TRUSTED_PROXIES", "0.0.0.0/0", "everyone"},
		{"TRUSTED_PROXIES", "::/0", "everyone"},
		{"TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1", "everyone"},
		{"TRUSTED_PROXIES", "16.0.0.0/5, 32.0.0.0/5", "IPv4"},
		{"TRUSTED_PROXIES", "2000::/3", "IPv6"},
		{"SENTRY_DSN", "https://host/1", "want a DSN"},
		{"SENTRY_DSN", "https://key@host/", "want a DSN"},
		{"SENTRY_DSN", "https://key@/1", "want a DSN"},
		{"SENTRY_DSN", "key@host/1", "want a DSN"},
		{"SENTRY_TRACES_SAMPLE_RATE", "1.1", "from 0 to 1"},
		{"SENTRY_TRACES_SAMPLE_RATE", "-0.1", "from 0 to 1"},
		{"SHUTDOWN_DELAY", "-1s", "from 0s to 5m"},
		{"SHUTDOWN_DELAY", "301s", "from 0s to 5m"},
		{"LOG_FORMAT", "postgres://a:canary@b", "[redacted]"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			found := problems(t, production(map[string]string{tt.name: tt.text}), config.Options{})
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
		{"HOST", "0.0.0.0"},
		{"HOST", "::"},
		{"HOST", "localhost"},
		{"PORT", "0"},
		{"DATABASE_URL", "postgresql://db/app"},
		{"DATABASE_URL", "postgres://u:p%40ss%2F@h1:5432,[2001:db8::1]:5433,h3/app?target_session_attrs=read-write"},
		{"DATABASE_URL", "postgres://%2Frun%2Fpostgresql/app"},
		{"DATABASE_URL", "postgres:///?host=/run/postgresql&dbname=app"},
		{"MIGRATE_DATABASE_URL", "postgres://owner:9fKq@db/app"},
		{"DATABASE_POOLER", "transaction"},
		{"REDIS_URL", "redis://cache"},
		{"REDIS_URL", "rediss://:k7Gz@cache:6380/1"},
		{"JWT_SECRET", "qP0/Zr3k+8Jx1mVt6sYw9cUe2hNb5gAo"},
		{"JWT_SECRET", "3f9c0b7e5a1d8264c3f09b7e51ad8264"},
		{"CORS_ORIGINS", "http://localhost:3000,https://[2001:db8::1]:8443"},
		{"TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8"},
		{"TRUSTED_PROXIES", "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, fc00::/7"},
		{"TRUSTED_PROXIES", "104.16.0.0/13, 104.24.0.0/14, 172.64.0.0/13, 131.0.72.0/22, 2400:cb00::/32, 2a06:98c0::/29"},
		{"TRUSTED_PROXIES", strings.Repeat("16.0.0.0/6,", 8) + "16.1.0.0/16"},
		{"SENTRY_DSN", "https://abc123@o1.ingest.sentry.io/42"},
		{"SENTRY_DSN", "http://abc123@127.0.0.1:9000/prefix/42"},
		{"SENTRY_TRACES_SAMPLE_RATE", "0"},
		{"SENTRY_TRACES_SAMPLE_RATE", "1"},
		{"REFRESH_TOKEN_EXPIRE_DAYS", "30"},
		{"REFRESH_GRACE_SECONDS", "0"},
		{"METRICS_ADDR", "off"},
		{"METRICS_ADDR", ":9464"},
		{"METRICS_ADDR", "[::1]:0"},
		{"DOCS_ENABLED", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, production(map[string]string{tt.name: tt.text}), config.Options{}); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestDevelopmentIsLenient(t *testing.T) {
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
			if found := problems(t, development(map[string]string{name: text}), config.Options{}); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestDevelopmentIsNotThatLenient(t *testing.T) {
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
			if found := problems(t, environ, config.Options{}); len(found) != 1 {
				t.Errorf("want one problem, got %v", found)
			}
		})
	}
}

func TestUnknownEnvironmentIsAsStrictAsProduction(t *testing.T) {
	t.Parallel()
	environ := production(map[string]string{"ENVIRONMENT": "Development", "DEBUG": "true", "CORS_ORIGINS": "*"})
	if found := problems(t, environ, config.Options{}); len(found) != 3 {
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
		if found := problems(t, environ, config.Options{}); len(found) != 1 || found["JWT_KEYS_FILE"] == "" {
			t.Errorf("%s without keys: %v", algorithm, found)
		}
	}
}

func TestPasswordHashCost(t *testing.T) {
	t.Parallel()
	// The equal choices of OWASP's Password Storage Cheat Sheet.
	for iterations, memory := range map[string]string{"1": "47104", "2": "19456", "3": "12288", "4": "9216", "5": "7168", "9": "7168"} {
		environ := production(map[string]string{
			"PASSWORD_HASH_ITERATIONS": iterations, "PASSWORD_HASH_MEMORY_KIB": memory,
		})
		if found := problems(t, environ, config.Options{}); len(found) > 0 {
			t.Errorf("%s iterations: %v", iterations, found)
		}
		environ["PASSWORD_HASH_MEMORY_KIB"] = "7000"
		if found := problems(t, environ, config.Options{}); len(found) != 1 {
			t.Errorf("%s iterations with too little memory: %v", iterations, found)
		}
	}
}
