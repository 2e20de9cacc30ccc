// Package config holds the table of this service's settings, [Config], and the rules among them.
//
// Only this package reads the environment, by kit/settings. It must not know what the settings are
// used for.
package config

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time" // scaffold:only audit

	"example.com/plinth/kit/settings"
)

// Environment says how strict the service is.
type Environment = settings.Environment

// The environments. Outside development, placeholder secrets, weak password hashing, the CORS
// origin * and proxies that are most of the Internet are refused.
const (
	Development = settings.Development
	Staging     = settings.Staging
	Production  = settings.Production
)

// The values of DATABASE_POOLER.
const (
	PoolerNone        = "none"
	PoolerTransaction = "transaction"
)

// The values of JOBS.
const (
	JobsInline = "inline"
	JobsOff    = "off"
)

// EmailChangeImmediate is a value of EMAIL_CHANGE.
const EmailChangeImmediate = "immediate"

// Options says where settings may come from besides the environment. The zero value reads the
// environment alone.
type Options = settings.Options

// Load reads and checks all settings. A [*settings.Error] lists all problems.
func Load(opts Options) (Config, error) {
	environ, err := settings.Environ(new(Config))
	if err != nil {
		return Config{}, err
	}
	return LoadFrom(environ, opts)
}

// LoadWorker is Load for a process that signs no tokens, and so needs no key of the server.
func LoadWorker(opts Options) (Config, error) {
	opts.Optional = append(opts.Optional, "JWT_SECRET", "JWT_KEYS_FILE")
	cfg, err := Load(opts)
	cfg.JWTAlgorithm, cfg.JWTSecret = "HS256", settings.NewSecret(rand.Text()+rand.Text())
	return cfg, err
}

// LoadFrom is Load with the given variables instead of the process's environment.
func LoadFrom(environ map[string]string, opts Options) (Config, error) {
	// docker compose reads .env too, and so do the containers that it starts.
	opts.Foreign = append(opts.Foreign, "COMPOSE_", "DOCKER_", "OTEL_", "PG", "VITE_", "GO", "POSTGRES_PASSWORD",
		"POSTGRES_SERVER_PASSWORD", "VERSION", "TEST_DATABASE_URL", "MAILPIT_PORT",
		"PROMETHEUS_PORT", "GRAFANA_PORT", "JAEGER_PORT", // scaffold:only observability
	)
	opts.Guessable = append(opts.Guessable, "plinth")
	var cfg Config
	r, err := settings.Read(&cfg, environ, opts)
	if err != nil {
		return Config{}, err
	}
	cfg.check(r)
	cfg.derive(r)
	if cfg.Report, err = r.Report(); err != nil {
		return Config{}, err
	}
	return cfg, nil
}

