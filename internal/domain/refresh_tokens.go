package domain

import (
	"context"
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
	fresh, err := auth.NewRefreshToken(s.rand)
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
		if session, err = tx.LockSessionOfRefreshToken(ctx, presented.Hash()); err != nil {
			return err
		}
		if !session.IsLive {
			return ErrInvalidRefreshToken
		}
		token, err := tx.GetRefreshToken(ctx, presented.Hash(), s.options.RefreshGrace)
		if err != nil {
			return err
		}
		reused, repeated = false, false
		switch {
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
			reused = true // returning nil here commits the revocation before the caller is told
			if _, err = tx.RevokeSession(ctx, session.ID, RevokedByTokenReuse); err != nil {
				return err
			}
			return record(ctx, tx, s.ids, NewAuditEvent{
				Type: AuditTokenReused, TargetID: session.UserID, SessionID: session.ID, Client: client,
			})
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
	// The presented token is in use, so its owner has it: its parent need not give it out again.
	if token.ParentID != nil {
		if err := tx.ClearSealedSuccessor(ctx, *token.ParentID); err != nil {
			return err
		}
	}
	err := tx.CreateRefreshToken(ctx, NewRefreshToken{
		SessionID: token.SessionID, ParentID: &token.ID, Generation: token.Generation + 1,
		Hash: successor.Hash(), Lifetime: s.options.RefreshTokenLifetime,
	})
	if err != nil {
		return err
	}
	return tx.TouchSession(ctx, token.SessionID)
}
