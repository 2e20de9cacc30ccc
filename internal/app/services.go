package app

import (
	"crypto/rand"
	"fmt"
	"time"

	"example.com/plinth/gen/apicontract"
	"example.com/plinth/internal/config"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/gcra"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/keyfile"
	"example.com/plinth/kit/telemetry"
)

// NewServices returns the services on a store. If metrics is not nil, they count logins, refreshes
// and password hashes.
func NewServices(cfg config.Config, store domain.Store, mailer domain.Mailer, metrics *telemetry.Metrics) (domain.Services, error) {
	hasher, err := newPasswordHasher(cfg, metrics)
	if err != nil {
		return domain.Services{}, err
	}
	keys, err := keySet(cfg)
	if err != nil {
		return domain.Services{}, err
	}
	accessTokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys: keys, Issuer: cfg.JWTIssuer, Audience: cfg.JWTAudience, Lifetime: cfg.AccessTokenTTL, Now: time.Now,
	})
	if err != nil {
		return domain.Services{}, err
	}
	var observer domain.Observer
	if metrics != nil {
		observer = newObserver(metrics)
	}
	ids := idgen.New(time.Now, rand.Reader)
	passwords := domain.NewPasswords(hasher, domain.PasswordOptions{
		AppName: cfg.AppName, MinLength: cfg.PasswordMinLength,
	})
	var events domain.Recorder // nil records nothing
	// scaffold:begin audit
	audit := domain.NewAuditService(store, ids, time.Now, cfg.AuditRetention)
	events = audit
	// scaffold:end audit
	throttles := domain.NewThrottleService(store, events, rand.Reader, throttleOptions(cfg))
	mails := domain.NewMailService(store, mailer, throttles, events, rand.Reader, time.Now, mailOptions(cfg))
	sessions := domain.NewSessionService(store, passwords, throttles, accessTokens, events, ids, rand.Reader,
		domain.SessionOptions{
			Lifetime:             cfg.SessionTTL,
			RefreshTokenLifetime: cfg.RefreshTokenTTL,
			Refreshes:            refreshRate(cfg),
			RefreshGrace:         cfg.RefreshGrace,
			MaxPerUser:           cfg.MaxSessionsPerUser,
			Retention:            cfg.SessionRetention,
			Mails:                mails,
			Observer:             observer,
		})
	return domain.Services{
		Audit:     audit, // scaffold:only audit
		Keys:      domain.NewKeyService(keys, time.Now),
		Throttles: throttles,
		Users:     domain.NewUserService(store, passwords, throttles, events, ids, domain.UserOptions{Mails: mails}),
		Sessions:  sessions,
		Mails:     mails,
		// scaffold:begin invitations
		Invitations: domain.NewInvitationService(sessions, mails),
		// scaffold:end invitations
	}, nil
}

func mailOptions(cfg config.Config) domain.MailOptions {
	return domain.MailOptions{
		Off:                     cfg.Environment != config.Development && !cfg.MailURL.IsSet(),
		ChangeEmailsImmediately: cfg.EmailChange == config.EmailChangeImmediate,
		NewDevices:              cfg.NewDeviceMails,
		InvitationLifetime:      cfg.InvitationTTL, // scaffold:only invitations
		Lifetimes: map[domain.TokenPurpose]time.Duration{
			domain.TokenVerification:  cfg.VerificationTTL,
			domain.TokenPasswordReset: cfg.PasswordResetTTL,
			domain.TokenEmailChange:   cfg.EmailChangeTTL,
			domain.TokenEmailUndo:     cfg.EmailUndoTTL,
		},
	}
}

func newPasswordHasher(cfg config.Config, metrics *telemetry.Metrics) (*auth.PasswordHasher, error) {
	var options auth.PasswordHasherOptions
	if metrics != nil {
		options.Waited = metrics.HashingWaited
	}
	hasher, err := auth.NewPasswordHasher(auth.PasswordParams{
		MemoryKiB: cfg.PasswordHashMemoryKiB, Iterations: cfg.PasswordHashIterations,
		Parallelism: cfg.PasswordHashParallelism,
	}, options)
	if err == nil && metrics != nil {
		metrics.WatchHashing(func() telemetry.HashingStats { return telemetry.HashingStats(hasher.Stats()) })
	}
	return hasher, err
}

// keySet returns the keys that sign access tokens: the shared secret, or those of a key file whose
// active key is for JWT_ALGORITHM.
func keySet(cfg config.Config) (*auth.KeySet, error) {
	if cfg.JWTAlgorithm == auth.AlgorithmHS256 {
		return auth.NewSymmetricKeySet([]byte(cfg.JWTSecret.Reveal()))
	}
	keys, err := keyfile.Read(cfg.JWTKeysFile)
	if err != nil {
		return nil, fmt.Errorf("reading JWT_KEYS_FILE: %w", err)
	}
	if keys.Algorithm() != cfg.JWTAlgorithm {
		return nil, fmt.Errorf("JWT_ALGORITHM is %s, but the active key of JWT_KEYS_FILE is for %s",
			cfg.JWTAlgorithm, keys.Algorithm())
	}
	return keys, nil
}

// refreshRate limits the refreshes of each session. It is the rate of the class of that operation,
// which limits addresses.
func refreshRate(cfg config.Config) gcra.Rate {
	if !cfg.RateLimitEnabled {
		return gcra.Rate{}
	}
	return gcra.Rate(cfg.RateLimits[apicontract.RateClassSession])
}

func throttleOptions(cfg config.Config) domain.ThrottleOptions {
	return domain.ThrottleOptions{
		AccountFailures: cfg.LoginFailuresPerAccount, NetworkFailures: cfg.LoginFailuresPerAddress,
		TotalFailures: cfg.LoginFailuresPerAccountTotal, Off: !cfg.RateLimitEnabled,
	}
}

// observer counts logins and refreshes by outcome.
type observer struct {
	login   func(domain.LoginOutcome)
	refresh func(domain.RefreshOutcome)
}

func newObserver(metrics *telemetry.Metrics) *observer {
	return &observer{
		login: telemetry.Outcomes(metrics, "auth_logins_total",
			"Logins, by how they ended.", domain.LoginOutcomes()),
		refresh: telemetry.Outcomes(metrics, "auth_refreshes_total",
			"Refreshes, by how they ended.", domain.RefreshOutcomes()),
	}
}

// LoginEnded implements domain.Observer.
func (o *observer) LoginEnded(outcome domain.LoginOutcome) { o.login(outcome) }

// RefreshEnded implements domain.Observer.
func (o *observer) RefreshEnded(outcome domain.RefreshOutcome) { o.refresh(outcome) }
