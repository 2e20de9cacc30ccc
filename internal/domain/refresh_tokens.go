package domain

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/clientnet"
)

// LockedSession is a session whose row is locked until the transaction ends.
type LockedSession struct {
	ID                   string
	UserID               string
	IsLive               bool    // neither revoked nor expired, and its user is active
	LastUserAgent        *string // of the last login or refresh; nil in sessions of early releases
	LastIP               *netip.Addr
	WasRepeatedElsewhere bool    // within RepeatElsewhereInterval
	RefreshDebtSeconds   float64 // see gcra.Rate.Wait
}

// NewRefreshToken is a refresh token to store. Its parent is nil for the first of a session.
type NewRefreshToken struct {
	SessionID  string
	ParentID   *int64
	Generation int32
	Hash       [32]byte
	Lifetime   time.Duration // truncated to that of the session
}

// RefreshToken is a stored refresh token. The store's clock decides about expiry and grace.
type RefreshToken struct {
	ID              int64
	SessionID       string
	ParentID        *int64
	Generation      int32
	SealedSuccessor []byte
	IsUsed          bool
	IsExpired       bool
	IsInGrace       bool // used so recently that the response may have been lost
	IsSuccessorUsed bool
}

// Failures of refresh tokens.
var (
	ErrInvalidRefreshToken = &Error{
		Code: "invalid_refresh_token", Message: "The refresh token is not valid. Log in again.",
	}
	// ErrTooManyRefreshes has the time until the next refresh of the session.
	ErrTooManyRefreshes = &Error{Code: CodeRateLimited, Message: "The session is refreshed too often. Try again later."}

	errTokenReused = errors.New("the refresh token was used before") // a cause of ErrInvalidRefreshToken
)

// Events of refresh tokens.
const (
	EventTokenReused   EventType = "authn_token_reuse"  //nolint:gosec // G101: an event, not a credential
	EventTokenRepeated EventType = "authn_token_repeat" //nolint:gosec // G101: an event, not a credential
)

// RefreshTokenStore stores refresh tokens, and the state of sessions that refreshes need.
type RefreshTokenStore interface {
	CreateRefreshToken(ctx context.Context, token NewRefreshToken) error
	// LockSessionOfRefreshToken locks the session that has a token, or had one of its family. It
	// fails with ErrInvalidRefreshToken.
	LockSessionOfRefreshToken(ctx context.Context, hash, familyHash [32]byte) (LockedSession, error)
	// GetRefreshToken fails with ErrInvalidRefreshToken.
	GetRefreshToken(ctx context.Context, hash [32]byte, grace time.Duration) (RefreshToken, error)
	// UseRefreshToken marks a token used; a nil sealedSuccessor means that there is no grace.
	UseRefreshToken(ctx context.Context, id int64, sealedSuccessor []byte) error
	// PruneRefreshTokens deletes up to most tokens of a session before a generation, the newest
	// first.
	PruneRefreshTokens(ctx context.Context, sessionID string, beforeGeneration int32, most int) error
	// TouchSession records that a client used a token of the family, and adds to the session's debt
	// of refreshes.
	TouchSession(ctx context.Context, id string, familyHash [32]byte, client Client, debt time.Duration) error
	// NoteRepeatElsewhere records that a refresh was repeated from another network.
	NoteRepeatElsewhere(ctx context.Context, id string) error
}

// RefreshOutcome says how a refresh ended. It is for operators.
type RefreshOutcome string

// The outcomes of refreshes.
const (
	RefreshRotated   RefreshOutcome = "rotated"
	RefreshRepeated  RefreshOutcome = "repeated"  // within the grace: the client got the same successor again
	RefreshReused    RefreshOutcome = "reused"    // two parties have the token, so the session was ended
	RefreshInvalid   RefreshOutcome = "invalid"   // malformed, unknown, expired, or of an ended session
	RefreshThrottled RefreshOutcome = "throttled" // over the rate of its session
	RefreshFailed    RefreshOutcome = "failed"    // by a fault of the service
)

// RefreshOutcomes returns all outcomes.
func RefreshOutcomes() []RefreshOutcome {
	return []RefreshOutcome{
		RefreshRotated, RefreshRepeated, RefreshReused, RefreshInvalid, RefreshThrottled, RefreshFailed,
	}
}

// RefreshTokens exchanges a refresh token for the next pair of its session. It fails with
// ErrInvalidRefreshToken, or with ErrTooManyRefreshes, which leaves the token unused.
//
// A token works once (RFC 9700, section 4.14.2). Within the grace, a used token yields the same
// successor again to the client that used it, because the response may have been lost; any other
// reuse means that two parties have the token, and ends the session.
func (s *SessionService) RefreshTokens(
	ctx context.Context, refreshToken string, client Client,
) (tokens Tokens, err error) {
	var refreshed refreshResult
	defer func() { s.options.Observer.RefreshEnded(refreshOutcome(refreshed.isRepeat, err)) }()
	presented, err := auth.ParseRefreshToken(refreshToken)
	if err != nil {
		return Tokens{}, ErrInvalidRefreshToken.Because(err)
	}
	fresh, err := presented.NewSuccessor(s.rand)
	if err != nil {
		return Tokens{}, fmt.Errorf("making a refresh token: %w", err)
	}
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		refreshed, err = s.refresh(ctx, tx, presented, fresh, client)
		return err
	})
	switch {
	case err != nil:
		return Tokens{}, err
	case refreshed.isReuse: // not an error inside of the transaction, which has to be committed
		return Tokens{}, ErrInvalidRefreshToken.Because(errTokenReused)
	}
	return s.sign(refreshed.session.UserID, refreshed.session.ID, refreshed.successor)
}

