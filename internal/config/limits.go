package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// limits reads how often callers may call, and how often they may be wrong about a password.
func (p *parser) limits(cfg *Config) {
	cfg.RateLimitEnabled = p.boolean("RATE_LIMIT_ENABLED", true)
	if p.valid("RATE_LIMIT_ENABLED") && !cfg.RateLimitEnabled && cfg.Environment != Development {
		p.problem("RATE_LIMIT_ENABLED", "false is for development only")
	}
	cfg.RateLimits = map[string]Rate{
		"read":        p.rate("RATE_LIMIT_READ"),
		"write":       p.rate("RATE_LIMIT_WRITE"),
		"session":     p.rate("RATE_LIMIT_SESSION"),
		"credentials": p.rate("RATE_LIMIT_CREDENTIALS"),
		"disclosing":  p.rate("RATE_LIMIT_DISCLOSING"),
	}
	// 100 is the most that NIST SP 800-63B allows in a row; one mistake is no attack.
	cfg.LoginFailuresPerAccount = number(p, "LOGIN_FAILURES_PER_ACCOUNT", 2, 100)
	cfg.LoginFailuresPerAddress = number(p, "LOGIN_FAILURES_PER_ADDRESS", 2, 1_000_000)
	cfg.LoginFailuresPerAccountTotal = number(p, "LOGIN_FAILURES_PER_ACCOUNT_TOTAL", 2, 100)
	if p.valid("LOGIN_FAILURES_PER_ACCOUNT", "LOGIN_FAILURES_PER_ACCOUNT_TOTAL") &&
		cfg.LoginFailuresPerAccountTotal < cfg.LoginFailuresPerAccount {
		p.problem("LOGIN_FAILURES_PER_ACCOUNT_TOTAL", fmt.Sprintf("must not be less than LOGIN_FAILURES_PER_ACCOUNT: %d < %d",
			cfg.LoginFailuresPerAccountTotal, cfg.LoginFailuresPerAccount))
	}
}

// rate reads requests/window.
func (p *parser) rate(name string) Rate {
	v := p.get(name)
	requests, window, _ := strings.Cut(v.text, "/")
	n, err := strconv.ParseUint(requests, 10, 32)
	d, wrong := time.ParseDuration(window)
	if err != nil || wrong != nil || n < 1 || n > 1_000_000 || d < time.Second || d > 24*time.Hour || d%time.Second != 0 {
		p.wrong(v, "want 1 to 1000000 requests in a window of whole seconds, up to 24h, such as 300/1m")
		return Rate{}
	}
	return Rate{Requests: int(n), Window: d}
}
