package rules_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"net/netip"
	"runtime"
	"slices"
	"sync/atomic"
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
	hasher    *dummyHasher
}

type serviceOpts struct {
	url      string // of the database; empty for a new one
	maxConns int32
	sessions domain.SessionOptions
	users    domain.UserOptions
	events   domain.Recorder // nil for the audit log
	wrap     func(domain.Store) domain.Store
	now      func() time.Time
	hashing  auth.PasswordHasherOptions
	// throttles default to limits that no test reaches, and to off with wrap, whose transactions
	// tests count.
	throttles domain.ThrottleOptions
	params    auth.PasswordParams // the zero value for cheap ones
}

// resetAdmin is the request to take over an account.
func resetAdmin(email, password string) domain.AdminRequest {
	return domain.AdminRequest{Email: email, Password: password, PasswordChosen: true, ResetPassword: true}
}

func isOneOf(versions ...int64) domain.VersionCheck {
	return func(version int64) bool { return slices.Contains(versions, version) }
}

func (s *service) cleanUp(t *testing.T) domain.SessionCleanup {
	t.Helper()
	done, err := s.sessions.CleanUpSessions(t.Context())
	must(t, err)
	return done
}

// mustEnd ends a session longer ago than its retention.
func (s *service) mustEnd(t *testing.T, tokens domain.Tokens) {
	t.Helper()
	must(t, s.sessions.LogoutUser(t.Context(), tokens.Refresh.Reveal(), domain.Client{}))
	pgtest.Exec(t, s.url, "UPDATE sessions SET revoked_at = now() - interval '1 day' WHERE id = $1",
		s.actorID(t, tokens))
}

