package settings_test

import (
	"log/slog"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/settings"
)

// table has a row of each kind.
type table struct {
	// The name.
	AppName     string               `envconfig:"APP_NAME" default:"Plinth" range:"1..100" section:"Application"`
	Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production" oneof:"development staging production"`
	Host        string               `envconfig:"HOST" default:"127.0.0.1" kind:"host"`
	Port        int                  `envconfig:"PORT" default:"8000" range:"0..65535"`
	MetricsAddr string               `envconfig:"METRICS_ADDR" default:"off" kind:"address"`

	DatabaseURL        settings.URL `envconfig:"DATABASE_URL" required:"true" kind:"postgres"`
	MigrateDatabaseURL settings.URL `envconfig:"MIGRATE_DATABASE_URL" kind:"postgres"`
	RedisURL           settings.URL `envconfig:"REDIS_URL" kind:"redis"`
	SentryDSN          settings.URL `envconfig:"SENTRY_DSN" kind:"dsn"`
	Mirror             settings.URL `envconfig:"MIRROR" kind:"http"`
	Endpoint           settings.URL `envconfig:"OTLP_ENDPOINT" kind:"endpoint"`
	MailURL            settings.URL `envconfig:"MAIL_URL" kind:"smtp"`
	AppURL             settings.URL `envconfig:"APP_URL" kind:"site"`

	JWTSecret    settings.Secret `envconfig:"JWT_SECRET" required_if:"JWT_ALGORITHM=HS256" kind:"key"`
	JWTAlgorithm string          `envconfig:"JWT_ALGORITHM" default:"HS256" oneof:"HS256 EdDSA"`
	JWTKeysFile  string          `envconfig:"JWT_KEYS_FILE" required_if:"JWT_ALGORITHM!=HS256" kind:"path"`
	JWTIssuer    string          `envconfig:"JWT_ISSUER" default:"plinth"`
	JWTAudience  string          `envconfig:"JWT_AUDIENCE" default:"plinth"`
	MailPassword settings.Secret `envconfig:"MAIL_PASSWORD"`

	MailFrom settings.Mailbox `envconfig:"MAIL_FROM"`

	SessionTTL     time.Duration  `envconfig:"SESSION_EXPIRE_DAYS" default:"30" range:"1..365" unit:"24h"`
	ShutdownDelay  time.Duration  `envconfig:"SHUTDOWN_DELAY" default:"5s" development:"0s" range:"0s..5m"`
	Retention      int            `envconfig:"RETENTION" default:"90" range:"90.."`
	Threads        uint8          `envconfig:"THREADS" default:"1"`
	Nice           int8           `envconfig:"NICE" default:"0"`
	SampleRate     float64        `envconfig:"SAMPLE_RATE" default:"0.1" range:"0..1"`
	RateLimitRead  settings.Rate  `envconfig:"RATE_LIMIT_READ" default:"300/1m"`
	RateLimitWrite settings.Rate  `envconfig:"RATE_LIMIT_WRITE" default:"60/1m"`
	CORSOrigins    []string       `envconfig:"CORS_ORIGINS" kind:"origins"`
	TrustedProxies []netip.Prefix `envconfig:"TRUSTED_PROXIES"`
	LogLevel       slog.Level     `envconfig:"LOG_LEVEL" default:"info" oneof:"debug info warn error"`
	LogFormat      string         `envconfig:"LOG_FORMAT" default:"json" oneof:"json text"`
	DocsEnabled    bool           `envconfig:"DOCS_ENABLED" default:"true" production:"false"`

	Tracing struct {
		Attributes map[string]string          `envconfig:"ATTRIBUTES"`
		Headers    map[string]settings.Secret `envconfig:"HEADERS"`
	}

	settings.Report
}

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

// loadFrom does what a program does: read, and report.
func loadFrom(environ map[string]string, opts settings.Options) (table, error) {
	var read table
	opts.Guessable, opts.Foreign = []string{"gondwana", "plinth"}, []string{"COMPOSE_", "PG", "POSTGRES_", "REDIS_URI"}
	r, err := settings.Read(&read, environ, opts)
	if err != nil {
		return table{}, err
	}
	read.Report, err = r.Report()
	return read, err
}

func load(t *testing.T, environ map[string]string) table {
	t.Helper()
	read, err := loadFrom(environ, settings.Options{})
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return read
}

// problems returns the problems of environ by setting.
func problems(t *testing.T, environ map[string]string, opts settings.Options) map[string]string {
	t.Helper()
	_, err := loadFrom(environ, opts)
	return problemsOf(t, err)
}

func problemsOf(t *testing.T, err error) map[string]string {
	t.Helper()
	found := map[string]string{}
	if err == nil {
		return found
	}
	invalid, ok := err.(*settings.Error) //nolint:errorlint // Read promises this type, unwrapped
	if !ok {
		t.Fatalf("got a %T, want a *settings.Error: %v", err, err)
	}
	for _, p := range invalid.Problems {
		found[p.Name] += p.Detail
	}
	return found
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func writeDotEnv(t *testing.T, text string) string {
	t.Helper()
	return writeFile(t, ".env", text)
}

// wantWarning checks that there is one warning, none if want is empty, and that it is printed
// without a secret.
func wantWarning(t *testing.T, read table, name, want string) {
	t.Helper()
	warnings := read.Warnings()
	if want == "" {
		if len(warnings) > 0 {
			t.Errorf("%s: unexpected warnings %v", read.Environment, warnings)
		}
		return
	}
	if len(warnings) != 1 || warnings[0].Name != name || !strings.Contains(warnings[0].Detail, want) {
		t.Fatalf("warnings %v, want one about %s that says %q", warnings, name, want)
	}
	var out strings.Builder
	if err := read.Print(&out); err != nil || !strings.Contains(out.String(), "# WARNING "+name+": ") {
		t.Errorf("it is not printed (%v):\n%s", err, &out)
	}
	if strings.Contains(out.String(), "Zq8rT2x") || strings.Contains(out.String(), "k7Gz") {
		t.Errorf("a password is printed:\n%s", &out)
	}
}
