package pgstore

import (
	"context"
	"net/netip"
	"time"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

// CreateSession implements domain.SessionStore.
func (s *Store) CreateSession(ctx context.Context, session domain.NewSession) (domain.Session, error) {
	row, err := s.queries.CreateSession(ctx, dbsqlc.CreateSessionParams{
		ID: session.ID, UserID: session.UserID, FamilyHash: session.FamilyHash[:], UserAgent: session.Client.UserAgent,
		IP: toAddr(session.Client.IP), LifetimeSeconds: session.Lifetime.Seconds(),
	})
	return toSession(row), translate(err, nil)
}

// toSession leaves out what only statements need.
func toSession(row dbsqlc.Session) domain.Session {
	return domain.Session{
		ID: row.ID, UserID: row.UserID, UserAgent: row.UserAgent, IP: row.IP, LastIP: row.LastIP,
		CreatedAt: row.CreatedAt, LastUsedAt: row.LastUsedAt, ExpiresAt: row.ExpiresAt,
		RevokedAt: row.RevokedAt, RevokedReason: row.RevokedReason,
	}
}

func toAddr(ip netip.Addr) *netip.Addr {
	if !ip.IsValid() {
		return nil
	}
	return &ip
}

// GetActor implements domain.SessionStore.
func (s *Store) GetActor(ctx context.Context, sessionID, userID string) (domain.Actor, error) {
	get := s.actors.Get
	if s.inTx || s.logged { // the log names the request of each statement
		get = s.getActor
	}
	user, err := get(ctx, actorKey{sessionID, userID})
	return domain.Actor{User: user, SessionID: sessionID}, translate(err, domain.ErrInvalidToken)
}

type actorKey struct{ sessionID, userID string }

func (s *Store) getActor(ctx context.Context, key actorKey) (domain.User, error) {
	row, err := read(ctx, s, func() (dbsqlc.GetActorRow, error) {
		return s.queries.GetActor(ctx, dbsqlc.GetActorParams{SessionID: key.sessionID, UserID: key.userID})
	})
	return domain.User(row.User), err
}

func (s *Store) getActors(ctx context.Context, keys []actorKey) (map[actorKey]domain.User, error) {
	ids := make([]string, len(keys))
	for i, key := range keys {
		ids[i] = key.sessionID
	}
	rows, err := read(ctx, s, func() ([]dbsqlc.GetActorsRow, error) { return s.queries.GetActors(ctx, ids) })
	users := make(map[actorKey]domain.User, len(rows))
	for _, row := range rows {
		users[actorKey{row.SessionID, row.User.ID}] = domain.User(row.User)
	}
	return users, err
}

// LockSessionOfRefreshToken implements domain.SessionStore.
func (s *Store) LockSessionOfRefreshToken(
	ctx context.Context, hash, familyHash [32]byte,
) (domain.LockedSession, error) {
	row, err := s.queries.LockSessionOfRefreshToken(ctx, dbsqlc.LockSessionOfRefreshTokenParams{
		TokenHash: hash[:], FamilyHash: familyHash[:], RepeatSeconds: domain.RepeatElsewhereInterval.Seconds(),
	})
	return domain.LockedSession(row), translate(err, domain.ErrInvalidRefreshToken)
}

// TouchSession implements domain.SessionStore.
func (s *Store) TouchSession(
	ctx context.Context, id string, familyHash [32]byte, client domain.Client, debt time.Duration,
) error {
	return translate(s.queries.TouchSession(ctx, dbsqlc.TouchSessionParams{
		ID: id, FamilyHash: familyHash[:], UserAgent: &client.UserAgent, IP: toAddr(client.IP),
		DebtSeconds: debt.Seconds(),
	}), nil)
}

// NoteRepeatElsewhere implements domain.SessionStore.
func (s *Store) NoteRepeatElsewhere(ctx context.Context, id string) error {
	return translate(s.queries.NoteRepeatElsewhere(ctx, id), nil)
}

// ListLiveSessions implements domain.SessionStore.
func (s *Store) ListLiveSessions(ctx context.Context, userID string) ([]domain.Session, error) {
	rows, err := read(ctx, s, func() ([]dbsqlc.Session, error) { return s.queries.ListLiveSessions(ctx, userID) })
	return paging.Convert(rows, toSession), translate(err, nil)
}

// GetLastSession implements domain.SessionStore.
func (s *Store) GetLastSession(ctx context.Context, userID string) (domain.Session, error) {
	row, err := read(ctx, s, func() (dbsqlc.Session, error) { return s.queries.GetLastSession(ctx, userID) })
	return toSession(row), translate(err, domain.ErrSessionNotFound)
}

// RevokeSession implements domain.SessionStore.
func (s *Store) RevokeSession(ctx context.Context, id string, reason domain.RevocationReason) ([]string, error) {
	ended, err := s.queries.RevokeSession(ctx, dbsqlc.RevokeSessionParams{ID: id, Reason: &reason})
	return ended, translate(err, nil)
}

// RevokeLiveSession implements domain.SessionStore.
func (s *Store) RevokeLiveSession(ctx context.Context, userID, id string, reason domain.RevocationReason) error {
	n, err := s.queries.RevokeLiveSession(ctx, dbsqlc.RevokeLiveSessionParams{ID: id, UserID: userID, Reason: &reason})
	return translateRows(n, err, domain.ErrSessionNotFound)
}

// RevokeOtherSessions implements domain.SessionStore.
func (s *Store) RevokeOtherSessions(
	ctx context.Context, userID, keepID string, reason domain.RevocationReason,
) ([]string, error) {
	ended, err := s.queries.RevokeOtherSessions(ctx, dbsqlc.RevokeOtherSessionsParams{
		UserID: userID, KeepID: keepID, Reason: &reason,
	})
	return ended, translate(err, nil)
}

// RevokeExcessSessions implements domain.SessionStore.
func (s *Store) RevokeExcessSessions(
	ctx context.Context, userID string, most int, reason domain.RevocationReason,
) ([]string, error) {
	ended, err := s.queries.RevokeExcessSessions(ctx, dbsqlc.RevokeExcessSessionsParams{
		UserID: userID, MaxSessions: toLimit(most), Reason: &reason,
	})
	return ended, translate(err, nil)
}

// CreateRefreshToken implements domain.SessionStore.
func (s *Store) CreateRefreshToken(ctx context.Context, token domain.NewRefreshToken) error {
	return translate(s.queries.CreateRefreshToken(ctx, dbsqlc.CreateRefreshTokenParams{
		SessionID: token.SessionID, ParentID: token.ParentID, Generation: token.Generation, TokenHash: token.Hash[:],
		LifetimeSeconds: token.Lifetime.Seconds(),
	}), nil)
}

// GetRefreshToken implements domain.SessionStore.
func (s *Store) GetRefreshToken(
	ctx context.Context, hash [32]byte, grace time.Duration,
) (domain.RefreshToken, error) {
	row, err := s.queries.GetRefreshToken(ctx, dbsqlc.GetRefreshTokenParams{
		TokenHash: hash[:], GraceSeconds: grace.Seconds(),
	})
	return domain.RefreshToken(row), translate(err, domain.ErrInvalidRefreshToken)
}

// UseRefreshToken implements domain.SessionStore.
func (s *Store) UseRefreshToken(ctx context.Context, id int64, sealedSuccessor []byte) error {
	_, err := s.queries.UseRefreshToken(ctx, dbsqlc.UseRefreshTokenParams{ID: id, SealedSuccessor: sealedSuccessor})
	return translate(err, nil)
}

// PruneRefreshTokens implements domain.SessionStore.
func (s *Store) PruneRefreshTokens(ctx context.Context, sessionID string, beforeGeneration int32, most int) error {
	return translate(s.queries.PruneRefreshTokens(ctx, dbsqlc.PruneRefreshTokensParams{
		SessionID: sessionID, BeforeGeneration: beforeGeneration, MaxRows: toLimit(most),
	}), nil)
}

// ClearSealedSuccessors implements domain.SessionStore.
func (s *Store) ClearSealedSuccessors(ctx context.Context, grace time.Duration, most int) (int, error) {
	n, err := s.queries.ClearSealedSuccessors(ctx, dbsqlc.ClearSealedSuccessorsParams{
		GraceSeconds: grace.Seconds(), MaxRows: toLimit(most),
	})
	return int(n), translate(err, nil)
}

// ListEndedSessions implements domain.SessionUpkeepStore.
func (s *Store) ListEndedSessions(
	ctx context.Context, ended time.Duration, except []string, most int,
) ([]string, error) {
	ids, err := s.queries.ListEndedSessions(ctx, dbsqlc.ListEndedSessionsParams{
		EndedSeconds: ended.Seconds(), ExceptIds: orNone(except), MaxRows: toLimit(most),
	})
	return ids, translate(err, nil)
}

// DeleteSessions implements domain.SessionUpkeepStore.
func (s *Store) DeleteSessions(ctx context.Context, ids []string) ([]string, error) {
	deleted, err := s.queries.DeleteSessions(ctx, ids)
	return deleted, translate(err, nil)
}

// ListDeletedSessions implements domain.SessionUpkeepStore.
func (s *Store) ListDeletedSessions(ctx context.Context, except []string, most int) ([]string, error) {
	ids, err := s.queries.ListDeletedSessions(ctx, dbsqlc.ListDeletedSessionsParams{
		ExceptIds: orNone(except), MaxRows: toLimit(most),
	})
	return ids, translate(err, nil)
}

// DeleteRefreshTokens implements domain.SessionUpkeepStore.
func (s *Store) DeleteRefreshTokens(ctx context.Context, sessionIDs []string, most int) (int, error) {
	n, err := s.queries.DeleteRefreshTokens(ctx, dbsqlc.DeleteRefreshTokensParams{
		SessionIds: sessionIDs, MaxRows: toLimit(most),
	})
	return int(n), translate(err, nil)
}

// ForgetDeletedSessions implements domain.SessionUpkeepStore.
func (s *Store) ForgetDeletedSessions(ctx context.Context, ids []string) ([]string, error) {
	forgotten, err := s.queries.ForgetDeletedSessions(ctx, ids)
	return forgotten, translate(err, nil)
}

// orNone makes an empty array of a nil one, which would be NULL: nothing is different from that.
func orNone(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}
