package settings

import (
	"fmt"
	"log/slog"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// parser turns values into a Config and collects what is wrong with them.
type parser struct {
	values   []value
	optional []string
	// clientPassword is that of clients of PostgreSQL, for URLs without one.
	clientPassword string
	problems       []Problem
	warnings       []Problem
}

// config reads every setting. The result counts only if there are no problems.
func (p *parser) config() Config {
	p.trim()
	env := p.environment()
	cfg := Config{
		AppName:             p.label("APP_NAME"),
		Environment:         env,
		Debug:               p.debug(env),
		Host:                p.host("HOST"),
		Port:                number(p, "PORT", 0, 65535),
		MaxConnections:      number(p, "MAX_CONNECTIONS", 16, 1_000_000),
		DatabaseURL:         p.databaseURL(env),
		MigrateDatabaseURL:  p.migrateDatabaseURL(env),
		DatabasePooler:      p.oneOf("DATABASE_POOLER", PoolerNone, PoolerTransaction),
		DatabasePoolSize:    number[int32](p, "DATABASE_POOL_SIZE", 1, 1000),
		DatabaseMaxOverflow: number[int32](p, "DATABASE_MAX_OVERFLOW", 0, 1000),
		RedisURL:            p.redisURL(env),
		JWTIssuer:           p.label("JWT_ISSUER"),
		JWTAudience:         p.label("JWT_AUDIENCE"),
		AccessTokenTTL:      time.Duration(number(p, "ACCESS_TOKEN_EXPIRE_MINUTES", 1, 1440)) * time.Minute,
		RefreshGrace:        time.Duration(number(p, "REFRESH_GRACE_SECONDS", 0, 60)) * time.Second,
		MaxSessionsPerUser:  number(p, "MAX_SESSIONS_PER_USER", 1, 1000),
		CORSOrigins:         p.origins("CORS_ORIGINS", env),
		TrustedProxies:      p.networks("TRUSTED_PROXIES", env),
		LogFormat:           p.oneOf("LOG_FORMAT", "json", "text"),
		SentryDSN:           p.sentryDSN(),
		Tracing:             p.tracing(),
		MetricsAddr:         p.metricsAddr(env),
		DebugAddr:           p.address("DEBUG_ADDR", "off"),
		DocsEnabled:         p.boolean("DOCS_ENABLED", env != Production),
		ShutdownDelay:       p.shutdownDelay(env),
		PostgresBin:         p.get("POSTGRES_BIN").text,
		PostgresMirror:      p.postgresMirror(),
	}
	cfg.LogLevel = p.logLevel(cfg.Debug)
	cfg.SentryTracesSampleRate = p.fraction("SENTRY_TRACES_SAMPLE_RATE")
	p.signing(&cfg)
	p.sessions(&cfg)
	p.passwords(&cfg)
	p.limits(&cfg)
	return cfg
}

// trim drops space around values that people type. Secrets stay as they are: there it is a mistake to be told.
func (p *parser) trim() {
	for i := range p.values {
		v := &p.values[i]
		if v.shown == "never" {
			continue
		}
		v.text = strings.TrimSpace(v.text)
		if strings.ContainsFunc(v.text, unicode.IsControl) {
			p.problem(v.name, "holds a line break or another control character")
			v.text = ""
		}
	}
}

// environment falls back to the strictest rules when it cannot tell.
func (p *parser) environment() Environment {
	env := Environment(p.oneOf("ENVIRONMENT", string(Development), string(Staging), string(Production)))
	if !p.valid("ENVIRONMENT") {
		return Production
	}
	return env
}

func (p *parser) debug(env Environment) bool {
	debug := p.boolean("DEBUG", false)
	if debug && env == Production {
		p.problem("DEBUG", "must be false in production")
	}
	return debug
}

// shutdownDelay gives load balancers time to notice; on a laptop there are none.
func (p *parser) shutdownDelay(env Environment) time.Duration {
	standard := 5 * time.Second
	if env == Development {
		standard = 0
	}
	v := p.otherwise("SHUTDOWN_DELAY", standard.String())
	d, err := time.ParseDuration(v.text)
	if err != nil || d < 0 || d > 5*time.Minute {
		p.wrong(v, "want a duration from 0s to 5m")
	}
	return d
}

// logLevel follows DEBUG, whose SQL lines are written at the debug level.
func (p *parser) logLevel(debug bool) slog.Level {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	standard := "info"
	if debug {
		standard = "debug"
	}
	p.otherwise("LOG_LEVEL", standard)
	return levels[p.oneOf("LOG_LEVEL", "debug", "info", "warn", "error")]
}

// sessions keeps the lives of tokens and sessions in order.
func (p *parser) sessions(cfg *Config) {
	const day = 24 * time.Hour
	cfg.RefreshTokenTTL = time.Duration(number(p, "REFRESH_TOKEN_EXPIRE_DAYS", 1, 365)) * day
	cfg.SessionTTL = time.Duration(number(p, "SESSION_EXPIRE_DAYS", 1, 365)) * day
	cfg.SessionRetention = time.Duration(number(p, "SESSION_RETENTION_DAYS", 0, 365)) * day
	cfg.AuditRetention = time.Duration(number(p, "AUDIT_RETENTION_DAYS", 0, 36_500)) * day
	if cfg.AuditRetention > 0 && cfg.AuditRetention < 90*day {
		p.wrong(p.get("AUDIT_RETENTION_DAYS"), "want 0, which keeps all events, or at least 90")
	}
	if p.valid("REFRESH_TOKEN_EXPIRE_DAYS", "SESSION_EXPIRE_DAYS") && cfg.RefreshTokenTTL > cfg.SessionTTL {
		p.problem("REFRESH_TOKEN_EXPIRE_DAYS", fmt.Sprintf(
			"must not be longer than SESSION_EXPIRE_DAYS: %s > %s",
			p.get("REFRESH_TOKEN_EXPIRE_DAYS").text, p.get("SESSION_EXPIRE_DAYS").text))
	}
}

// settings lists the values as they were read, secrets redacted.
func (p *parser) settings() []Setting {
	settings := make([]Setting, 0, len(p.values))
	for _, v := range p.values {
		shown := v.text
		switch v.shown {
		case "never":
			shown = NewSecret(v.text).String()
		case "url":
			shown = NewURL(v.text).String()
		case "pairs":
			shown = redactPairs(v.text)
		}
		settings = append(settings, Setting{Name: v.name, Value: shown, Source: v.source})
	}
	return settings
}

func (p *parser) get(name string) *value {
	i := slices.IndexFunc(p.values, func(v value) bool { return v.name == name })
	return &p.values[i]
}

// otherwise gives a setting a default that depends on other settings.
func (p *parser) otherwise(name, standard string) *value {
	v := p.get(name)
	if v.text == "" {
		v.text, v.source = standard, SourceDefault
	}
	return v
}

func (p *parser) problem(name, detail string) {
	p.problems = append(p.problems, Problem{Name: name, Detail: detail})
}

// wrong records what was wanted and, unless the setting holds credentials, what was found.
func (p *parser) wrong(v *value, want string) {
	if v.shown == "" {
		want += ", got " + show(v.text)
	}
	p.problem(v.name, want)
}

// valid reports whether no problem was found with the named settings so far.
func (p *parser) valid(names ...string) bool {
	return !slices.ContainsFunc(p.problems, func(problem Problem) bool { return slices.Contains(names, problem.Name) })
}

// missing reports whether a required setting has no value, which is a problem unless the program can do without it.
func (p *parser) missing(v *value, want string) bool {
	if v.text == "" && !slices.Contains(p.optional, v.name) && p.valid(v.name) {
		p.problem(v.name, "is required: "+want)
	}
	return v.text == ""
}

// show quotes a value that is not meant to be secret. One that looks like credentials put in the wrong place, or that is
// too long to be of help, is left out.
func show(text string) string {
	if strings.Contains(text, "@") || len(text) > 100 {
		return redacted
	}
	return strconv.Quote(text)
}

// number reads a whole decimal number from lowest to highest.
func number[T int | int32 | uint32 | uint8](p *parser, name string, lowest, highest T) T {
	v := p.get(name)
	n, err := strconv.ParseInt(v.text, 10, 64)
	if err != nil || n < int64(lowest) || n > int64(highest) {
		p.wrong(v, fmt.Sprintf("want a whole number from %d to %d", lowest, highest))
		return lowest
	}
	return T(n)
}

func (p *parser) fraction(name string) float64 {
	v := p.get(name)
	f, err := strconv.ParseFloat(v.text, 64)
	// Written so that NaN, which compares to nothing, is refused too.
	if err != nil || !(f >= 0 && f <= 1) {
		p.wrong(v, "want a number from 0 to 1")
	}
	return f
}

func (p *parser) boolean(name string, standard bool) bool {
	v := p.otherwise(name, strconv.FormatBool(standard))
	b, err := strconv.ParseBool(v.text)
	if err != nil {
		p.wrong(v, "want true or false")
	}
	return b
}

func (p *parser) oneOf(name string, choices ...string) string {
	v := p.get(name)
	if !slices.Contains(choices, v.text) {
		p.wrong(v, "want one of "+strings.Join(choices, ", "))
	}
	return v.text
}

// label reads a short text without control characters.
func (p *parser) label(name string) string {
	v := p.get(name)
	if v.text == "" || len(v.text) > 100 {
		p.wrong(v, "want 1 to 100 characters")
	}
	return v.text
}

// list splits a value at commas or reads it as a JSON list of texts.
func (p *parser) list(v *value) []string {
	if v.text == "" {
		return nil
	}
	if strings.HasPrefix(v.text, "[") {
		return p.jsonList(v)
	}
	items := strings.Split(v.text, ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// networks reads CIDRs and single addresses.
func (p *parser) networks(name string, env Environment) []netip.Prefix {
	v := p.get(name)
	var prefixes []netip.Prefix
	for _, item := range p.list(v) {
		prefix, problem := parseNetwork(item)
		if problem == "" && prefix.Bits() == 0 && env != Development {
			problem = "would let everyone choose the address they seem to come from"
		}
		if problem != "" {
			p.problem(name, show(item)+" "+problem)
			continue
		}
		prefixes = append(prefixes, prefix)
	}
	if problem := trustsTooMany(prefixes); problem != "" && env != Development && p.valid(name) {
		p.problem(name, problem)
	}
	return prefixes
}
