package config_test

import (
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/kit/settings"
)

const randomHex = "6f1c0e9ab27d4835f0a9d3c47b8e2165"

// production returns the settings that a production service requires, changed by overrides.
func production(overrides map[string]string) map[string]string {
	return merge(map[string]string{
		"ENVIRONMENT":  "production",
		"DATABASE_URL": "postgres://app:3nDx8Qw@db.internal:5432/plinth",
		"JWT_SECRET":   randomHex,
	}, overrides)
}

// development is production with ENVIRONMENT=development.
func development(overrides map[string]string) map[string]string {
	return merge(production(overrides), map[string]string{"ENVIRONMENT": "development"})
}

// merge returns base after overrides were written into it.
func merge(base, overrides map[string]string) map[string]string {
	maps.Copy(base, overrides)
	return base
}

func load(t *testing.T, environ map[string]string) config.Config {
	t.Helper()
	cfg, err := config.LoadFrom(environ, config.Options{})
	if err != nil {
		t.Fatalf("LoadFrom: %v", err)
	}
	return cfg
}

// problems returns the problems of environ by setting.
func problems(t *testing.T, environ map[string]string) map[string]string {
	t.Helper()
	_, err := config.LoadFrom(environ, config.Options{})
	return problemsOf(t, err)
}

func problemsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err == nil {
		return found
	}
	invalid, ok := err.(*settings.Error) //nolint:errorlint // LoadFrom promises this type, unwrapped
	if !ok {
		t.Fatalf("got a %T, want a *settings.Error: %v", err, err)
	}
	for _, p := range invalid.Problems {
		found[p.Name] += p.Detail
	}
	return found
}

func writeDotEnv(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), ".env")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil { //nolint:gosec // G703: in the folder of the test
		t.Fatal(err)
	}
	return path
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	cfg := load(t, production(nil))
	if cfg.Environment != config.Production || cfg.Debug || cfg.DocsEnabled || cfg.ShutdownDelay != 5*time.Second {
		t.Errorf("production is not strict: %+v", cfg)
	}
	if cfg.AppName != "Plinth" || cfg.Host != "127.0.0.1" || cfg.Port != 8000 || cfg.LogFormat != "json" ||
		cfg.LogLevel != slog.LevelInfo || cfg.SentryTracesSampleRate != 0.1 {
		t.Errorf("service defaults: %+v", cfg)
	}
	if cfg.DatabasePoolSize != 5 || cfg.DatabaseMaxOverflow != 10 || cfg.RedisURL.IsSet() || cfg.SentryDSN.IsSet() {
		t.Errorf("dependency defaults: %+v", cfg)
	}
	if cfg.JWTAlgorithm != "HS256" || cfg.JWTIssuer != "plinth" || cfg.JWTAudience != "plinth" ||
		cfg.AccessTokenTTL != 15*time.Minute || cfg.RefreshTokenTTL != 7*24*time.Hour ||
		cfg.SessionTTL != 30*24*time.Hour || cfg.RefreshGrace != 10*time.Second || cfg.MaxSessionsPerUser != 20 ||
		cfg.AuditRetention != 400*24*time.Hour || // scaffold:only audit
		cfg.SessionRetention != 7*24*time.Hour {
		t.Errorf("token defaults: %+v", cfg)
	}
	if cfg.PasswordHashMemoryKiB != 19456 || cfg.PasswordHashIterations != 2 || cfg.PasswordHashParallelism != 1 {
		t.Errorf("password defaults: %+v", cfg)
	}
	if cfg.MetricsAddr != "127.0.0.1:9464" || cfg.DebugAddr != "" {
		t.Errorf("metrics are at %q, profiles at %q", cfg.MetricsAddr, cfg.DebugAddr)
	}
	if cfg.Tracing.Enabled || cfg.Tracing.Sampler != "parentbased_always_on" || cfg.Tracing.SamplerRatio != 1 {
		t.Errorf("tracing: %+v", cfg.Tracing)
	}
	if !cfg.RateLimitEnabled || cfg.LoginFailuresPerAccount != 5 || cfg.LoginFailuresPerAddress != 50 ||
		cfg.LoginFailuresPerAccountTotal != 100 || !maps.Equal(cfg.RateLimits, map[string]settings.Rate{
		"read":        {Requests: 300, Window: time.Minute},
		"write":       {Requests: 60, Window: time.Minute},
		"session":     {Requests: 60, Window: time.Minute},
		"credentials": {Requests: 20, Window: time.Minute},
		"mail":        {Requests: 20, Window: time.Hour},
		"disclosing":  {Requests: 20, Window: time.Hour},
	}) {
		t.Errorf("limits: %+v", cfg)
	}
	if len(cfg.CORSOrigins) != 0 || len(cfg.TrustedProxies) != 0 || cfg.PostgresBin != "" {
		t.Errorf("lists are not empty: %+v", cfg)
	}
	if cfg.JWTSecret.Reveal() != randomHex || !strings.Contains(cfg.DatabaseURL.Reveal(), "3nDx8Qw") {
		t.Error("secrets were not read")
	}
}

