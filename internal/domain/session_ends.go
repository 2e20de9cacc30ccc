package domain

import (
	"context"
	"errors"

	"example.com/plinth/kit/auth"
	"example.com/plinth/kit/idgen"
)

// RevocationReason says why a session ended before its time.
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

// LogoutUser ends the session that a refresh token belongs to, whether the token was used or not. A text that is no token
// of ours, and a token whose session has ended, leave nothing to do.
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
		owner := NewAuditEvent{ActorID: session.UserID, TargetID: session.UserID, Client: client}
		return recordEnds(ctx, tx, s.ids, owner, ended, RevokedByLogout)
	})
}

// LogoutAllSessions ends all sessions of the actor, the one that asks included. It fails with ErrInvalidToken.
func (s *SessionService) LogoutAllSessions(ctx context.Context, actor Actor) error {
	return s.store.InTx(ctx, func(tx Store) error {
		current, err := lockCurrentUser(ctx, tx, actor, staysAdmin)
		if err != nil {
			return err
		}
		return endSessions(ctx, tx, s.ids, actor.did(AuditSessionEnded, current.ID), "", RevokedByLogout)
	})
}

// ListCurrentUserSessions returns the live sessions of the actor, the one used last first.
func (s *SessionService) ListCurrentUserSessions(ctx context.Context, actor Actor) ([]Session, error) {
	return s.store.ListLiveSessions(ctx, actor.User.ID)
}

// RevokeCurrentUserSession ends one of the actor's sessions. It fails with ErrSessionNotFound, also if the session is
// another user's or has ended.
func (s *SessionService) RevokeCurrentUserSession(ctx context.Context, actor Actor, id string) error {
	return s.store.InTx(ctx, func(tx Store) error {
		if err := tx.RevokeLiveSession(ctx, actor.User.ID, id, RevokedByOwner); err != nil {
			return err
		}
		return recordEnds(ctx, tx, s.ids, actor.did(AuditSessionEnded, actor.User.ID), []string{id}, RevokedByOwner)
	})
}

// RevokeUserSessions ends all sessions of any account. It is for admins and fails with ErrForbidden, ErrUserNotFound or
// ErrInvalidToken.
func (s *SessionService) RevokeUserSessions(ctx context.Context, actor Actor, userID string) error {
	if !actor.HasRole(RoleAdmin) {
		return ErrForbidden
	}
	return s.store.InTx(ctx, func(tx Store) error {
		// A login that is under way waits for this lock, or this for the login: no session slips through.
		if _, err := tx.LockUser(ctx, userID); err != nil {
			return err
		}
		if err := recheckAdmin(ctx, tx, actor); err != nil {
			return err
		}
		return endSessions(ctx, tx, s.ids, actor.did(AuditSessionEnded, userID), "", RevokedByAdmin)
	})
}

// endSessions ends all live sessions of an account but keepID, and records that. by says who did it and to which account.
func endSessions(
	ctx context.Context, tx Store, ids *idgen.Generator, by NewAuditEvent, keepID string, reason RevocationReason,
) error {
	ended, err := tx.RevokeOtherSessions(ctx, by.TargetID, keepID, reason)
	if err != nil {
		return err
	}
	return recordEnds(ctx, tx, ids, by, ended, reason)
}

// recordEnds records that sessions of an account have been ended, each by itself. by says who did it and to which account.
func recordEnds(
	ctx context.Context, tx Store, ids *idgen.Generator, by NewAuditEvent, sessionIDs []string, reason RevocationReason,
) error {
	events := make([]NewAuditEvent, len(sessionIDs))
	for i, sessionID := range sessionIDs {
		by.Type, by.SessionID, by.Detail = AuditSessionEnded, sessionID, string(reason)
		events[i] = by
	}
	return record(ctx, tx, ids, events...)
}
