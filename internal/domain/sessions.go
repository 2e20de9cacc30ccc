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

// Session is a login and the family of refresh tokens that descend from it.
type Session struct {
	ID            string // ULID
	UserID        string
	UserAgent     string      // of the login
	IP            *netip.Addr // of the login
	LastIP        *netip.Addr // of the last login or refresh; nil if unknown
	CreatedAt     time.Time
	LastUsedAt    time.Time
	ExpiresAt     time.Time
	RevokedAt     *time.Time
	RevokedReason *RevocationReason
}

// NewSession is a session to open. It expires after Lifetime, by the store's clock.
type NewSession struct {
	ID         string
	UserID     string
	FamilyHash [32]byte // of its refresh tokens
	Client     Client
	Lifetime   time.Duration
}

// RevocationReason says why a session was revoked.
type RevocationReason string

// The reasons.
const (
	RevokedByLogout         RevocationReason = "logged_out"
	RevokedByOwner          RevocationReason = "ended_by_owner"
	RevokedByAdmin          RevocationReason = "ended_by_admin"
	RevokedByPasswordChange RevocationReason = "password_changed"
	RevokedByRoleChange     RevocationReason = "role_changed"
	RevokedByDeactivation   RevocationReason = "account_deactivated"
	RevokedByTokenReuse     RevocationReason = "refresh_token_reused"
	RevokedByNewerSessions  RevocationReason = "too_many_sessions"
)

// Failures of sessions.
var (
	ErrUnauthenticated = &Error{
		Code: "unauthenticated", Message: "Send an access token as Authorization: Bearer.",
	}
	ErrInvalidToken = &Error{
		Code: "invalid_token", Message: "The access token is malformed, expired or revoked.",
	}
	ErrSessionNotFound = &Error{Code: "session_not_found", Message: "You have no such session."}
)

// Events of sessions.
const (
	EventForbidden    EventType = "authz_fail"
	EventSessionEnded EventType = "session_ended"
)

// SessionStore stores sessions. Those that end several sessions return the ids of the sessions that
// they ended.
type SessionStore interface {
	CreateSession(ctx context.Context, session NewSession) (Session, error)
	// GetActor returns the active user of a live session, or ErrInvalidToken.
	GetActor(ctx context.Context, sessionID, userID string) (Actor, error)
	// ListLiveSessions returns the sessions of a user that have not ended, the one used last first.
	ListLiveSessions(ctx context.Context, userID string) ([]Session, error)
	// GetLastSession returns the session of a user that was used last, ended or not, or fails with
	// ErrSessionNotFound.
	GetLastSession(ctx context.Context, userID string) (Session, error)
	// RevokeSession ends a session, unless it was revoked before.
	RevokeSession(ctx context.Context, id string, reason RevocationReason) ([]string, error)
	// RevokeLiveSession ends a session of a user that has not ended, or fails with
	// ErrSessionNotFound.
	RevokeLiveSession(ctx context.Context, userID, id string, reason RevocationReason) error
	// RevokeOtherSessions ends all live sessions of a user except keepID, which may be empty.
	RevokeOtherSessions(ctx context.Context, userID, keepID string, reason RevocationReason) ([]string, error)
	// RevokeExcessSessions ends the live sessions of a user except the newest most.
	RevokeExcessSessions(ctx context.Context, userID string, most int, reason RevocationReason) ([]string, error)
}

// SessionOptions say how long sessions live and how many a user may have.
type SessionOptions struct {
	Lifetime             time.Duration // of a session, however often it is refreshed
	RefreshTokenLifetime time.Duration // of each refresh token, and so of an unused session
	Refreshes            gcra.Rate     // of each session; the zero value limits nothing
	RefreshGrace         time.Duration // in which a used refresh token yields its successor again; 0 for never
	MaxPerUser           int           // beyond it the oldest session ends
	Retention            time.Duration // of a session after its end
	Mails                *MailService  // nil sends none
	Observer             Observer      // may be nil
}

// Observer counts the outcomes of logins and refreshes. It must not block.
type Observer interface {
	LoginEnded(outcome LoginOutcome)
	RefreshEnded(outcome RefreshOutcome)
}

type noObserver struct{}

func (noObserver) LoginEnded(LoginOutcome) {}

func (noObserver) RefreshEnded(RefreshOutcome) {}

// SessionService has the rules of logins and sessions.
type SessionService struct {
	store        Store
	passwords    *Passwords
	throttles    *ThrottleService
	accessTokens *auth.AccessTokens
	mails        *MailService
	events       Recorder
	ids          *idgen.Generator
	rand         io.Reader
	options      SessionOptions
}