// check reports what is wrong among several settings.
func (c *Config) check(r *settings.Reader) {
	if c.Debug && c.Environment == Production {
		r.Wrong("DEBUG", "false in production")
	}
	if r.Valid("RATE_LIMIT_ENABLED") && !c.RateLimitEnabled && c.Environment != Development {
		r.Problem("RATE_LIMIT_ENABLED", "false is for development only")
	}
	if r.Valid("TOKEN_COOKIES_ENABLED", "CORS_ORIGINS") && c.TokenCookiesEnabled && slices.Contains(c.CORSOrigins, "*") {
		r.Problem("TOKEN_COOKIES_ENABLED", "true needs exact origins in CORS_ORIGINS, not *")
	}
	if r.Valid("JWT_ALGORITHM") && c.JWTAlgorithm == "HS256" && c.JWTKeysFile != "" {
		r.Problem("JWT_KEYS_FILE", "must be empty, because JWT_ALGORITHM is HS256, which signs with JWT_SECRET")
	}
	if r.Valid("REFRESH_TOKEN_EXPIRE_DAYS", "SESSION_EXPIRE_DAYS") && c.RefreshTokenTTL > c.SessionTTL {
		r.Wrong("REFRESH_TOKEN_EXPIRE_DAYS", "at most SESSION_EXPIRE_DAYS, which is "+r.Text("SESSION_EXPIRE_DAYS"))
	}
	// scaffold:begin audit
	if r.Valid("AUDIT_RETENTION_DAYS") && c.AuditRetention > 0 && c.AuditRetention < 90*24*time.Hour {
		r.Wrong("AUDIT_RETENTION_DAYS", "at least 90, or 0, which keeps all events")
	}
	// scaffold:end audit
	if r.Valid("LOGIN_FAILURES_PER_ACCOUNT", "LOGIN_FAILURES_PER_ACCOUNT_TOTAL") &&
		c.LoginFailuresPerAccountTotal < c.LoginFailuresPerAccount {
		r.Wrong("LOGIN_FAILURES_PER_ACCOUNT_TOTAL", "at least LOGIN_FAILURES_PER_ACCOUNT, which is "+
			r.Text("LOGIN_FAILURES_PER_ACCOUNT"))
	}
	c.checkMail(r)
	c.checkPasswordHash(r)
}

// checkMail requires what mails need. A service without them works, and says at boot what does not.
func (c *Config) checkMail(r *settings.Reader) {
	if c.Environment == Development || !r.Valid("MAIL_URL") {
		return
	}
	if !c.MailURL.IsSet() {
		r.Warn("MAIL_URL", "is not set, so no mail is sent: addresses are not verified, new ones take effect "+
			"unconfirmed, forgotten passwords cannot be reset, and owners are not told of changes to their accounts")
		if r.Valid("REQUIRE_VERIFIED_EMAIL") && c.RequireVerifiedEmail {
			r.Problem("REQUIRE_VERIFIED_EMAIL", "true requires MAIL_URL, because accounts are verified by mail")
		}
		return
	}
	if r.Valid("MAIL_FROM") && c.MailFrom.Address == "" {
		r.Wrong("MAIL_FROM", "set if MAIL_URL is, to "+c.MailFrom.Values())
	}
	if r.Valid("APP_URL") && !c.AppURL.IsSet() {
		r.Problem("APP_URL", "is required with MAIL_URL, because mails have links to the app")
	}
}

// checkPasswordHash requires the cost of argon2id that OWASP's Password Storage Cheat Sheet asks
// for, outside development. Fewer iterations need more memory.
func (c *Config) checkPasswordHash(r *settings.Reader) {
	if !r.Valid("PASSWORD_HASH_MEMORY_KIB", "PASSWORD_HASH_ITERATIONS", "PASSWORD_HASH_PARALLELISM") {
		return
	}
	least := 8 * uint32(c.PasswordHashParallelism) // RFC 9106, section 3.1
	if c.Environment != Development {
		byIterations := []uint32{47104, 19456, 12288, 9216, 7168}
		least = byIterations[min(int(c.PasswordHashIterations), len(byIterations))-1]
	}
	if c.PasswordHashMemoryKiB < least {
		r.Wrong("PASSWORD_HASH_MEMORY_KIB", fmt.Sprintf("at least %d with %d iterations and a parallelism of %d in %s",
			least, c.PasswordHashIterations, c.PasswordHashParallelism, c.Environment))
	}
}

// derive sets the defaults that depend on other settings, and the fields that are no rows.
func (c *Config) derive(r *settings.Reader) {
	if c.Debug { // its SQL lines are written at that level
		r.Default("LOG_LEVEL", "debug")
	}
	c.RateLimits = map[string]settings.Rate{
		"read": c.RateLimitRead, "write": c.RateLimitWrite, "session": c.RateLimitSession,
		"credentials": c.RateLimitCredentials, "mail": c.RateLimitMail, "disclosing": c.RateLimitDisclosing,
	}
	c.Tracing.Resolve(r)
}
