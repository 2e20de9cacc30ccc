package settings

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// variables is what envconfig fills. Every field is text, because envconfig stops at the first value that it cannot
// convert and prints that value, secrets included. A nil field is a variable that is not set.
//
// The tag "or" holds the default. The tag "print" says how a value is shown: "never", "url" (without its credentials),
// "pairs" (without the values) or, if absent, as it is. The order is that of the printed settings.
type variables struct {
	AppName     *string `envconfig:"APP_NAME" or:"Plinth"`
	Environment *string `envconfig:"ENVIRONMENT" or:"production"`
	Debug       *string `envconfig:"DEBUG" or:"false"`

	Host           *string `envconfig:"HOST" or:"127.0.0.1"`
	Port           *string `envconfig:"PORT" or:"8000"`
	MaxConnections *string `envconfig:"MAX_CONNECTIONS" or:"2048"`

	DatabaseURL         *string `envconfig:"DATABASE_URL" print:"url"`
	MigrateDatabaseURL  *string `envconfig:"MIGRATE_DATABASE_URL" print:"url"`
	DatabasePooler      *string `envconfig:"DATABASE_POOLER" or:"none"`
	DatabasePoolSize    *string `envconfig:"DATABASE_POOL_SIZE" or:"5"`
	DatabaseMaxOverflow *string `envconfig:"DATABASE_MAX_OVERFLOW" or:"10"`
	RedisURL            *string `envconfig:"REDIS_URL" print:"url"`

	JWTSecret    *string `envconfig:"JWT_SECRET" print:"never"`
	JWTAlgorithm *string `envconfig:"JWT_ALGORITHM" or:"HS256"`
	JWTKeysFile  *string `envconfig:"JWT_KEYS_FILE"`
	JWTIssuer    *string `envconfig:"JWT_ISSUER" or:"plinth"`
	JWTAudience  *string `envconfig:"JWT_AUDIENCE" or:"plinth"`

	AccessTokenExpireMinutes *string `envconfig:"ACCESS_TOKEN_EXPIRE_MINUTES" or:"15"`
	RefreshTokenExpireDays   *string `envconfig:"REFRESH_TOKEN_EXPIRE_DAYS" or:"7"`
	SessionExpireDays        *string `envconfig:"SESSION_EXPIRE_DAYS" or:"30"`
	RefreshGraceSeconds      *string `envconfig:"REFRESH_GRACE_SECONDS" or:"10"`
	MaxSessionsPerUser       *string `envconfig:"MAX_SESSIONS_PER_USER" or:"20"`
	SessionRetentionDays     *string `envconfig:"SESSION_RETENTION_DAYS" or:"7"`
	AuditRetentionDays       *string `envconfig:"AUDIT_RETENTION_DAYS" or:"400"`

	PasswordMinLength       *string `envconfig:"PASSWORD_MIN_LENGTH" or:"15"`
	PasswordHashMemoryKiB   *string `envconfig:"PASSWORD_HASH_MEMORY_KIB" or:"19456"`
	PasswordHashIterations  *string `envconfig:"PASSWORD_HASH_ITERATIONS" or:"2"`
	PasswordHashParallelism *string `envconfig:"PASSWORD_HASH_PARALLELISM" or:"1"`

	RateLimitEnabled             *string `envconfig:"RATE_LIMIT_ENABLED" or:"true"`
	RateLimitRead                *string `envconfig:"RATE_LIMIT_READ" or:"300/1m"`
	RateLimitWrite               *string `envconfig:"RATE_LIMIT_WRITE" or:"60/1m"`
	RateLimitSession             *string `envconfig:"RATE_LIMIT_SESSION" or:"60/1m"`
	RateLimitCredentials         *string `envconfig:"RATE_LIMIT_CREDENTIALS" or:"20/1m"`
	RateLimitDisclosing          *string `envconfig:"RATE_LIMIT_DISCLOSING" or:"20/1h"`
	LoginFailuresPerAccount      *string `envconfig:"LOGIN_FAILURES_PER_ACCOUNT" or:"5"`
	LoginFailuresPerAddress      *string `envconfig:"LOGIN_FAILURES_PER_ADDRESS" or:"50"`
	LoginFailuresPerAccountTotal *string `envconfig:"LOGIN_FAILURES_PER_ACCOUNT_TOTAL" or:"100"`

	CORSOrigins    *string `envconfig:"CORS_ORIGINS"`
	TrustedProxies *string `envconfig:"TRUSTED_PROXIES"`

	LogLevel  *string `envconfig:"LOG_LEVEL"`
	LogFormat *string `envconfig:"LOG_FORMAT" or:"json"`

	SentryDSN              *string `envconfig:"SENTRY_DSN" print:"url"`
	SentryTracesSampleRate *string `envconfig:"SENTRY_TRACES_SAMPLE_RATE" or:"0.1"`

	OtelSDKDisabled        *string `envconfig:"OTEL_SDK_DISABLED" or:"false"`
	OtelServiceName        *string `envconfig:"OTEL_SERVICE_NAME"`
	OtelResourceAttributes *string `envconfig:"OTEL_RESOURCE_ATTRIBUTES" print:"pairs"`
	OtelTracesExporter     *string `envconfig:"OTEL_TRACES_EXPORTER"`
	OtelEndpoint           *string `envconfig:"OTEL_EXPORTER_OTLP_ENDPOINT" print:"url"`
	OtelTracesEndpoint     *string `envconfig:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT" print:"url"`
	OtelProtocol           *string `envconfig:"OTEL_EXPORTER_OTLP_PROTOCOL" or:"http/protobuf"`
	OtelTracesProtocol     *string `envconfig:"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"`
	OtelHeaders            *string `envconfig:"OTEL_EXPORTER_OTLP_HEADERS" print:"never"`
	OtelTracesHeaders      *string `envconfig:"OTEL_EXPORTER_OTLP_TRACES_HEADERS" print:"never"`
	OtelTracesSampler      *string `envconfig:"OTEL_TRACES_SAMPLER" or:"parentbased_always_on"`
	OtelTracesSamplerArg   *string `envconfig:"OTEL_TRACES_SAMPLER_ARG" or:"1"`

	MetricsAddr   *string `envconfig:"METRICS_ADDR"`
	DebugAddr     *string `envconfig:"DEBUG_ADDR" or:"off"`
	DocsEnabled   *string `envconfig:"DOCS_ENABLED"`
	ShutdownDelay *string `envconfig:"SHUTDOWN_DELAY"`

	PostgresBin    *string `envconfig:"POSTGRES_BIN"`
	PostgresMirror *string `envconfig:"POSTGRES_MIRROR" print:"url"`
}