// NewSessionService returns the rules of sessions; rand must be cryptographically secure.
func NewSessionService(
	store Store, passwords *Passwords, throttles *ThrottleService, accessTokens *auth.AccessTokens, events Recorder,
	ids *idgen.Generator, rand io.Reader, options SessionOptions,
) *SessionService {
	if options.Observer == nil {
		options.Observer = noObserver{}
	}
	return &SessionService{
		store: store, passwords: passwords, throttles: throttles, accessTokens: accessTokens, mails: options.Mails,
		events: recorderOrNone(events), ids: ids, rand: rand, options: options,
	}
}

// Tokens are the credentials of a session.
type Tokens struct {
	Access           string
	Refresh          auth.RefreshToken
	Device           auth.DeviceToken // after a registration or a login
	ExpiresIn        time.Duration    // of the access token, in whole seconds
	RefreshExpiresIn time.Duration    // at most: the session may end earlier
}

// open opens a session for the user that find returns, in the same transaction, and remembers the
// device. opened has the type and detail of the event to record.
func (s *SessionService) open(
	ctx context.Context, client Client, opened Event, find func(Store) (User, error),
) (Tokens, error) {
	sessionID, err := s.ids.New()
	if err != nil {
		return Tokens{}, err
	}
	refresh, err := auth.NewRefreshToken(s.rand)
	if err != nil {
		return Tokens{}, fmt.Errorf("making a refresh token: %w", err)
	}
	device, err := s.throttles.device(ctx, client)
	if err != nil {
		return Tokens{}, err
	}
	var user User
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		if user, err = find(tx); err != nil {
			return err
		}
		isNew, err := tx.RememberDevice(ctx, user.ID, device.digest, maxKnownDevices)
		if err != nil {
			return err
		}
		if isNew && opened.Type == EventLoginSucceeded {
			if err := s.mails.tellOfDevice(ctx, tx, user, client); err != nil {
				return err
			}
		}
		owner := Actor{User: user, SessionID: sessionID, Client: client}
		if err := s.createSession(ctx, tx, owner, refresh); err != nil {
			return err
		}
		event := owner.did(opened.Type, user.ID)
		event.Detail = opened.Detail
		if err := s.events.Record(ctx, tx, event); err != nil {
			return err
		}
		ended, err := tx.RevokeExcessSessions(ctx, user.ID, s.options.MaxPerUser, RevokedByNewerSessions)
		if err != nil {
			return err
		}
		return s.events.Record(ctx, tx, owner.ended(user.ID, ended, RevokedByNewerSessions)...)
	})
	if err != nil {
		return Tokens{}, err
	}
	tokens, err := s.sign(user.ID, sessionID, refresh)
	tokens.Device = device.token
	return tokens, err
}

// createSession creates the session of an actor with its first refresh token.
func (s *SessionService) createSession(ctx context.Context, tx Store, owner Actor, refresh auth.RefreshToken) error {
	_, err := tx.CreateSession(ctx, NewSession{
		ID: owner.SessionID, UserID: owner.User.ID, FamilyHash: refresh.FamilyHash(), Client: owner.Client,
		Lifetime: s.options.Lifetime,
	})
	if err != nil {
		return err
	}
	return tx.CreateRefreshToken(ctx, NewRefreshToken{
		SessionID: owner.SessionID, Hash: refresh.Hash(), Lifetime: s.options.RefreshTokenLifetime,
	})
}

// sign makes the access token, after the commit: no lock is held while signing.
func (s *SessionService) sign(userID, sessionID string, refresh auth.RefreshToken) (Tokens, error) {
	access, _, err := s.accessTokens.Issue(userID, sessionID)
	if err != nil {
		return Tokens{}, fmt.Errorf("signing an access token: %w", err)
	}
	return Tokens{
		Access: access, Refresh: refresh, ExpiresIn: s.accessTokens.Lifetime(),
		RefreshExpiresIn: s.options.RefreshTokenLifetime,
	}, nil
}

// Authenticate returns the actor of an access token, or ErrInvalidToken. It is Identify and Actor
// in one.
func (s *SessionService) Authenticate(ctx context.Context, accessToken string) (Actor, error) {
	bearer, err := s.Identify(accessToken)
	if err != nil {
		return Actor{}, err
	}
	return s.Actor(ctx, bearer)
}