func refreshOutcome(repeated bool, err error) RefreshOutcome {
	switch {
	case err == nil && repeated:
		return RefreshRepeated
	case err == nil:
		return RefreshRotated
	case errors.Is(err, errTokenReused):
		return RefreshReused
	case errors.Is(err, ErrInvalidRefreshToken):
		return RefreshInvalid
	case errors.Is(err, ErrTooManyRefreshes):
		return RefreshThrottled
	default:
		return RefreshFailed
	}
}

// refreshResult is what came of a refresh token.
type refreshResult struct {
	session   LockedSession
	successor auth.RefreshToken
	isRepeat  bool // the successor was given out before
	isReuse   bool // there is no successor: the session was ended
}

// refresh decides what to do with a refresh token, and does it.
func (s *SessionService) refresh(
	ctx context.Context, tx Store, presented, fresh auth.RefreshToken, client Client,
) (r refreshResult, err error) {
	// The token is read in a statement of its own after the lock, so that it is read after the last
	// change to its family.
	if r.session, err = tx.LockSessionOfRefreshToken(ctx, presented.Hash(), presented.FamilyHash()); err != nil {
		return r, err
	}
	if !r.session.IsLive {
		return r, ErrInvalidRefreshToken
	}
	token, err := tx.GetRefreshToken(ctx, presented.Hash(), s.options.RefreshGrace)
	isPruned := errors.Is(err, ErrInvalidRefreshToken) // but of the session's family
	if err != nil && !isPruned {
		return r, err
	}
	switch {
	case isPruned:
		r.isReuse = true
		return r, s.endForReuse(ctx, tx, r.session, client)
	case !token.IsUsed && token.IsExpired:
		return r, ErrInvalidRefreshToken
	case !token.IsUsed:
		if wait := s.options.Refreshes.Wait(r.session.refreshDebt()); wait > 0 {
			return r, ErrTooManyRefreshes.After(wait)
		}
		r.successor = fresh
		return r, s.rotate(ctx, tx, token, presented, fresh, client)
	case token.IsInGrace && !token.IsSuccessorUsed && token.SealedSuccessor != nil && r.session.mayRepeat(client):
		r.isRepeat = true
		if r.successor, err = auth.OpenSuccessor(presented, token.SealedSuccessor); err != nil {
			return r, err
		}
		return r, s.noteRepeat(ctx, tx, r.session, client)
	default:
		r.isReuse = true
		return r, s.endForReuse(ctx, tx, r.session, client)
	}
}

// RepeatElsewhereInterval is the minimum time between two repeated refreshes of a session from
// other networks.
const RepeatElsewhereInterval = 24 * time.Hour

// mayRepeat reports whether a client can be the one that made the last refresh and lost the
// response. It must have the same user agent. It may have changed networks, as phones do, but only
// once in RepeatElsewhereInterval: otherwise another party could repeat every refresh of the owner.
func (s LockedSession) mayRepeat(client Client) bool {
	isSameProgram := s.LastUserAgent == nil || *s.LastUserAgent == client.UserAgent
	return isSameProgram && (!s.isElsewhere(client) || !s.WasRepeatedElsewhere)
}

// isElsewhere reports whether a client is in another network than the one that used the session
// last.
func (s LockedSession) isElsewhere(client Client) bool {
	return s.LastIP != nil && clientnet.Of(*s.LastIP) != clientnet.Of(client.IP)
}

func (s LockedSession) refreshDebt() time.Duration {
	return time.Duration(s.RefreshDebtSeconds * float64(time.Second))
}

// noteRepeat records a repeated refresh from another network.
func (s *SessionService) noteRepeat(ctx context.Context, tx Store, session LockedSession, client Client) error {
	if !session.isElsewhere(client) {
		return nil
	}
	if err := tx.NoteRepeatElsewhere(ctx, session.ID); err != nil {
		return err
	}
	return s.events.Record(ctx, tx, Event{
		Type: EventTokenRepeated, TargetID: session.UserID, SessionID: session.ID, Client: client,
	})
}

// endForReuse ends the session of a reused token.
func (s *SessionService) endForReuse(ctx context.Context, tx Store, session LockedSession, client Client) error {
	if _, err := tx.RevokeSession(ctx, session.ID, RevokedByTokenReuse); err != nil {
		return err
	}
	return s.events.Record(ctx, tx, Event{
		Type: EventTokenReused, TargetID: session.UserID, SessionID: session.ID, Client: client,
	})
}

// pruneBatch bounds how many tokens a refresh deletes. There is one, or many if early releases
// refreshed the session.
const pruneBatch = 100

// rotate marks token used and stores its successor.
func (s *SessionService) rotate(
	ctx context.Context, tx Store, token RefreshToken, presented, successor auth.RefreshToken, client Client,
) error {
	var sealed []byte
	if s.options.RefreshGrace > 0 {
		var err error
		if sealed, err = auth.SealSuccessor(presented, successor); err != nil {
			return fmt.Errorf("sealing a successor: %w", err)
		}
	}
	if err := tx.UseRefreshToken(ctx, token.ID, sealed); err != nil {
		return err
	}
	// The client has received the presented token, so its parent must not yield it again. Nothing
	// else needs the parent: the family hash identifies the session of pruned tokens.
	if err := tx.PruneRefreshTokens(ctx, token.SessionID, token.Generation, pruneBatch); err != nil {
		return err
	}
	err := tx.CreateRefreshToken(ctx, NewRefreshToken{
		SessionID: token.SessionID, ParentID: &token.ID, Generation: token.Generation + 1,
		Hash: successor.Hash(), Lifetime: s.options.RefreshTokenLifetime,
	})
	if err != nil {
		return err
	}
	return tx.TouchSession(ctx, token.SessionID, presented.FamilyHash(), client, s.options.Refreshes.Interval())
}
