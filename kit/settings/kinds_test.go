package settings_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/settings"
)

func TestWrongValue(t *testing.T) {
	t.Parallel()
	random := "qP0/Zr3k+8Jx1mVt6sYw9cUe2hNb5gAo"
	tests := []struct {
		name, text, want string // want is part of the detail
	}{
		{"HOST", "localhost:80", "without a port"},
		{"HOST", "::g", "must be an IP address"},
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
		{"REDIS_URL", "localhost:6379", "redis://"},
		{"REDIS_URL", "redis://", "redis://"},
		{"REDIS_URL", "redis://h:0/0", "redis://"},
		{"REDIS_URL", "redis://h/zero", "redis://"},
		{"REDIS_URL", "redis://:redis@h/0", "placeholder"},
		{"JWT_SECRET", "", "is required"},
		{"JWT_SECRET", random[1:], "at least 32 bytes, got 31"},
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
		{"JWT_ALGORITHM", "hs256", "must be one of HS256, EdDSA"},
		{"RATE_LIMIT_READ", "1m/300", "such as 300/1m"},
		{"RATE_LIMIT_READ", "300/", "such as 300/1m"},
		{"RATE_LIMIT_READ", "300/m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "-1/1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "+1/1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/0s", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/-1m", "such as 300/1m"},
		{"RATE_LIMIT_READ", "1/1500ms", "whole seconds"},
		{"RATE_LIMIT_READ", "300/1m/1m", `got "300/1m/1m"`},
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
		{"TRUSTED_PROXIES", "0.0.0.0/0", "every client"},
		{"TRUSTED_PROXIES", "::/0", "every client"},
		{"TRUSTED_PROXIES", "0.0.0.0/1,128.0.0.0/1", "every client"},
		{"TRUSTED_PROXIES", "16.0.0.0/5, 32.0.0.0/5", "IPv4"},
		{"TRUSTED_PROXIES", "2000::/3", "IPv6"},
		{"SENTRY_DSN", "https://host/1", "must be a DSN"},
		{"SENTRY_DSN", "https://key@host/", "must be a DSN"},
		{"SENTRY_DSN", "https://key@/1", "must be a DSN"},
		{"SENTRY_DSN", "key@host/1", "must be a DSN"},
		{"SHUTDOWN_DELAY", "-1s", "from 0s to 5m"},
		{"SHUTDOWN_DELAY", "301s", "from 0s to 5m"},
		{"LOG_FORMAT", "postgres://a:canary@b", "[redacted]"},
		{"SAMPLE_RATE", "1.1", "must be a number from 0 to 1"},
		{"SAMPLE_RATE", "-0.1", "must be a number from 0 to 1"},
		{"SAMPLE_RATE", "NaN", "must be a number from 0 to 1"},
		{"PORT", "0x10", `must be a whole number from 0 to 65535, got "0x10"`},
		{"RETENTION", "89", `must be a whole number of at least 90, got "89"`},
		{"NICE", "-129", "must be a whole number"},
		{"DATABASE_URL", "postgres://a\nb", "line break"},
		{"JWT_SECRET", "gondwana-8Jx1mVt6s-gondwana-9cUe2hN", "not random"},
		{"THREADS", "256", "must be a whole number"},
		{"THREADS", "-1", "must be a whole number"},
		{"SESSION_EXPIRE_DAYS", "7.5", "must be a whole number from 1 to 365"},
		{"APP_NAME", strings.Repeat("x", 101), "must be 1 to 100 characters"},
		{"JWT_KEYS_FILE", "a\nb", "line break"},
		{"DOCS_ENABLED", "ja", `must be true or false, got "ja"`},
		{"LOG_LEVEL", "trace", "must be one of debug, info, warn, error"},
		{"METRICS_ADDR", "9464", "an address with a port"},
		{"MIRROR", "ftp://x", "must be an HTTP URL"},
		{"OTLP_ENDPOINT", "collector:4318", "must be an HTTP URL without credentials"},
		{"OTLP_ENDPOINT", "https://user:canary@collector", "must be an HTTP URL without credentials"},
		{"OTLP_ENDPOINT", "https://collector?a=b", "must be an HTTP URL without credentials"},
		{"MAIL_URL", "http://user:canary@mail.example.com", "must be a percent-encoded URL such as smtp://"},
		{"MAIL_URL", "smtp://user:canary@mail.example.com:0", "such as smtp://"},
		{"MAIL_URL", "smtp://user:canary@mail.example.com/inbox", "such as smtp://"},
		{"MAIL_URL", "smtp://mail.example.com?tls=canary", "such as smtp://"},
		{"MAIL_URL", "smtp://user:password@mail.example.com", "placeholder"},
		{"MAIL_FROM", "no-reply", "must be an e-mail address such as no-reply@example.com"},
		{"MAIL_FROM", "a@example.com, b@example.com", "must be an e-mail address"},
		{"APP_URL", "app.example.com", "must be an HTTPS URL"},
		{"APP_URL", "http://app.example.com", "unencrypted"},
		{"APP_URL", "https://user:canary@app.example.com", "without credentials"},
		{"APP_URL", "https://app.example.com/#/", "without credentials and parameters"},
		{"ATTRIBUTES", "canary", "must be key=value pairs"},
		{"HEADERS", "x=%zz-canary", "must be key=value pairs"},
		{"MAIL_PASSWORD", "hunter2 ", "white space"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			_, err := loadFrom(production(map[string]string{tt.name: tt.text}), settings.Options{})
			invalid, ok := errors.AsType[*settings.Error](err)
			if !ok || len(invalid.Problems) != 1 || invalid.Problems[0].Name != tt.name ||
				!strings.Contains(invalid.Problems[0].Detail, tt.want) {
				t.Errorf("want one problem with %s saying %q, got %v", tt.name, tt.want, err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("a secret is printed: %v", err)
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
		{"SAMPLE_RATE", "0"},
		{"SAMPLE_RATE", "1"},
		{"RETENTION", "1000000"},
		{"HEADERS", "api-key=a%2Cb, empty="},
		{"MIRROR", "https://user:pw@maven.example.com/maven2"},
		{"OTLP_ENDPOINT", "http://collector:4318/otlp"},
		{"MAIL_URL", "smtp://user%40example.com:k7Gz%2F@mail.example.com"},
		{"MAIL_URL", "smtps://[2001:db8::1]:2465/"},
		{"MAIL_FROM", "no-reply@example.com"},
		{"MAIL_FROM", `"Ada, the first" <ada@example.com>`},
		{"APP_URL", "https://example.com/app"},
		{"APP_URL", "http://localhost:5173"},
		{"MAIL_PASSWORD", "hunter2"},
		{"METRICS_ADDR", "off"},
		{"METRICS_ADDR", ":9464"},
		{"METRICS_ADDR", "[::1]:0"},
		{"DOCS_ENABLED", "1"},
	}
	for _, tt := range tests {
		t.Run(tt.name+"="+tt.text, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, production(map[string]string{tt.name: tt.text}), settings.Options{}); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestRandomKeysAreAccepted(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{1})
	for range 1000 {
		key := make([]byte, 32)
		_, _ = random.Read(key) // cannot fail
		for _, text := range []string{hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key)} {
			if found := problems(t, production(map[string]string{"JWT_SECRET": text}), settings.Options{}); len(found) > 0 {
				t.Errorf("%s: %v", text, found)
			}
		}
	}
}

func TestDevelopmentAccepts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"DATABASE_URL":    "postgres://postgres:postgres@localhost/app",
		"REDIS_URL":       "redis://:redis@localhost/0",
		"JWT_SECRET":      strings.Repeat("change-me-", 4),
		"CORS_ORIGINS":    "*",
		"TRUSTED_PROXIES": "0.0.0.0/0",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, development(map[string]string{name: text}), settings.Options{}); len(found) > 0 {
				t.Errorf("refused: %v", found)
			}
		})
	}
}

func TestDevelopmentRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"JWT_SECRET": "short", "CORS_ORIGINS": "*,https://a.com", "SAMPLE_RATE": "2",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if found := problems(t, development(map[string]string{name: text}), settings.Options{}); len(found) != 1 {
				t.Errorf("want one problem, got %v", found)
			}
		})
	}
}

func TestUnknownEnvironmentIsAsStrictAsProduction(t *testing.T) {
	t.Parallel()
	environ := production(map[string]string{"ENVIRONMENT": "Development", "CORS_ORIGINS": "*"})
	if found := problems(t, environ, settings.Options{}); len(found) != 2 {
		t.Errorf("want two problems, got %v", found)
	}
}

func TestDefaultOfTheEnvironment(t *testing.T) {
	t.Parallel()
	if read := load(t, production(nil)); read.DocsEnabled || read.ShutdownDelay != 5*time.Second {
		t.Errorf("production: %v, %v", read.DocsEnabled, read.ShutdownDelay)
	}
	if read := load(t, development(nil)); !read.DocsEnabled || read.ShutdownDelay != 0 {
		t.Errorf("development: %v, %v", read.DocsEnabled, read.ShutdownDelay)
	}
}

func TestConditionalRequirement(t *testing.T) {
	t.Parallel()
	environ := production(map[string]string{"JWT_ALGORITHM": "EdDSA", "JWT_SECRET": ""})
	want := "is required with JWT_ALGORITHM=EdDSA: set it to a path"
	if found := problems(t, environ, settings.Options{}); len(found) != 1 || found["JWT_KEYS_FILE"] != want {
		t.Errorf("got %v", found)
	}
	environ["JWT_KEYS_FILE"] = "/etc/keys.json"
	load(t, environ)
}