func TestDefaultsOfDevelopment(t *testing.T) {
	t.Parallel()
	cfg := load(t, development(nil))
	if !cfg.DocsEnabled || cfg.ShutdownDelay != 0 || cfg.Debug || cfg.LogLevel != slog.LevelInfo {
		t.Errorf("got %+v", cfg)
	}
	off := load(t, development(map[string]string{"METRICS_ADDR": "off"}))
	if cfg.MetricsAddr != "127.0.0.1:0" || off.MetricsAddr != "" {
		t.Errorf("metrics are at %q, or if they are off at %q", cfg.MetricsAddr, off.MetricsAddr)
	}
	if cfg = load(t, development(map[string]string{"DEBUG": "true"})); cfg.LogLevel != slog.LevelDebug {
		t.Errorf("with DEBUG the level is %v", cfg.LogLevel)
	}
	cfg = load(t, development(map[string]string{"DEBUG": "true", "LOG_LEVEL": "warn"}))
	if cfg.LogLevel != slog.LevelWarn {
		t.Errorf("DEBUG overrides LOG_LEVEL: %v", cfg.LogLevel)
	}
	if cfg = load(t, development(map[string]string{"RATE_LIMIT_ENABLED": "false"})); cfg.RateLimitEnabled {
		t.Error("limits are still enabled")
	}
	if cfg = load(t, production(map[string]string{"ENVIRONMENT": "staging"})); !cfg.DocsEnabled {
		t.Error("staging hides the documentation")
	}
}

func TestListsAndNumbers(t *testing.T) {
	t.Parallel()
	cfg := load(t, production(map[string]string{
		"CORS_ORIGINS":    "https://a.example.com, http://localhost:3000",
		"TRUSTED_PROXIES": "10.0.0.0/8,192.0.2.7,2001:db8::1,::ffff:198.51.100.1",
		"PORT":            " 9000 ",
		"SHUTDOWN_DELAY":  "1m30s",
		"RATE_LIMIT_READ": " 1000000/1m30s ",
	}))
	if got := strings.Join(cfg.CORSOrigins, " "); got != "https://a.example.com http://localhost:3000" {
		t.Errorf("origins: %s", got)
	}
	want := []netip.Prefix{
		netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"),
		netip.MustParsePrefix("2001:db8::1/128"), netip.MustParsePrefix("198.51.100.1/32"),
	}
	for i, prefix := range want {
		if i >= len(cfg.TrustedProxies) || cfg.TrustedProxies[i] != prefix {
			t.Fatalf("proxies: got %v, want %v", cfg.TrustedProxies, want)
		}
	}
	if rate := cfg.RateLimits["read"]; rate != (settings.Rate{Requests: 1_000_000, Window: 90 * time.Second}) {
		t.Errorf("rate %+v", rate)
	}
	if cfg.Port != 9000 || cfg.ShutdownDelay != 90*time.Second {
		t.Errorf("port %d, delay %v", cfg.Port, cfg.ShutdownDelay)
	}
	cfg = load(t, production(map[string]string{"CORS_ORIGINS": `["https://a.example.com", "https://b.example.com"]`}))
	if got := strings.Join(cfg.CORSOrigins, " "); got != "https://a.example.com https://b.example.com" {
		t.Errorf("origins from JSON: %s", got)
	}
}

// The environment of the process is shared, so this test is not parallel.
func TestLoadReadsTheEnvironmentOfTheProcess(t *testing.T) {
	for name, text := range production(map[string]string{"PORT": "8123"}) {
		t.Setenv(name, text)
	}
	t.Setenv("APP_NAME", "")
	cfg, err := config.Load(config.Options{DotEnv: writeDotEnv(t, "PORT=1\n")})
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Port != 8123 || cfg.AppName != "Plinth" || cfg.JWTSecret.Reveal() != randomHex {
		t.Errorf("got %+v", cfg)
	}
}
