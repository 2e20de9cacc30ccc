package telemetry_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/plinth/kit/telemetry"
)

const jwt = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"

// line returns the members of one JSON line that log writes.
func line(t *testing.T, log func(*slog.Logger)) map[string]any {
	t.Helper()
	var out bytes.Buffer
	log(telemetry.NewLogger(&out, telemetry.LoggerOptions{}))
	var members map[string]any
	if err := json.Unmarshal(out.Bytes(), &members); err != nil {
		t.Fatalf("%v in %q", err, out.String())
	}
	return members
}

func TestLineIsJSONWithRequestIDAndTimeInUTC(t *testing.T) {
	t.Parallel()
	ctx := telemetry.WithRequestID(t.Context(), "req-1")
	zone := time.FixedZone("far away", 5*60*60)
	var out bytes.Buffer
	handler := telemetry.NewLogger(&out, telemetry.LoggerOptions{}).Handler()
	record := slog.NewRecord(time.Date(2030, 1, 2, 3, 4, 5, 0, zone), slog.LevelWarn, "pool exhausted", 0)
	record.AddAttrs(slog.Int("waiting", 3), slog.Duration("waited", time.Second))
	if err := handler.Handle(ctx, record); err != nil {
		t.Fatal(err)
	}
	want := `{"time":"2030-01-01T22:04:05Z","level":"WARN","msg":"pool exhausted","waiting":3,"waited":1000000000,` +
		`"request_id":"req-1"}` + "\n"
	if out.String() != want {
		t.Errorf("got  %swant %s", out.String(), want)
	}
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	if id := telemetry.RequestID(t.Context()); id != "" {
		t.Errorf("got %q from a context without one", id)
	}
	if id := telemetry.RequestID(telemetry.WithRequestID(t.Context(), "req-1")); id != "req-1" {
		t.Errorf("got %q", id)
	}
	members := line(t, func(l *slog.Logger) { l.InfoContext(t.Context(), "started") })
	if _, ok := members["request_id"]; ok {
		t.Error("a line without a request has a request id")
	}
}

func TestRequestIDStaysOutsideOfGroups(t *testing.T) {
	t.Parallel()
	ctx := telemetry.WithRequestID(t.Context(), "req-1")
	members := line(t, func(l *slog.Logger) {
		l = l.With(slog.String("service", "api")).WithGroup("db").With(slog.String("host", "h")).WithGroup("pool")
		l.InfoContext(ctx, "acquired", slog.Int("idle", 2))
	})
	want := map[string]any{
		"service": "api", "request_id": "req-1",
		"db": map[string]any{"host": "h", "pool": map[string]any{"idle": 2.0}},
	}
	for key, value := range want {
		got, _ := json.Marshal(members[key]) //nolint:errchkjson // it was just decoded from JSON
		expected, _ := json.Marshal(value)   //nolint:errchkjson // a literal
		if !bytes.Equal(got, expected) {
			t.Errorf("%s: got %s, want %s", key, got, expected)
		}
	}
}

func TestDerivedLoggersDoNotMix(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	base := telemetry.NewLogger(&out, telemetry.LoggerOptions{}).WithGroup("g").With(slog.Int("a", 1))
	base = base.With(slog.Int("aa", 1)) // leaves room in the slice of steps, so that sharing it would show
	first, second := base.With(slog.Int("b", 1)), base.With(slog.Int("c", 1))
	ctx := telemetry.WithRequestID(t.Context(), "req-1")
	first.InfoContext(ctx, "first")
	second.InfoContext(ctx, "second")
	for i, want := range []string{`"g":{"a":1,"aa":1,"b":1}`, `"g":{"a":1,"aa":1,"c":1}`} {
		if got := strings.Split(out.String(), "\n")[i]; !strings.Contains(got, want) {
			t.Errorf("want %s in %s", want, got)
		}
	}
}

func TestLevelAndFormat(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := telemetry.NewLogger(&out, telemetry.LoggerOptions{Level: slog.LevelWarn, Format: "text"})
	logger.InfoContext(t.Context(), "hidden")
	logger.With(slog.Int("n", 1)).WarnContext(t.Context(), "shown", slog.String("access_token", "canary"))
	got := out.String()
	if strings.Contains(got, "hidden") || !strings.Contains(got, `level=WARN msg=shown n=1 access_token=[redacted]`) {
		t.Errorf("got %s", got)
	}
}

type secretValuer struct{}

