package pgstore

import (
	"context"
	"time"

	"example.com/plinth/gen/dbsqlc"
)

func (s *Store) ClearSealedSuccessors(ctx context.Context, grace time.Duration, most int) (int, error) {
	return counted(s.queries.ClearSealedSuccessors(ctx, dbsqlc.ClearSealedSuccessorsParams{
		GraceSeconds: grace.Seconds(), MaxRows: toLimit(most),
	}))
}

func (s *Store) ListEndedSessions(
	ctx context.Context, ended time.Duration, except []string, most int,
) ([]string, error) {
	ids, err := s.queries.ListEndedSessions(ctx, dbsqlc.ListEndedSessionsParams{
		EndedSeconds: ended.Seconds(), ExceptIds: orNone(except), MaxRows: toLimit(most),
	})
	return ids, translate(err, nil)
}

func (s *Store) DeleteSessions(ctx context.Context, ids []string) ([]string, error) {
	deleted, err := s.queries.DeleteSessions(ctx, ids)
	return deleted, translate(err, nil)
}

func (s *Store) ListDeletedSessions(ctx context.Context, except []string, most int) ([]string, error) {
	ids, err := s.queries.ListDeletedSessions(ctx, dbsqlc.ListDeletedSessionsParams{
		ExceptIds: orNone(except), MaxRows: toLimit(most),
	})
	return ids, translate(err, nil)
}

func (s *Store) DeleteRefreshTokens(ctx context.Context, sessionIDs []string, most int) (int, error) {
	return counted(s.queries.DeleteRefreshTokens(ctx, dbsqlc.DeleteRefreshTokensParams{
		SessionIds: sessionIDs, MaxRows: toLimit(most),
	}))
}

func (s *Store) ForgetDeletedSessions(ctx context.Context, ids []string) ([]string, error) {
	forgotten, err := s.queries.ForgetDeletedSessions(ctx, ids)
	return forgotten, translate(err, nil)
}

// orNone returns an empty array for nil, which would be NULL: no value is different from NULL.
func orNone(ids []string) []string {
	if ids == nil {
		return []string{}
	}
	return ids
}
