package domain_test

import (
	"cmp"
	"crypto/rand"
	"errors"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"

	"example.com/plinth/internal/domain"
	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
)

// service has the rules on a database of its own.
type service struct {
	url       string
	store     domain.Store
	users     *domain.UserService
	sessions  *domain.SessionService
	throttles *domain.ThrottleService
}

type serviceOpts struct {
	url      string // of the database; empty for a new one
	maxConns int32
	sessions domain.SessionOptions
	users    domain.UserOptions
	events   domain.Recorder // nil for that of the service
	wrap     func(domain.Store) domain.Store
	now      func() time.Time
	hashing  auth.PasswordHasherOptions
	// throttles default to limits that no test reaches, and to off with wrap, whose transactions
	// tests count.
	throttles domain.ThrottleOptions
	params    auth.PasswordParams // the zero value for cheap ones
}

// standard returns the options of most tests.
func standard() domain.SessionOptions {
	return domain.SessionOptions{
		Lifetime: 30 * 24 * time.Hour, RefreshTokenLifetime: 7 * 24 * time.Hour,
		RefreshGrace: 10 * time.Second, MaxPerUser: 20,
	}
}

func withoutGrace() domain.SessionOptions {
	options := standard()
	options.RefreshGrace = 0
	return options
}

func newService(t *testing.T, opts serviceOpts) *service {
	t.Helper()
	if opts.url == "" {
		opts.url = pgtest.URL(t)
	}
	if opts.sessions == (domain.SessionOptions{}) {
		opts.sessions = standard()
	}
	if opts.now == nil {
		opts.now = time.Now
	}
	var store domain.Store = pgtest.NewStore(t, opts.url, pgstore.Options{MaxConns: opts.maxConns})
	if opts.wrap != nil {
		store = opts.wrap(store)
	}
	accessTokens := newAccessTokens(t, opts.now)
	if opts.hashing.Gate == (auth.HashingGateOptions{}) {
		opts.hashing.Gate = auth.HashingGateOptions{QueueSize: 1000, MaxWait: time.Minute} // refuses no test
	}
	hasher, err := auth.NewPasswordHasher(cmp.Or(opts.params, pgtest.PasswordParams()), opts.hashing)
	must(t, err)
	passwords := domain.NewPasswords(hasher, domain.PasswordOptions{AppName: "Plinth", MinLength: 15})
	ids := idgen.New(time.Now, rand.Reader)
	if opts.throttles == (domain.ThrottleOptions{}) {
		opts.throttles = domain.ThrottleOptions{
			AccountFailures: 1_000_000, NetworkFailures: 1_000_000, TotalFailures: 1_000_000, Off: opts.wrap != nil,
		}
	}
	// scaffold:begin audit
	if opts.events == nil {
		opts.events = domain.NewAuditService(store, ids, time.Now, 0)
	}
	// scaffold:end audit
	throttles := domain.NewThrottleService(store, opts.events, rand.Reader, opts.throttles)
	return &service{
		url: opts.url, store: store, throttles: throttles,
		users: domain.NewUserService(store, passwords, throttles, opts.events, ids, opts.users),
		sessions: domain.NewSessionService(store, passwords, throttles, accessTokens, opts.events, ids, rand.Reader,
			opts.sessions),
	}
}

const accessTokenLifetime = 15 * time.Minute

// newAccessTokens returns signers with the same key.
func newAccessTokens(t *testing.T, now func() time.Time) *auth.AccessTokens {
	t.Helper()
	keys, err := auth.NewSymmetricKeySet([]byte("0123456789abcdef0123456789abcdef"))
	must(t, err)
	accessTokens, err := auth.NewAccessTokens(auth.AccessTokenConfig{
		Keys: keys, Issuer: "test", Audience: "test", Lifetime: accessTokenLifetime, Now: now,
	})
	must(t, err)
	return accessTokens
}

// login logs in to an account of pgtest.User.
func (s *service) login(t *testing.T, user domain.User) domain.Tokens {
	t.Helper()
	tokens, err := s.sessions.LoginUser(t.Context(), user.Email, pgtest.Password, domain.Client{})
	must(t, err)
	return tokens
}

func (s *service) refresh(t *testing.T, refreshToken string) (domain.Tokens, error) {
	t.Helper()
	return s.sessions.RefreshTokens(t.Context(), refreshToken, domain.Client{})
}

func (s *service) mustRefresh(t *testing.T, tokens domain.Tokens) domain.Tokens {
	t.Helper()
	next, err := s.refresh(t, tokens.Refresh.Reveal())
	must(t, err)
	return next
}

func (s *service) actor(t *testing.T, tokens domain.Tokens) domain.Actor {
	t.Helper()
	actor, err := s.sessions.Authenticate(t.Context(), tokens.Access)
	must(t, err)
	return actor
}

// wantLive fails the test unless both tokens work, and returns the refreshed tokens.
func (s *service) wantLive(t *testing.T, tokens domain.Tokens) domain.Tokens {
	t.Helper()
	s.actor(t, tokens)
	return s.mustRefresh(t, tokens)
}

// wantEnded fails the test if one of the tokens works.
func (s *service) wantEnded(t *testing.T, tokens domain.Tokens) {
	t.Helper()
	_, err := s.sessions.Authenticate(t.Context(), tokens.Access)
	wantError(t, err, domain.ErrInvalidToken)
	_, err = s.refresh(t, tokens.Refresh.Reveal())
	wantError(t, err, domain.ErrInvalidRefreshToken)
}

// endReason returns why a session was revoked, empty if it was not.
func (s *service) endReason(t *testing.T, sessionID string) domain.RevocationReason {
	t.Helper()
	return domain.RevocationReason(pgtest.Value[string](t, s.url,
		"SELECT coalesce(revoked_reason, '') FROM sessions WHERE id = $1", sessionID))
}

// wantError fails the test unless an error has the code of want.
func wantError(t *testing.T, got error, want *domain.Error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// wantField fails the test unless an error is a validation_failed of one field.
func wantField(t *testing.T, got error, pointer, code string) {
	t.Helper()
	failure, ok := errors.AsType[*domain.Error](got)
	if !ok || failure.Code != domain.CodeValidationFailed || len(failure.Fields) != 1 ||
		failure.Fields[0].Pointer != pointer || failure.Fields[0].Code != code || failure.Fields[0].Message == "" {
		t.Errorf("got %#v, want validation_failed with %s at %s", got, code, pointer)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bcryptHash returns a hash of pgtest.Password, as imported accounts have it.
func bcryptHash(t *testing.T) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(pgtest.Password), bcrypt.MinCost)
	must(t, err)
	return string(hash)
}
