package app

import (
	"crypto/rand"
	"net/http"
	"time"

	"example.com/plinth/internal/config"
	"example.com/plinth/internal/httpapi"
	"example.com/plinth/kit/httpkit"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/ratelimit"
)

func (a *App) newHandler() (http.Handler, error) {
	newHandler := a.options.NewHandler
	if newHandler == nil {
		newHandler = httpapi.New
	}
	api, err := newHandler(httpapi.Dependencies{
		Services: a.Services,
		Health:   httpapi.Health{Name: a.cfg.AppName, Version: Version(), Ready: ready(a.readiness)},
		IDs:      idgen.New(time.Now, rand.Reader),
		Logger:   a.logger(),
		Reporter: a.telemetry.Sentry,
		Now:      time.Now,
	}, httpapi.Options{
		CORSOrigins:    a.cfg.CORSOrigins,
		TrustedProxies: a.cfg.TrustedProxies,
		TokenCookies:   a.cfg.TokenCookiesEnabled,
		DocsEnabled:    a.cfg.DocsEnabled,
		Metrics:        a.telemetry.Metrics,
		Tracing:        a.telemetry.Tracing,
		Stopping:       a.readiness.Stopping(),

		InsecureCookies:      a.cfg.Environment == config.Development,
		PasswordMinLength:    a.cfg.PasswordMinLength,
		RequireVerifiedEmail: a.cfg.RequireVerifiedEmail,
		RateLimits:           rateLimits(a.cfg, a.limiter),
		MaxStreams:           a.cfg.MaxConnections / 2,
	})
	return a.mailing.wrap(api), err
}

// rateLimits returns nil if rate limits are off.
func rateLimits(cfg config.Config, limiter *ratelimit.Limiter) *httpkit.RateLimits {
	if !cfg.RateLimitEnabled {
		return nil
	}
	rates := make(map[string]ratelimit.Rate, len(cfg.RateLimits))
	for class, rate := range cfg.RateLimits {
		rates[class] = ratelimit.Rate(rate)
	}
	return &httpkit.RateLimits{Limiter: limiter, Rates: rates}
}