// refuse makes statements of one kind fail, until allow is called.
func refuse(t *testing.T, url, event string) (allow func()) {
	t.Helper()
	pgtest.Exec(t, url, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;
		CREATE TRIGGER refuse BEFORE `+event+` EXECUTE FUNCTION refuse()`)
	return func() {
		t.Helper()
		pgtest.Exec(t, url, "DROP FUNCTION refuse CASCADE")
	}
}

func wantInternal(t *testing.T, err error) {
	t.Helper()
	if _, visible := errors.AsType[*domain.Error](err); err == nil || visible {
		t.Errorf("got %v, want an internal error", err)
	}
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
	replaceable := &dummyHasher{PasswordHasher: hasher}
	passwords := domain.NewPasswords(replaceable, domain.PasswordOptions{AppName: "Plinth", MinLength: 15})
	ids := idgen.New(time.Now, rand.Reader)
	if opts.throttles == (domain.ThrottleOptions{}) {
		opts.throttles = domain.ThrottleOptions{
			AccountFailures: 1_000_000, NetworkFailures: 1_000_000, TotalFailures: 1_000_000, Off: opts.wrap != nil,
		}
	}
	if opts.events == nil {
		opts.events = domain.NewAuditService(store, ids, time.Now, 0)
	}
	throttles := domain.NewThrottleService(store, opts.events, rand.Reader, opts.throttles)
	return &service{
		url: opts.url, store: store, throttles: throttles, hasher: replaceable,
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

// hookedStore runs functions between two steps of a service, as a concurrent request.
type hookedStore struct {
	domain.Store
	beforeTx       func()                     // before each transaction
	beforeLockUser func()                     // in the transaction, before the user is read
	afterLockUser  func(outside domain.Store) // after that
	beforeRehash   func()

	outside domain.Store // of the transaction
}

func (h *hookedStore) InTx(ctx context.Context, fn func(domain.Store) error) error {
	if h.beforeTx != nil {
		h.beforeTx()
	}
	return h.Store.InTx(ctx, func(tx domain.Store) error {
		return fn(&hookedStore{
			Store: tx, beforeLockUser: h.beforeLockUser, afterLockUser: h.afterLockUser, outside: h.Store,
		})
	})
}

func (h *hookedStore) LockUser(ctx context.Context, id string) (domain.User, error) {
	if h.beforeLockUser != nil {
		h.beforeLockUser()
	}
	user, err := h.Store.LockUser(ctx, id)
	if h.afterLockUser != nil {
		h.afterLockUser(h.outside)
	}
	return user, err
}

func (h *hookedStore) LockUserAndAdmins(ctx context.Context, id string) (domain.User, int, error) {
	if h.beforeLockUser != nil {
		h.beforeLockUser()
	}
	user, otherAdmins, err := h.Store.LockUserAndAdmins(ctx, id)
	if h.afterLockUser != nil {
		h.afterLockUser(h.outside)
	}
	return user, otherAdmins, err
}

func (h *hookedStore) RehashUserPassword(ctx context.Context, id, oldHash, newHash string) error {
	if h.beforeRehash != nil {
		h.beforeRehash()
	}
	return h.Store.RehashUserPassword(ctx, id, oldHash, newHash)
}

// wantError fails the test unless an error has the code of want.
func wantError(t *testing.T, got error, want *domain.Error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Errorf("got %v, want %v", got, want)
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

// removal removes an active admin: by is the actor, target the removed one.
type removal func(ctx context.Context, s *service, by, target domain.Actor) error

func demote(ctx context.Context, s *service, by, target domain.Actor) error {
	role := domain.RoleUser
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{Role: &role})
	return err
}

func deactivate(ctx context.Context, s *service, by, target domain.Actor) error {
	active := false
	_, err := s.users.UpdateUser(ctx, by, target.User.ID, domain.UserChange{IsActive: &active})
	return err
}

func deleteOneself(ctx context.Context, s *service, _, target domain.Actor) error {
	return s.users.DeleteCurrentUser(ctx, target, pgtest.Password)
}

func (s *service) newAdmin(t *testing.T) domain.Actor {
	t.Helper()
	return s.actor(t, s.login(t, pgtest.User(t, s.store, pgtest.UserOpts{Role: domain.RoleAdmin})))
}

func wantOneAdmin(t *testing.T, url string) {
	t.Helper()
	if n := pgtest.Value[int](t, url, "SELECT count(*) FROM users WHERE role = 'admin' AND is_active"); n != 1 {
		t.Errorf("there are %d active admins, want 1", n)
	}
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// storm is the number of concurrent requests, on two servers with two connections each.
const storm = 100

func twoServers(t *testing.T, options domain.SessionOptions) []*service {
	t.Helper()
	first := newService(t, serviceOpts{maxConns: 2, sessions: options})
	second := newService(t, serviceOpts{maxConns: 2, sessions: options, url: first.url})
	return []*service{first, second}
}

// addUsedTokens adds used tokens to a session, as early releases kept them.
func (s *service) addUsedTokens(t *testing.T, sessionID string, count int) {
	t.Helper()
	pgtest.Exec(t, s.url, `WITH last AS (SELECT max(id) AS id FROM refresh_tokens), moved AS (
			UPDATE refresh_tokens SET generation = $2::int, parent_id = last.id + $2::int FROM last WHERE session_id = $1
			RETURNING session_id, expires_at
		)
		INSERT INTO refresh_tokens (id, session_id, parent_id, generation, token_hash, expires_at, used_at)
		OVERRIDING SYSTEM VALUE
		SELECT last.id + 1 + n, session_id, CASE WHEN n > 0 THEN last.id + n END, n, sha256((session_id || n)::bytea),
			expires_at, now() - interval '1 day'
		FROM last, moved, generate_series(0, $2::int - 1) AS n`, sessionID, count)
	pgtest.Exec(t, s.url,
		"SELECT setval(pg_get_serial_sequence('refresh_tokens', 'id'), (SELECT max(id) FROM refresh_tokens))")
}

// actorID returns the session of an access token, live or not.
func (s *service) actorID(t *testing.T, tokens domain.Tokens) string {
	t.Helper()
	bearer, err := s.sessions.Identify(tokens.Access)
	must(t, err)
	return bearer.SessionID
}

// usedTokens is more than the clean-up deletes in one statement, unless the flag says otherwise.
var usedTokens = flag.Int("tokens", 2500, "used refresh tokens of a session in TestSessionWithManyTokens")

// outcome returns the result of a hooked operation. It fails the test if the hook did not run.
func outcome(t *testing.T, of <-chan error) error {
	t.Helper()
	select {
	case err := <-of:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the hook did not run")
		return nil
	}
}

// goUntilBlocked starts a function, and returns when it has ended or waits for a lock of the
// database.
func goUntilBlocked(t *testing.T, url string, start func(context.Context)) {
	t.Helper()
	var ended atomic.Bool
	go func() {
		defer ended.Store(true)
		start(t.Context())
	}()
	for !ended.Load() && !pgtest.Value[bool](t, url, `SELECT EXISTS (SELECT FROM pg_stat_activity
		WHERE datname = current_database() AND wait_event_type = 'Lock')`) {
		runtime.Gosched()
	}
}

func (s *service) passwordHash(t *testing.T, user domain.User) string {
	t.Helper()
	stored, err := s.store.GetUser(t.Context(), user.ID)
	must(t, err)
	return stored.PasswordHash
}

// dummyHasher replaces the verification for unknown accounts, if dummy is set.
type dummyHasher struct {
	domain.PasswordHasher

	dummy func(ctx context.Context, password string) error
}

func (h *dummyHasher) VerifyDummy(ctx context.Context, password string) error {
	if h.dummy != nil {
		return h.dummy(ctx, password)
	}
	return h.PasswordHasher.VerifyDummy(ctx, password)
}

// failVerification makes verifications for unknown accounts return err.
func (s *service) failVerification(err error) {
	s.hasher.dummy = func(context.Context, string) error { return err }
}

// strict returns the default limits of a server.
func strict() domain.ThrottleOptions {
	return domain.ThrottleOptions{AccountFailures: 5, NetworkFailures: 50, TotalFailures: 100}
}

// at returns a client with an address.
func at(address string) domain.Client { return domain.Client{IP: netip.MustParseAddr(address)} }

// guess logs in.
func (s *service) guess(t *testing.T, email, password, address string) error {
	t.Helper()
	_, err := s.sessions.LoginUser(t.Context(), email, password, at(address))
	return err
}

// fail makes failed logins without a delay.
func (s *service) fail(t *testing.T, times int, email, address string) {
	t.Helper()
	for range times {
		wantError(t, s.guess(t, email, "wrong", address), domain.ErrInvalidCredentials)
	}
}

func value(s *string) string {
	if s == nil {
		return "(none)"
	}
	return *s
}

// guessWith logs in with a device token.
func (s *service) guessWith(t *testing.T, device, email, password, address string) error {
	t.Helper()
	client := at(address)
	client.DeviceToken = device
	_, err := s.sessions.LoginUser(t.Context(), email, password, client)
	return err
}

// deviceOf logs in from a new device and returns its token.
func (s *service) deviceOf(t *testing.T, email string) string {
	t.Helper()
	tokens, err := s.sessions.LoginUser(t.Context(), email, pgtest.Password, at("203.0.113.99"))
	must(t, err)
	return tokens.Device.Reveal()
}

// isSealed reports whether a used token has a sealed successor.
func (s *service) isSealed(t *testing.T, tokens domain.Tokens) bool {
	t.Helper()
	hash := tokens.Refresh.Hash()
	return pgtest.Value[bool](t, s.url,
		"SELECT sealed_successor IS NOT NULL FROM refresh_tokens WHERE token_hash = $1", hash[:])
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

// later moves all throttles into the past.
func (s *service) later(t *testing.T, passed time.Duration) {
	t.Helper()
	pgtest.Exec(t, s.url, `UPDATE throttles SET forgiven_at = forgiven_at - make_interval(secs => $1),
		blocked_until = blocked_until - make_interval(secs => $1)`, passed.Seconds())
}

// wantWait fails the test unless an error says to wait that long, less the seconds of the test.
func wantWait(t *testing.T, err error, wait time.Duration) {
	t.Helper()
	wantError(t, err, domain.ErrTooManyAttempts)
	if failure, ok := errors.AsType[*domain.Error](err); ok &&
		(failure.RetryAfter > wait || failure.RetryAfter < wait-10*time.Second) {
		t.Errorf("the wait is %v, want %v", failure.RetryAfter, wait)
	}
}
