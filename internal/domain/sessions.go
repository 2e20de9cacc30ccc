package domain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/gcra"
	"example.com/plinth/kit/idgen"
)

// Session is one login and the family of refresh tokens that descend from it.
type Session struct {
	ID            string // ULID
	UserID        string
	UserAgent     string      // of the login
	IP            *netip.Addr // of the login
	LastIP        *netip.Addr // of the last login or refresh; nil if it is unknown
	CreatedAt     time.Time
	LastUsedAt    time.Time
	ExpiresAt     time.Time
	RevokedAt     *time.Time
	RevokedReason *RevocationReason
}

// Client is what is known of the program at the other end, and of what it asks for. The zero Client is an operator at a
// terminal.
type Client struct {
	UserAgent string
	IP        netip.Addr // the zero Addr if unknown
	RequestID string     // of the request, 1 to 128 of A-Z, a-z, 0-9, dot, underscore and hyphen
	// DeviceToken is the text that the client sends as its device token. It is a secret of the client.
	DeviceToken string
}

// NewSession is a session to be opened. It ends after Lifetime, by the store's clock.
type NewSession struct {
	ID         string
	UserID     string
	FamilyHash [32]byte // of its refresh tokens
	Client     Client
	Lifetime   time.Duration
}

// LockedSession is a session that no other transaction can change until this one ends.
type LockedSession struct {
	ID                   string
	UserID               string
	IsLive               bool    // neither revoked nor expired, and its user is active
	LastUserAgent        *string // of the last login or refresh; nil if a release before noted neither
	LastIP               *netip.Addr
	WasRepeatedElsewhere bool    // within RepeatElsewhereInterval
	RefreshDebtSeconds   float64 // until the session has all of its refreshes again
}

// NewRefreshToken is a refresh token to be kept. Its parent is nil for the first of a session.
type NewRefreshToken struct {
	SessionID  string
	ParentID   *int64
	Generation int32
	Hash       [32]byte
	Lifetime   time.Duration // cut where the session ends
}

// RefreshToken is what the store knows of a refresh token, as seen by the store's clock.
type RefreshToken struct {
	ID              int64
	SessionID       string
	ParentID        *int64
	Generation      int32
	SealedSuccessor []byte
	IsUsed          bool
	IsExpired       bool
	IsInGrace       bool // used, but so lately that the answer may have been lost
	IsSuccessorUsed bool
}

// Failures that are about sessions and their tokens.
var (
	ErrUnauthenticated = &Error{
		Code: CodeUnauthenticated, Message: "Send an access token as Authorization: Bearer.",
	}
	ErrInvalidToken = &Error{
		Code: CodeInvalidToken, Message: "The access token is malformed, expired or revoked.",
	}
	ErrInvalidCredentials = &Error{
		Code: CodeInvalidCredentials, Message: "No active account has this e-mail and password.",
	}
	ErrInvalidRefreshToken = &Error{
		Code: CodeInvalidRefreshToken, Message: "The refresh token is not valid. Log in again.",
	}
	ErrSessionNotFound = &Error{Code: CodeSessionNotFound, Message: "You have no such session."}
)

// SessionStore keeps sessions and their refresh tokens.
type SessionStore interface {
	CreateSession(ctx context.Context, session NewSession) (Session, error)
	// GetActor returns the active user of a live session, or ErrInvalidToken.
	GetActor(ctx context.Context, sessionID, userID string) (Actor, error)
	// LockSessionOfRefreshToken waits for other transactions on the session that has a token, or had one of its family. It
	// fails with ErrInvalidRefreshToken.
	LockSessionOfRefreshToken(ctx context.Context, hash, familyHash [32]byte) (LockedSession, error)
	// TouchSession notes that a client used a token of the family, and adds to the session's debt of refreshes.
	TouchSession(ctx context.Context, id string, familyHash [32]byte, client Client, debt time.Duration) error
	// NoteRepeatElsewhere notes that a refresh was repeated from another network.
	NoteRepeatElsewhere(ctx context.Context, id string) error
	// ListLiveSessions returns the sessions of a user that have not ended, the one used last first.
	ListLiveSessions(ctx context.Context, userID string) ([]Session, error)
	// GetLastSession returns the session of a user that was used last, ended or not, or fails with ErrSessionNotFound.
	GetLastSession(ctx context.Context, userID string) (Session, error)
	// RevokeSession ends a session, unless it has been ended already. Like the others, it returns the ids of those that it
	// ended.
	RevokeSession(ctx context.Context, id string, reason RevocationReason) ([]string, error)
	// RevokeLiveSession ends a session of a user that has not ended, or fails with ErrSessionNotFound.
	RevokeLiveSession(ctx context.Context, userID, id string, reason RevocationReason) error
	// RevokeOtherSessions ends all live sessions of a user but keepID; an empty keepID ends them all.
	RevokeOtherSessions(ctx context.Context, userID, keepID string, reason RevocationReason) ([]string, error)
	// RevokeExcessSessions ends the oldest live sessions of a user beyond the newest most.
	RevokeExcessSessions(ctx context.Context, userID string, most int, reason RevocationReason) ([]string, error)

	CreateRefreshToken(ctx context.Context, token NewRefreshToken) error
	// GetRefreshToken fails with ErrInvalidRefreshToken.
	GetRefreshToken(ctx context.Context, hash [32]byte, grace time.Duration) (RefreshToken, error)
	// UseRefreshToken marks a token used; a nil sealedSuccessor means that there is no grace.
	UseRefreshToken(ctx context.Context, id int64, sealedSuccessor []byte) error
	// PruneRefreshTokens deletes up to most tokens of a session before a generation, the last of them first.
	PruneRefreshTokens(ctx context.Context, sessionID string, beforeGeneration int32, most int) error

	SessionUpkeepStore
}

