package pgstore

import (
	"context"
	"net/netip"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

func (s *Store) CreateSession(ctx context.Context, session domain.NewSession) (domain.Session, error) {
	row, err := s.queries.CreateSession(ctx, dbsqlc.CreateSessionParams{
		ID: session.ID, UserID: session.UserID, FamilyHash: session.FamilyHash[:], UserAgent: session.Client.UserAgent,
		IP: toAddr(session.Client.IP), LifetimeSeconds: session.Lifetime.Seconds(),
	})
	return toSession(row), translate(err, nil)
}

// toSession omits the columns that only statements need.
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

func (s *Store) GetActor(ctx context.Context, sessionID, userID string) (domain.Actor, error) {
	get := s.actors.Get
	if s.tx != nil || s.logged { // the log names the request of each statement
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

func (s *Store) ListLiveSessions(ctx context.Context, userID string) ([]domain.Session, error) {
	rows, err := read(ctx, s, func() ([]dbsqlc.Session, error) { return s.queries.ListLiveSessions(ctx, userID) })
	return paging.Convert(rows, toSession), translate(err, nil)
}

func (s *Store) GetLastSession(ctx context.Context, userID string) (domain.Session, error) {
	row, err := read(ctx, s, func() (dbsqlc.Session, error) { return s.queries.GetLastSession(ctx, userID) })
	return toSession(row), translate(err, domain.ErrSessionNotFound)
}

func (s *Store) RevokeSession(ctx context.Context, id string, reason domain.RevocationReason) ([]string, error) {
	ended, err := s.queries.RevokeSession(ctx, dbsqlc.RevokeSessionParams{ID: id, Reason: &reason})
	return ended, translate(err, nil)
}

func (s *Store) RevokeLiveSession(ctx context.Context, userID, id string, reason domain.RevocationReason) error {
	n, err := s.queries.RevokeLiveSession(ctx, dbsqlc.RevokeLiveSessionParams{ID: id, UserID: userID, Reason: &reason})
	return failures{noRows: domain.ErrSessionNotFound}.translateRows(n, err)
}

func (s *Store) RevokeOtherSessions(
	ctx context.Context, userID, keepID string, reason domain.RevocationReason,
) ([]string, error) {
	ended, err := s.queries.RevokeOtherSessions(ctx, dbsqlc.RevokeOtherSessionsParams{
		UserID: userID, KeepID: keepID, Reason: &reason,
	})
	return ended, translate(err, nil)
}

func (s *Store) RevokeExcessSessions(
	ctx context.Context, userID string, most int, reason domain.RevocationReason,
) ([]string, error) {
	ended, err := s.queries.RevokeExcessSessions(ctx, dbsqlc.RevokeExcessSessionsParams{
		UserID: userID, MaxSessions: toLimit(most), Reason: &reason,
	})
	return ended, translate(err, nil)
}