// value is the text of one setting, where it came from and how it may be shown.
type value struct {
	name   string
	text   string
	source Source
	shown  string
}

// processEnvironment returns our variables that are set in the environment of the process.
func processEnvironment() (map[string]string, error) {
	var v variables
	if err := envconfig.Process("", &v); err != nil {
		return nil, fmt.Errorf("reading the environment: %w", err)
	}
	set := map[string]string{}
	for field, text := range reflect.ValueOf(v).Fields() {
		if text.IsNil() {
			continue
		}
		set[field.Tag.Get("envconfig")] = text.Elem().String()
	}
	return set, nil
}

// clientVariables returns the names of the PG* variables of the process's environment.
func clientVariables() []string {
	var names []string
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// resolve picks the value of each setting: from the environment, else from the file, else from the program, else the
// default. An empty value counts as none, but an empty variable hides the one in the file.
func resolve(environ, dotEnv, fallbacks map[string]string) ([]value, error) {
	var values []value
	known := map[string]bool{}
	for field := range reflect.TypeFor[variables]().Fields() {
		name := field.Tag.Get("envconfig")
		known[name] = true
		v := value{name: name, text: field.Tag.Get("or"), source: SourceDefault, shown: field.Tag.Get("print")}
		if text := fallbacks[name]; text != "" {
			v.text, v.source = text, SourceProgram
		}
		set, inEnviron := environ[name]
		switch {
		case set != "":
			v.text, v.source = set, SourceEnvironment
		case !inEnviron && dotEnv[name] != "":
			v.text, v.source = dotEnv[name], SourceDotEnv
		}
		values = append(values, v)
	}
	for name := range fallbacks {
		if !known[name] {
			return nil, fmt.Errorf("fallback for %s: there is no such setting", name)
		}
	}
	return values, nil
}
