package pgstore

import (
	"context"
	"time"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
)

func (s *Store) CreateRefreshToken(ctx context.Context, token domain.NewRefreshToken) error {
	return translate(s.queries.CreateRefreshToken(ctx, dbsqlc.CreateRefreshTokenParams{
		SessionID: token.SessionID, ParentID: token.ParentID, Generation: token.Generation, TokenHash: token.Hash[:],
		LifetimeSeconds: token.Lifetime.Seconds(),
	}), nil)
}

func (s *Store) LockSessionOfRefreshToken(
	ctx context.Context, hash, familyHash [32]byte,
) (domain.LockedSession, error) {
	row, err := s.queries.LockSessionOfRefreshToken(ctx, dbsqlc.LockSessionOfRefreshTokenParams{
		TokenHash: hash[:], FamilyHash: familyHash[:], RepeatSeconds: domain.RepeatElsewhereInterval.Seconds(),
	})
	return domain.LockedSession(row), translate(err, domain.ErrInvalidRefreshToken)
}

func (s *Store) GetRefreshToken(
	ctx context.Context, hash [32]byte, grace time.Duration,
) (domain.RefreshToken, error) {
	row, err := s.queries.GetRefreshToken(ctx, dbsqlc.GetRefreshTokenParams{
		TokenHash: hash[:], GraceSeconds: grace.Seconds(),
	})
	return domain.RefreshToken(row), translate(err, domain.ErrInvalidRefreshToken)
}

func (s *Store) UseRefreshToken(ctx context.Context, id int64, sealedSuccessor []byte) error {
	_, err := s.queries.UseRefreshToken(ctx, dbsqlc.UseRefreshTokenParams{ID: id, SealedSuccessor: sealedSuccessor})
	return translate(err, nil)
}

func (s *Store) PruneRefreshTokens(ctx context.Context, sessionID string, beforeGeneration int32, most int) error {
	return translate(s.queries.PruneRefreshTokens(ctx, dbsqlc.PruneRefreshTokensParams{
		SessionID: sessionID, BeforeGeneration: beforeGeneration, MaxRows: toLimit(most),
	}), nil)
}

func (s *Store) TouchSession(
	ctx context.Context, id string, familyHash [32]byte, client domain.Client, debt time.Duration,
) error {
	return translate(s.queries.TouchSession(ctx, dbsqlc.TouchSessionParams{
		ID: id, FamilyHash: familyHash[:], UserAgent: &client.UserAgent, IP: toAddr(client.IP),
		DebtSeconds: debt.Seconds(),
	}), nil)
}

func (s *Store) NoteRepeatElsewhere(ctx context.Context, id string) error {
	return translate(s.queries.NoteRepeatElsewhere(ctx, id), nil)
}