// SessionOptions are how long sessions live and how many a user may have.
type SessionOptions struct {
	Lifetime             time.Duration // of a session, however much it is used
	RefreshTokenLifetime time.Duration // of each refresh token, so of a session that is not used
	Refreshes            gcra.Rate     // of each session; the zero value limits nothing
	RefreshGrace         time.Duration // how long a used refresh token yields its successor again; 0 for never
	MaxPerUser           int           // the oldest session beyond it ends
	Retention            time.Duration // how long a session is kept after it has ended
	Observer             Observer      // nil for nobody
}

// SessionService holds the rules about logging in and staying logged in.
type SessionService struct {
	store        Store
	passwords    *Passwords
	throttles    *ThrottleService
	accessTokens *auth.AccessTokens
	ids          *idgen.Generator
	rand         io.Reader
	options      SessionOptions
}

// NewSessionService returns the rules about sessions; rand must be cryptographic.
func NewSessionService(
	store Store, passwords *Passwords, throttles *ThrottleService, accessTokens *auth.AccessTokens, ids *idgen.Generator,
	rand io.Reader, options SessionOptions,
) *SessionService {
	if options.Observer == nil {
		options.Observer = unobserved{}
	}
	return &SessionService{
		store: store, passwords: passwords, throttles: throttles, accessTokens: accessTokens, ids: ids, rand: rand,
		options: options,
	}
}

// Shed reports whether a login or a registration would fail with ErrOverloaded now, and counts it as refused then.
func (s *SessionService) Shed() bool { return s.passwords.hasher.Shed() }

// Tokens are what a client gets to prove who it is.
type Tokens struct {
	Access    string
	Refresh   auth.RefreshToken
	Device    auth.DeviceToken // after a registration or a login
	ExpiresIn time.Duration    // of the access token, in whole seconds
}

// Registration is an account that somebody wants.
type Registration struct {
	Email    string
	Password string
	Name     *string
}

// RegisterUser creates an account and its first session. It fails with ErrEmailTaken, ErrOverloaded or validation_failed.
func (s *SessionService) RegisterUser(ctx context.Context, registration Registration, client Client) (Tokens, error) {
	if err := CheckEmail(registration.Email); err != nil {
		return Tokens{}, err
	}
	hash, err := s.passwords.HashNew(ctx, registration.Password, registration.Email)
	if err != nil {
		return Tokens{}, err
	}
	id, err := s.ids.New()
	if err != nil {
		return Tokens{}, err
	}
	created := NewAuditEvent{Type: AuditUserCreated, Client: client, Detail: string(RoleUser)}
	return s.open(ctx, created, func(tx Store) (User, error) {
		return tx.CreateUser(ctx, NewUser{
			ID: id, Email: registration.Email, PasswordHash: hash, Name: registration.Name, Role: RoleUser,
		})
	})
}

