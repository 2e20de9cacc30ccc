package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/plinth/kit/auth"
)

// ErrTooManyRefreshes says that a session is refreshed too often; RetryAfter says when it may be again.
var ErrTooManyRefreshes = &Error{Code: CodeRateLimited, Message: "The session is refreshed too often. Try again later."}

// RefreshTokens exchanges a refresh token for the next pair of its session, or fails with ErrInvalidRefreshToken, or with
// ErrTooManyRefreshes, which leaves the token as it is.
//
// A token works once (RFC 9700, section 4.14.2). Within the grace, a used one yields the same successor again to the client
// that used it, in case the answer was lost; any other reuse means that two parties hold the token, and ends the session.
func (s *SessionService) RefreshTokens(
	ctx context.Context, refreshToken string, client Client,
) (tokens Tokens, err error) {
	repeated := false
	defer func() { s.options.Observer.RefreshEnded(refreshOutcome(repeated, err)) }()
	presented, err := auth.ParseRefreshToken(refreshToken)
	if err != nil {
		return Tokens{}, ErrInvalidRefreshToken.Because(err)
	}
	fresh, err := presented.NewSuccessor(s.rand)
	if err != nil {
		return Tokens{}, fmt.Errorf("making a refresh token: %w", err)
	}

	var (
		session   LockedSession
		successor auth.RefreshToken
		reused    bool
	)
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		// The lock comes first and the token is read in a statement of its own, so that what it says is from after the
		// last change to the family.
		if session, err = tx.LockSessionOfRefreshToken(ctx, presented.Hash(), presented.FamilyHash()); err != nil {
			return err
		}
		if !session.IsLive {
			return ErrInvalidRefreshToken
		}
		token, err := tx.GetRefreshToken(ctx, presented.Hash(), s.options.RefreshGrace)
		isPruned := errors.Is(err, ErrInvalidRefreshToken) // it is of the session's family
		if err != nil && !isPruned {
			return err
		}
		reused, repeated = false, false
		switch {
		case isPruned:
			reused = true
			return s.endForReuse(ctx, tx, session, client)
		case !token.IsUsed && token.IsExpired:
			return ErrInvalidRefreshToken
		case !token.IsUsed:
			if wait := s.options.Refreshes.Wait(session.refreshDebt()); wait > 0 {
				return ErrTooManyRefreshes.After(wait)
			}
			successor = fresh
			return s.rotate(ctx, tx, token, presented, fresh, client)
		case token.IsInGrace && !token.IsSuccessorUsed && token.SealedSuccessor != nil && session.mayRepeat(client):
			repeated = true
			if successor, err = auth.OpenSuccessor(presented, token.SealedSuccessor); err != nil {
				return err
			}
			return s.noteRepeat(ctx, tx, session, client)
		default:
			reused = true
			return s.endForReuse(ctx, tx, session, client)
		}
	})
	if err != nil {
		return Tokens{}, err
	}
	if reused {
		return Tokens{}, ErrInvalidRefreshToken.Because(errTokenReused)
	}
	return s.sign(session.UserID, session.ID, successor)
}

// RepeatElsewhereInterval is how long a refresh of a session cannot be repeated from another network once more.
const RepeatElsewhereInterval = 24 * time.Hour

// mayRepeat reports whether a client may be the one that made the last refresh and lost its answer. It calls itself the
// same, and comes from the same network, or is a phone that has changed networks: one that does so again within
// RepeatElsewhereInterval is taken for another party, which would otherwise ride along with each refresh of the owner.
func (s LockedSession) mayRepeat(client Client) bool {
	isSameProgram := s.LastUserAgent == nil || *s.LastUserAgent == client.UserAgent
	return isSameProgram && (!s.isElsewhere(client) || !s.WasRepeatedElsewhere)
}

// isElsewhere reports whether a client comes from another network than the one that used the session last.
func (s LockedSession) isElsewhere(client Client) bool {
	return s.LastIP != nil && (Client{IP: *s.LastIP}).Network() != client.Network()
}

func (s LockedSession) refreshDebt() time.Duration {
	return time.Duration(s.RefreshDebtSeconds * float64(time.Second))
}

// noteRepeat records a retry from another network.
func (s *SessionService) noteRepeat(ctx context.Context, tx Store, session LockedSession, client Client) error {
	if !session.isElsewhere(client) {
		return nil
	}
	if err := tx.NoteRepeatElsewhere(ctx, session.ID); err != nil {
		return err
	}
	return record(ctx, tx, s.ids, NewAuditEvent{
		Type: AuditTokenRepeated, TargetID: session.UserID, SessionID: session.ID, Client: client,
	})
}

// endForReuse ends the session of a token that was used again. The transaction has to be committed before the caller is
// told.
func (s *SessionService) endForReuse(ctx context.Context, tx Store, session LockedSession, client Client) error {
	if _, err := tx.RevokeSession(ctx, session.ID, RevokedByTokenReuse); err != nil {
		return err
	}
	return record(ctx, tx, s.ids, NewAuditEvent{
		Type: AuditTokenReused, TargetID: session.UserID, SessionID: session.ID, Client: client,
	})
}

// pruneBatch bounds how many tokens a refresh deletes. One is enough, unless the session was refreshed by a release that
// kept them.
const pruneBatch = 100

// rotate uses token up and puts its successor in its place.
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
	// The client has the presented token, so its parent must not yield it again. The parent was needed for nothing else:
	// the family says whose token it was.
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