// color is a kind of the program.
type color struct{ hex string }

func (*color) Values() string { return "a color such as #ff0000" }

func (c *color) Decode(text string) error {
	c.hex = text
	if !strings.HasPrefix(text, "#") {
		return errors.New("canary")
	}
	return nil
}

func TestKindOfTheProgram(t *testing.T) {
	t.Parallel()
	var colors struct {
		Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production"`
		Color       color                `envconfig:"COLOR"`
	}
	for text, want := range map[string]string{
		"#00ff00": "", "green": "invalid configuration:\n  COLOR: must be a color such as #ff0000, got \"green\"",
	} {
		r, err := settings.Read(&colors, map[string]string{"COLOR": text}, settings.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Report(); colors.Color.hex != text || (err != nil || want != "") && err.Error() != want {
			t.Errorf("%s: %v, %v", text, colors.Color, err)
		}
	}
}

func TestMistakesInTheTable(t *testing.T) {
	t.Parallel()
	type environment struct {
		Environment settings.Environment `envconfig:"ENVIRONMENT" default:"production"`
	}
	for want, table := range map[string]any{
		"pointer to a struct": environment{},
		"must have the row":   &struct{}{},
		"row A of the settings: the name is used twice": &struct {
			environment
			A string `envconfig:"A"`
			B string `envconfig:"A"`
		}{},
		"there is no kind nonsense": &struct {
			environment
			A string `envconfig:"A" kind:"nonsense"`
		}{},
		"the field is not exported": &struct {
			environment
			a string `envconfig:"A"` //nolint:revive // struct-tag: it is the mistake
		}{},
		"there is no kind for the type chan int": &struct {
			environment
			A chan int `envconfig:"A"`
		}{},
		"required_if names no row": &struct {
			environment
			A string `envconfig:"A" required_if:"B!=x"`
		}{},
		"a URL needs a kind": &struct {
			environment
			A settings.URL `envconfig:"A"`
		}{},
	} {
		if _, err := settings.Read(table, nil, settings.Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error about %q", err, want)
		}
	}
}

func TestProblemsHaveTheOrderOfTheTable(t *testing.T) {
	t.Parallel()
	_, err := loadFrom(map[string]string{"LOG_FORMAT": "a\nb", "PORT": "x", "HEADERS": "y"}, settings.Options{})
	invalid, ok := errors.AsType[*settings.Error](err)
	if !ok {
		t.Fatal(err)
	}
	var names []string
	for _, problem := range invalid.Problems {
		names = append(names, problem.Name)
	}
	if got := strings.Join(names, " "); got != "PORT DATABASE_URL JWT_SECRET LOG_FORMAT HEADERS" {
		t.Errorf("got %s", got)
	}
}

func TestSecretRows(t *testing.T) {
	t.Parallel()
	rows, err := settings.Rows(new(table))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, row := range rows {
		if row.Secret {
			names = append(names, row.Name)
		}
	}
	want := "DATABASE_URL MIGRATE_DATABASE_URL REDIS_URL SENTRY_DSN MIRROR MAIL_URL JWT_SECRET MAIL_PASSWORD HEADERS"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