// LoginUser opens a session. An unknown e-mail, a wrong password and an inactive account are one and the same
// ErrInvalidCredentials, after the same work. It also fails with ErrTooManyAttempts, ErrOverloaded or validation_failed.
func (s *SessionService) LoginUser(ctx context.Context, email, password string, client Client) (tokens Tokens, err error) {
	defer func() { s.options.Observer.LoginEnded(loginOutcome(err)) }()
	if len(password) > maxPasswordBytes {
		return Tokens{}, invalidField("/password", "too_long", "Must have at most 1,024 bytes.")
	}
	attempt, err := s.throttles.reserve(ctx, email, NewAuditEvent{Client: client})
	if err != nil {
		return Tokens{}, err
	}
	defer func() { attempt.settle(ctx, err) }()
	tokens, user, err := s.login(ctx, attempt, email, password, client)
	if errors.Is(err, errHashReplaced) {
		// By another login of the account, which has rehashed the password, or by a new password: the second look tells.
		tokens, user, err = s.login(ctx, attempt, email, password, client)
	}
	if errors.Is(err, errHashReplaced) {
		err = ErrInvalidCredentials
	}
	if errors.Is(err, ErrInvalidCredentials) {
		attempt.isWrong = true
		refused := NewAuditEvent{
			Type: AuditLoginFailed, TargetID: user.ID, Client: client, Detail: string(loginOutcome(err)),
		}
		if err := recordWrong(ctx, s.store, s.ids, refused); err != nil {
			return Tokens{}, err
		}
	}
	return tokens, err
}

// errHashReplaced says that an account got another password hash while its old one was verified.
var errHashReplaced = errors.New("the password hash was replaced")

// login returns the account beside an error too, if the e-mail has one.
func (s *SessionService) login(
	ctx context.Context, attempt *attempt, email, password string, client Client,
) (Tokens, User, error) {
	user, match, err := s.verifyLogin(ctx, email, password)
	if err != nil {
		return Tokens{}, user, err
	}
	tokens, err := s.open(ctx, NewAuditEvent{Type: AuditLoginSucceeded, Client: client}, func(tx Store) (User, error) {
		// Hashing took its time: the account may have been disabled or its password changed since. The lock makes a change
		// that comes now wait, so that it finds the new session and ends it; and so do other logins that count sessions.
		current, err := tx.LockUser(ctx, user.ID)
		switch {
		case errors.Is(err, ErrUserNotFound), err == nil && !current.IsActive:
			return User{}, ErrInvalidCredentials.Because(errInactive)
		case err != nil:
			return User{}, err
		case current.PasswordHash != user.PasswordHash:
			return User{}, errHashReplaced
		}
		return current, attempt.succeed(ctx, tx)
	})
	if err == nil && match.NeedsRehash {
		s.rehash(ctx, user, password)
	}
	return tokens, user, err
}

func (s *SessionService) verifyLogin(ctx context.Context, email, password string) (User, auth.PasswordMatch, error) {
	user, err := s.store.GetUserByEmail(ctx, email)
	known := err == nil
	if err != nil && !errors.Is(err, ErrUserNotFound) {
		return User{}, auth.PasswordMatch{}, err
	}
	candidate := &user
	if !known {
		candidate = nil
	}
	match, err := s.passwords.Verify(ctx, candidate, password)
	if errors.Is(err, ErrUnreadableHash) {
		return user, auth.PasswordMatch{}, ErrInvalidCredentials.Because(err)
	}
	if err != nil {
		return user, auth.PasswordMatch{}, err
	}
	if !known || !match.OK || !user.IsActive {
		return user, auth.PasswordMatch{}, ErrInvalidCredentials.Because(whyRefused(known, match.OK))
	}
	return user, match, nil
}

// whyRefused is for those who operate the service: an attack on one account looks unlike a list of stolen e-mails.
func whyRefused(known, matched bool) error {
	switch {
	case !known:
		return errUnknownEmail
	case !matched:
		return errWrongPassword
	default:
		return errInactive
	}
}

// rehash stores a hash with today's parameters. It is a courtesy of a login that has succeeded already: if it fails, the
// next login tries again.
func (s *SessionService) rehash(ctx context.Context, user User, password string) {
	if hash, err := s.passwords.hasher.Hash(ctx, password); err == nil {
		_ = s.store.RehashUserPassword(ctx, user.ID, user.PasswordHash, hash)
	}
}

