package settings

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode"
)

// signing reads what access tokens are signed with: a secret for HS256, a file of keys for the others.
func (p *parser) signing(cfg *Config) {
	cfg.JWTAlgorithm = p.oneOf("JWT_ALGORITHM", "HS256", "EdDSA", "ES256", "RS256")
	secret, keys := p.get("JWT_SECRET"), p.get("JWT_KEYS_FILE")
	switch {
	case !p.valid("JWT_ALGORITHM"):
	case cfg.JWTAlgorithm == "HS256":
		p.missing(secret, "32 random bytes or more, such as openssl rand -hex 32 prints")
		if keys.text != "" {
			p.problem(keys.name, "is set, but JWT_ALGORITHM is HS256, which signs with JWT_SECRET")
		}
	default:
		p.missing(keys, "the path of the key set to sign with, as JWT_ALGORITHM is "+cfg.JWTAlgorithm)
	}
	if secret.text != "" {
		p.checkSecret(secret, cfg.Environment)
	}
	cfg.JWTSecret = NewSecret(secret.text)
	cfg.JWTKeysFile = keys.text
}

// checkSecret refuses short secrets everywhere and, outside development, those that somebody typed.
func (p *parser) checkSecret(v *value, env Environment) {
	switch {
	case strings.TrimSpace(v.text) != v.text || strings.ContainsFunc(v.text, unicode.IsControl):
		p.problem(v.name, "starts or ends with white space or holds control characters: was a line break copied with it?")
	case len(v.text) < 32:
		p.problem(v.name, fmt.Sprintf("want 32 bytes or more, got %d", len(v.text)))
	case env != Development && isPublished(v.text):
		p.problem(v.name, "is published in a tutorial: replace it, for example by what openssl rand -hex 32 prints")
	case env != Development && isGuessable(v.text):
		p.problem(v.name, "is a placeholder or not random: replace it, for example by what openssl rand -hex 32 prints")
	}
}

// clientPassword is the variable with the password that PostgreSQL's clients send if the URL has none.
const clientPassword = "PGPASSWORD"

// refusePlaceholderPassword refuses, outside development, passwords that are the same on many machines.
func (p *parser) refusePlaceholderPassword(v *value, env Environment) {
	if env == Development || !p.valid(v.name) {
		return
	}
	password := passwordIn(v.text)
	if password == "" && strings.HasPrefix(v.text, "postgres") {
		password = p.clientPassword
	}
	if slices.Contains([]string{
		"postgres", "password", "passwd", "secret", "admin", "root", "redis", "test", "example", "default", "plinth",
		"changeme", "change-me", "change_me", "12345678", "123456", "qwerty", "user",
	}, strings.ToLower(password)) {
		p.problem(v.name, "has a placeholder for a password, which is for development only")
	}
}

// passwordIn returns the password in a URL, empty if there is none. net/url does not read URLs with several hosts.
func passwordIn(raw string) string {
	_, rest, _ := strings.Cut(raw, "://")
	authority, tail := cutAuthority(rest)
	userinfo, _, ok := strings.Cut(authority, "@")
	if _, escaped, hasPassword := strings.Cut(userinfo, ":"); ok && hasPassword {
		password, _ := url.PathUnescape(escaped) // checked before
		return password
	}
	_, rawQuery, _ := strings.Cut(tail, "?")
	query, _ := url.ParseQuery(rawQuery) // checked before
	return query.Get("password")
}

// passwordHash reads the cost of argon2id. Outside development it must reach what OWASP's Password Storage Cheat Sheet
// asks for; fewer iterations need more memory.
func (p *parser) passwords(cfg *Config) {
	// 15 is what NIST SP 800-63B-4 asks for where the password is the only factor, and the contract allows 12.
	cfg.PasswordMinLength = number(p, "PASSWORD_MIN_LENGTH", 12, 64)
	cfg.PasswordHashMemoryKiB = number[uint32](p, "PASSWORD_HASH_MEMORY_KIB", 8, 256<<10)
	cfg.PasswordHashIterations = number[uint32](p, "PASSWORD_HASH_ITERATIONS", 1, 16)
	cfg.PasswordHashParallelism = number[uint8](p, "PASSWORD_HASH_PARALLELISM", 1, 8)
	if !p.valid("PASSWORD_HASH_MEMORY_KIB", "PASSWORD_HASH_ITERATIONS", "PASSWORD_HASH_PARALLELISM") {
		return
	}
	lowest := 8 * uint32(cfg.PasswordHashParallelism) // RFC 9106, section 3.1
	if cfg.Environment != Development {
		byIterations := []uint32{47104, 19456, 12288, 9216, 7168}
		lowest = byIterations[min(int(cfg.PasswordHashIterations), len(byIterations))-1]
	}
	if cfg.PasswordHashMemoryKiB < lowest {
		p.problem("PASSWORD_HASH_MEMORY_KIB", fmt.Sprintf(
			"want %d or more with %d iterations and a parallelism of %d in %s, got %d", lowest,
			cfg.PasswordHashIterations, cfg.PasswordHashParallelism, cfg.Environment, cfg.PasswordHashMemoryKiB))
	}
}