// Identify returns the claims of an access token, or ErrInvalidToken. It queries nothing, so the
// session may have ended.
func (s *SessionService) Identify(accessToken string) (auth.AccessClaims, error) {
	bearer, err := s.accessTokens.Verify(accessToken)
	if err != nil {
		return auth.AccessClaims{}, ErrInvalidToken.Because(err)
	}
	return bearer, nil
}

// Actor returns the active user of a live session, or ErrInvalidToken. Both are read from the
// store, so that their end takes effect at once.
func (s *SessionService) Actor(ctx context.Context, bearer auth.AccessClaims) (Actor, error) {
	return s.store.GetActor(ctx, bearer.SessionID, bearer.UserID)
}

// Authorize fails with ErrForbidden, and records that, unless the actor has the rights of role.
func (s *SessionService) Authorize(ctx context.Context, actor Actor, role Role) error {
	if actor.HasRole(role) {
		return nil
	}
	if err := s.events.RecordRefusal(ctx, s.store, actor.User.ID, actor.did(EventForbidden, "")); err != nil {
		return err
	}
	return ErrForbidden
}

// LogoutUser ends the session of a refresh token, whether the token was used or not. It does
// nothing for a text that is no refresh token, and for a token whose session has ended.
func (s *SessionService) LogoutUser(ctx context.Context, refreshToken string, client Client) error {
	presented, err := auth.ParseRefreshToken(refreshToken)
	if err != nil {
		return nil //nolint:nilerr // see above
	}
	return s.store.InTx(ctx, func(tx Store) error {
		session, err := tx.LockSessionOfRefreshToken(ctx, presented.Hash(), presented.FamilyHash())
		if errors.Is(err, ErrInvalidRefreshToken) {
			return nil
		}
		if err != nil {
			return err
		}
		ended, err := tx.RevokeSession(ctx, session.ID, RevokedByLogout)
		if err != nil {
			return err
		}
		owner := Actor{User: User{ID: session.UserID}, Client: client}
		return s.events.Record(ctx, tx, owner.ended(session.UserID, ended, RevokedByLogout)...)
	})
}

// LogoutAllSessions ends all sessions of the actor, including the current one. It fails with
// ErrInvalidToken.
func (s *SessionService) LogoutAllSessions(ctx context.Context, actor Actor) error {
	return s.store.InTx(ctx, func(tx Store) error {
		current, err := lockCurrentUser(ctx, tx, actor)
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, s.events, actor, current.ID, "", RevokedByLogout)
	})
}

// ListCurrentUserSessions returns the live sessions of the actor, the one used last first.
func (s *SessionService) ListCurrentUserSessions(ctx context.Context, actor Actor) ([]Session, error) {
	return s.store.ListLiveSessions(ctx, actor.User.ID)
}

// RevokeCurrentUserSession ends one of the actor's sessions. It fails with ErrSessionNotFound, also
// for sessions of others and for ended ones.
func (s *SessionService) RevokeCurrentUserSession(ctx context.Context, actor Actor, id string) error {
	return s.store.InTx(ctx, func(tx Store) error {
		if err := tx.RevokeLiveSession(ctx, actor.User.ID, id, RevokedByOwner); err != nil {
			return err
		}
		return s.events.Record(ctx, tx, actor.ended(actor.User.ID, []string{id}, RevokedByOwner)...)
	})
}

// RevokeUserSessions ends all sessions of any account. It is for admins and fails with
// ErrForbidden, ErrUserNotFound or ErrInvalidToken.
func (s *SessionService) RevokeUserSessions(ctx context.Context, actor Actor, userID string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	return s.store.InTx(ctx, func(tx Store) error {
		// Concurrent logins lock the account, too: their sessions are created before this and end,
		// or after it.
		if _, err := tx.LockUser(ctx, userID); err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		return endSessions(ctx, tx, s.events, actor, userID, "", RevokedByAdmin)
	})
}

// endSessions ends all live sessions of an account except keepID, which may be empty, and records
// that.
func endSessions(
	ctx context.Context, tx Store, events Recorder, by Actor, userID, keepID string, reason RevocationReason,
) error {
	ended, err := tx.RevokeOtherSessions(ctx, userID, keepID, reason)
	if err != nil {
		return err
	}
	return events.Record(ctx, tx, by.ended(userID, ended, reason)...)
}

// ended returns an event for each session of an account that the actor ended.
func (a Actor) ended(userID string, sessionIDs []string, reason RevocationReason) []Event {
	events := make([]Event, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		events[i] = a.did(EventSessionEnded, userID)
		events[i].SessionID, events[i].Detail = sessionID, string(reason)
	}
	return events
}
