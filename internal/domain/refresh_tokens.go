package domain

import (
	"context"
	"errors"
	"fmt"

	"example.com/plinth/internal/auth"
)

// RefreshTokens exchanges a refresh token for the next pair of its session, or fails with ErrInvalidRefreshToken.
//
// A token works once (RFC 9700, section 4.14.2). Within the grace, a used one yields the same successor again, for a
// client whose answer was lost; any other reuse means that two parties hold the token, and ends the session.
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
			successor = fresh
			return s.rotate(ctx, tx, token, presented, fresh)
		case token.IsInGrace && !token.IsSuccessorUsed && token.SealedSuccessor != nil:
			repeated = true
			successor, err = auth.OpenSuccessor(presented, token.SealedSuccessor)
			return err
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
	ctx context.Context, tx Store, token RefreshToken, presented, successor auth.RefreshToken,
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
	return tx.TouchSession(ctx, token.SessionID, presented.FamilyHash())
}