func (secretValuer) LogValue() slog.Value {
	return slog.GroupValue(slog.String("token", "canary"), slog.String("kind", "harmless"))
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

// canary returns an attribute whose value must not be logged.
func canary(key string) slog.Attr { return slog.String(key, "canary") }

func TestSecretsAreRedacted(t *testing.T) {
	t.Parallel()
	dsn := &url.URL{Scheme: "postgres", User: url.UserPassword("app", "canary"), Host: "db"}
	tests := map[string]slog.Attr{
		"password":            slog.String("password", "canary"),
		"password of many":    slog.Any("passwords", []string{"canary"}),
		"old password":        slog.String("current_password", "canary"),
		"refresh token":       slog.String("refresh_token", "canary"),
		"header":              canary("Authorization"),
		"header with a dash":  canary("Set-Cookie"),
		"camel case":          canary("accessToken"),
		"dotted":              canary("db.password"),
		"API key":             slog.String("api_key", "canary"),
		"bytes":               slog.Any("jwt_secret", []byte("canary")),
		"group by its key":    slog.Group("credentials", slog.String("user", "canary")),
		"inside a group":      slog.Group("request", slog.Group("body", slog.String("token", "canary"))),
		"valuer":              slog.Any("session", secretValuer{}),
		"headers":             slog.Any("headers", http.Header{"X": {"canary"}}),
		"form":                slog.Any("form", url.Values{"x": {"canary"}}),
		"URL with password":   slog.String("database_url", "postgres://app:canary@db/plinth"),
		"parsed URL":          slog.Any("database_url", dsn),
		"error with URL":      slog.Any("error", errors.New(`dial "redis://:canary@cache:6379/0": refused`)),
		"error with pairs":    slog.Any("error", errors.New("host=db user=app password=canary sslmode=disable")),
		"bearer in a text":    slog.String("detail", "got Bearer canary0123456789abcdef"),
		"JWT in a text":       slog.String("detail", strings.Replace(jwt, "c2ln", "canary", 1)),
		"a token of a mail":   slog.String("detail", "ot_canary0123456789abcdefghij is used up"),
		"our token in a text": slog.String("detail", "rt_canary0123456789abcdefghij is used up"),
		"e-mail in a text":    slog.Any("error", errors.New("no user canary@example.com")),
	}
	for name, attr := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, format := range []string{"json", "text"} {
				var out bytes.Buffer
				logger := telemetry.NewLogger(&out, telemetry.LoggerOptions{Format: format})
				logger.LogAttrs(t.Context(), slog.LevelInfo, "in the record", slog.Int("n", 1), attr, slog.Int("m", 2))
				logger.With(attr).InfoContext(t.Context(), "in the logger")
				if strings.Contains(out.String(), "canary") || strings.Count(out.String(), "[redacted]") < 2 {
					t.Errorf("got %s", out.String())
				}
				if !strings.Contains(out.String(), "n") || !strings.Contains(out.String(), "m") {
					t.Errorf("other attributes are lost: %s", out.String())
				}
			}
		})
	}
}

func TestHarmlessAttributesAreKept(t *testing.T) {
	t.Parallel()
	members := line(t, func(l *slog.Logger) {
		l.LogAttrs(t.Context(), slog.LevelInfo, "kept",
			slog.Int("tokens_purged", 12),
			slog.Duration("token_age", time.Second),
			slog.Bool("password_changed", true),
			slog.Int("password_hash_memory_kib", 19456),
			slog.String("tokenizer", "fast"),
			slog.String("key", "users_email_key"),
			slog.String("password", ""),
			slog.String("path", "/api/v1/users/01HZX8Q0M8Z5J9V1KX3W2N4P6R?limit=10"),
			slog.String("url", "https://example.com/a?b=c"),
			slog.Any("error", errors.New("parsing token: unexpected end of JSON input")),
			slog.Any("list", []int{1, 2}),
			slog.Any("nothing", nil),
			slog.Any("token", nil),
		)
	})
	want := map[string]any{
		"tokens_purged": 12.0, "token_age": 1e9, "password_changed": true, "password_hash_memory_kib": 19456.0,
		"tokenizer": "fast", "key": "users_email_key", "password": "",
		"path": "/api/v1/users/01HZX8Q0M8Z5J9V1KX3W2N4P6R?limit=10", "url": "https://example.com/a?b=c",
		"error": "parsing token: unexpected end of JSON input", "nothing": nil, "token": nil,
	}
	for key, value := range want {
		if members[key] != value {
			t.Errorf("%s: got %v, want %v", key, members[key], value)
		}
	}
}

func TestNilErrorsDoNotPanic(t *testing.T) {
	t.Parallel()
	var broken *nilError
	var noURL *url.URL
	members := line(t, func(l *slog.Logger) {
		l.InfoContext(t.Context(), "survives", slog.Any("error", broken), slog.Any("url", noURL))
	})
	if members["msg"] != "survives" {
		t.Errorf("got %v", members)
	}
}

// BenchmarkLogger compares an access line with plain slog.
func BenchmarkLogger(b *testing.B) {
	ctx := telemetry.WithRequestID(b.Context(), "01HZX8Q0M8Z5J9V1KX3W2N4P6R")
	out := io.Discard
	for name, logger := range map[string]*slog.Logger{
		"ours":  telemetry.NewLogger(out, telemetry.LoggerOptions{}),
		"plain": slog.New(slog.NewJSONHandler(out, nil)),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				logger.LogAttrs(ctx, slog.LevelInfo, "request", slog.String("method", "GET"),
					slog.String("path", "/api/v1/users/01HZX8Q0M8Z5J9V1KX3W2N4P6R"), slog.Int("status", 200),
					slog.Duration("duration", time.Millisecond), slog.String("operation", "getUser"))
			}
		})
	}
}