// open opens a session for the user that find returns, in one transaction with what find does, and remembers the device.
// The event says what opens the session, and for which client.
func (s *SessionService) open(ctx context.Context, event NewAuditEvent, find func(Store) (User, error)) (Tokens, error) {
	sessionID, err := s.ids.New()
	if err != nil {
		return Tokens{}, err
	}
	refresh, err := auth.NewRefreshToken(s.rand)
	if err != nil {
		return Tokens{}, fmt.Errorf("making a refresh token: %w", err)
	}
	device, err := s.throttles.device(ctx, event.Client)
	if err != nil {
		return Tokens{}, err
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		if user, err = find(tx); err != nil {
			return err
		}
		if err := tx.RememberDevice(ctx, user.ID, device.digest, maxKnownDevices); err != nil {
			return err
		}
		_, err = tx.CreateSession(ctx, NewSession{
			ID: sessionID, UserID: user.ID, FamilyHash: refresh.FamilyHash(), Client: event.Client,
			Lifetime: s.options.Lifetime,
		})
		if err != nil {
			return err
		}
		err = tx.CreateRefreshToken(ctx, NewRefreshToken{
			SessionID: sessionID, Hash: refresh.Hash(), Lifetime: s.options.RefreshTokenLifetime,
		})
		if err != nil {
			return err
		}
		event.ActorID, event.TargetID, event.SessionID = user.ID, user.ID, sessionID
		if err := record(ctx, tx, s.ids, event); err != nil {
			return err
		}
		ended, err := tx.RevokeExcessSessions(ctx, user.ID, s.options.MaxPerUser, RevokedByNewerSessions)
		if err != nil {
			return err
		}
		return recordEnds(ctx, tx, s.ids, event, ended, RevokedByNewerSessions)
	})
	if err != nil {
		return Tokens{}, err
	}
	tokens, err := s.sign(user.ID, sessionID, refresh)
	tokens.Device = device.token
	return tokens, err
}

// sign makes the access token. It comes after the commit: no lock is held while signing.
func (s *SessionService) sign(userID, sessionID string, refresh auth.RefreshToken) (Tokens, error) {
	access, _, err := s.accessTokens.Issue(userID, sessionID)
	if err != nil {
		return Tokens{}, fmt.Errorf("signing an access token: %w", err)
	}
	return Tokens{Access: access, Refresh: refresh, ExpiresIn: s.accessTokens.Lifetime()}, nil
}

// Authenticate returns who an access token speaks for, or ErrInvalidToken: Identify and Actor in one.
func (s *SessionService) Authenticate(ctx context.Context, accessToken string) (Actor, error) {
	bearer, err := s.Identify(accessToken)
	if err != nil {
		return Actor{}, err
	}
	return s.Actor(ctx, bearer)
}

// Identify returns what an access token of ours says, or ErrInvalidToken. Whether its session still lives is left to
// Actor: this asks nobody.
func (s *SessionService) Identify(accessToken string) (auth.AccessClaims, error) {
	bearer, err := s.accessTokens.Verify(accessToken)
	if err != nil {
		return auth.AccessClaims{}, ErrInvalidToken.Because(err)
	}
	return bearer, nil
}

// Actor returns the active user of a live session, or ErrInvalidToken. Both are read anew, so that ending either is
// immediate.
func (s *SessionService) Actor(ctx context.Context, bearer auth.AccessClaims) (Actor, error) {
	return s.store.GetActor(ctx, bearer.SessionID, bearer.UserID)
}

// Network is what the client's requests are counted by: its address or, as whoever has one IPv6 address has all of its
// /64, that. It is the zero Prefix if the address is unknown.
func (c Client) Network() netip.Prefix {
	bits := c.IP.BitLen()
	if c.IP.Is6() {
		bits = 64
	}
	network, err := c.IP.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return network
}

// WiderNetwork is a network with many of the narrowest kind in it. Its limits are Percent of theirs.
type WiderNetwork struct {
	Prefix  netip.Prefix
	Percent int
}

// WiderNetworks returns those that guesses are counted by besides Network. IPv6 providers give a customer a /64, a /56 or a
// /48, so that one client can have addresses in 65,536 networks of the narrowest kind.
func (c Client) WiderNetworks() []WiderNetwork {
	narrowest := c.Network().Addr()
	if !narrowest.Is6() {
		return nil
	}
	return []WiderNetwork{
		{netip.PrefixFrom(narrowest, 56).Masked(), 150},
		{netip.PrefixFrom(narrowest, 48).Masked(), 200},
	}
}

// Authorize returns ErrForbidden, and records it, unless the actor may do what role may.
func (s *SessionService) Authorize(ctx context.Context, actor Actor, role Role) error {
	if actor.HasRole(role) {
		return nil
	}
	if err := recordRefusal(ctx, s.store, s.ids, actor.User.ID, actor.did(AuditForbidden, "")); err != nil {
		return err
	}
	return ErrForbidden
}
