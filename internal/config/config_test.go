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
)

const randomHex = "6f1c0e9ab27d4835f0a9d3c47b8e2165"

// production returns the least that a production service needs, changed by overrides.
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

// problems returns what is wrong with environ, by setting.
func problems(t *testing.T, environ map[string]string, opts config.Options) map[string]string {
	t.Helper()
	_, err := config.LoadFrom(environ, opts)
	return problemsOf(t, err)
}

func problemsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err == nil {
		return found
	}
	invalid, ok := err.(*config.Error) //nolint:errorlint // LoadFrom promises this very type, unwrapped
	if !ok {
		t.Fatalf("got a %T, want a *config.Error: %v", err, err)
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
		cfg.SessionRetention != 7*24*time.Hour || cfg.AuditRetention != 400*24*time.Hour {
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
	if !cfg.RateLimitEnabled || cfg.LoginFailuresPerAccount != 5 || cfg.LoginFailuresPerAddress != 50 || cfg.LoginFailuresPerAccountTotal != 100 ||
		!maps.Equal(cfg.RateLimits, map[string]config.Rate{
			"read": {300, time.Minute}, "write": {60, time.Minute}, "session": {60, time.Minute},
			"credentials": {20, time.Minute}, "disclosing": {20, time.Hour},
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
	if off := load(t, development(map[string]string{"METRICS_ADDR": "off"})); cfg.MetricsAddr != "127.0.0.1:0" || off.MetricsAddr != "" {
		t.Errorf("metrics are at %q, or if they are off at %q", cfg.MetricsAddr, off.MetricsAddr)
	}
	if cfg = load(t, development(map[string]string{"DEBUG": "true"})); cfg.LogLevel != slog.LevelDebug {
		t.Errorf("DEBUG hides its own lines at level %v", cfg.LogLevel)
	}
	if cfg = load(t, development(map[string]string{"DEBUG": "true", "LOG_LEVEL": "warn"})); cfg.LogLevel != slog.LevelWarn {
		t.Errorf("LOG_LEVEL lost against DEBUG: %v", cfg.LogLevel)
	}
	if cfg = load(t, development(map[string]string{"RATE_LIMIT_ENABLED": "false"})); cfg.RateLimitEnabled {
		t.Error("limits stay on")
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
	if rate := cfg.RateLimits["read"]; rate != (config.Rate{Requests: 1_000_000, Window: 90 * time.Second}) {
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

// The process's environment is shared, so this test is the only one that sets it, and it is not parallel.
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

func TestPrecedence(t *testing.T) {
	t.Parallel()
	opts := config.Options{
		DotEnv: writeDotEnv(t, "PORT=1002\nAPP_NAME='From $file # 1'\nJWT_ISSUER=file\nJWT_AUDIENCE=\n"),
		Fallbacks: map[string]string{
			"ENVIRONMENT": "development", "PORT": "1003", "APP_NAME": "program", "JWT_ISSUER": "program",
			"JWT_AUDIENCE": "program", "HOST": "::1",
		},
	}
	cfg, err := config.LoadFrom(map[string]string{
		"DATABASE_URL": "postgres://localhost/plinth", "JWT_SECRET": randomHex, "PORT": "1001", "JWT_ISSUER": "",
	}, opts)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]config.Setting{
		"PORT":         {Value: "1001", Source: config.SourceEnvironment},
		"APP_NAME":     {Value: "From $file # 1", Source: config.SourceDotEnv},
		"JWT_ISSUER":   {Value: "program", Source: config.SourceProgram}, // empty in the environment hides the file
		"JWT_AUDIENCE": {Value: "program", Source: config.SourceProgram}, // empty in the file counts as none
		"HOST":         {Value: "::1", Source: config.SourceProgram},
		"LOG_FORMAT":   {Value: "json", Source: config.SourceDefault},
	}
	for _, got := range cfg.Settings() {
		if w, ok := want[got.Name]; ok && (got.Value != w.Value || got.Source != w.Source) {
			t.Errorf("%s: got %q from %s, want %q from %s", got.Name, got.Value, got.Source, w.Value, w.Source)
		}
	}
	if cfg.Port != 1001 || cfg.JWTIssuer != "program" || cfg.Host != "::1" {
		t.Errorf("settings and fields differ: %+v", cfg)
	}
}

func TestForgottenEnvironmentIsProduction(t *testing.T) {
	t.Parallel()
	path := writeDotEnv(t, "ENVIRONMENT=development\nJWT_SECRET=changeme-changeme-changeme-changeme\n")
	environ := map[string]string{"DEBUG": "true", "CORS_ORIGINS": "*"}
	_, err := config.LoadFrom(environ, config.Options{DotEnv: path})
	found := problemsOf(t, err)
	for _, name := range []string{"DEBUG", "CORS_ORIGINS", "JWT_SECRET", "DATABASE_URL"} {
		if found[name] == "" {
			t.Errorf("%s was not refused: %v", name, found)
		}
	}
	if !strings.Contains(err.Error(), path+" was not read") {
		t.Errorf("no hint that the file was not read: %v", err)
	}
}

func TestDotEnvCannotLeaveDevelopment(t *testing.T) {
	t.Parallel()
	opts := config.Options{DotEnv: writeDotEnv(t, "ENVIRONMENT=production\n")}
	if found := problems(t, development(nil), opts); !strings.Contains(found["ENVIRONMENT"], "read in development only") {
		t.Errorf("got %v", found)
	}
}

func TestDotEnvMayBeMissing(t *testing.T) {
	t.Parallel()
	_, err := config.LoadFrom(development(nil), config.Options{DotEnv: filepath.Join(t.TempDir(), ".env")})
	if err != nil {
		t.Error(err)
	}
}

func TestDotEnvThatCannotBeReadIsAnError(t *testing.T) {
	t.Parallel()
	if _, err := config.LoadFrom(development(nil), config.Options{DotEnv: t.TempDir()}); err == nil {
		t.Error("a folder was taken for a file")
	}
}

func TestMalformedDotEnvNamesTheLine(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		line string
	}{
		"no equals sign":              {"PORT=1\n# comment\nhunter2hunter2\nHOST=::1\n", "line 3"},
		"no equals sign at the end":   {"PORT=1\nhunter2hunter2", "line 2"},
		"a space in the name":         {"PORT=1\nJWT SECRET=hunter2hunter2\nHOST=::1\n", "line 2"},
		"an open quote":               {"PORT=1\n\nJWT_SECRET=\"hunter2hunter2\nHOST=::1\n", "line 3"},
		"a strange name":              {"hunter2-hunter2=1\n", "line 1"},
		"after a value of many lines": {"APP_NAME=\"a\nb\nc\"\nhunter2 hidden\nPORT=1\n", "line 4"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := config.LoadFrom(development(nil), config.Options{DotEnv: writeDotEnv(t, tt.text)})
			if err == nil || !strings.Contains(err.Error(), ".env "+tt.line+":") {
				t.Errorf("want %s, got %v", tt.line, err)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the file is quoted: %v", err)
			}
		})
	}
}

func TestOptionalSettingsMayBeMissing(t *testing.T) {
	t.Parallel()
	environ := map[string]string{"DATABASE_URL": "postgres://localhost/plinth"}
	cfg, err := config.LoadFrom(environ, config.Options{Optional: []string{"JWT_SECRET"}})
	if err != nil || cfg.JWTSecret.IsSet() {
		t.Errorf("got %v, %v", cfg.JWTSecret, err)
	}
	found := problems(t, map[string]string{}, config.Options{Optional: []string{"DATABASE_URL"}})
	if len(found) != 1 || found["JWT_SECRET"] == "" {
		t.Errorf("want only JWT_SECRET to be missing, got %v", found)
	}
}

func TestUnknownFallbackIsAnError(t *testing.T) {
	t.Parallel()
	_, err := config.LoadFrom(development(nil), config.Options{Fallbacks: map[string]string{"PROT": "1"}})
	if err == nil || !strings.Contains(err.Error(), "PROT") {
		t.Errorf("got %v", err)
	}
}
