package pgstore

import (
	"context"
	"time"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
)

func (s *Store) RequestOneTimeToken(ctx context.Context, token domain.NewOneTimeToken) (stored bool, err error) {
	n, err := s.queries.RequestOneTimeToken(ctx, dbsqlc.RequestOneTimeTokenParams{
		UserID: token.UserID, Purpose: token.Purpose, SentTo: token.SentTo, TokenHash: token.TokenHash,
		LifetimeSeconds: token.Lifetime.Seconds(), KeepFirst: token.Purpose == domain.TokenEmailUndo,
	})
	return n > 0, translate(err, nil)
}

func (s *Store) MintOneTimeToken(
	ctx context.Context, userID string, purpose domain.TokenPurpose, hash []byte, lifetime time.Duration,
) (domain.OneTimeToken, error) {
	row, err := s.queries.MintOneTimeToken(ctx, dbsqlc.MintOneTimeTokenParams{
		UserID: userID, Purpose: purpose, TokenHash: hash, LifetimeSeconds: lifetime.Seconds(),
	})
	return domain.OneTimeToken(row), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) LockUserOfOneTimeToken(
	ctx context.Context, purpose domain.TokenPurpose, hash []byte,
) (domain.User, error) {
	row, err := s.queries.LockUserOfOneTimeToken(ctx, dbsqlc.LockUserOfOneTimeTokenParams{
		Purpose: purpose, TokenHash: hash,
	})
	return domain.User(row.User), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) UseOneTimeToken(
	ctx context.Context, purpose domain.TokenPurpose, hash []byte,
) (domain.OneTimeToken, error) {
	row, err := s.queries.UseOneTimeToken(ctx, dbsqlc.UseOneTimeTokenParams{Purpose: purpose, TokenHash: hash})
	return domain.OneTimeToken(row), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) DeleteOneTimeTokens(ctx context.Context, userID string, purposes ...domain.TokenPurpose) error {
	names := make([]string, len(purposes))
	for i, purpose := range purposes {
		names[i] = string(purpose)
	}
	return translate(s.queries.DeleteOneTimeTokens(ctx, dbsqlc.DeleteOneTimeTokensParams{
		UserID: userID, Purposes: names,
	}), nil)
}

func (s *Store) IsEmailReserved(ctx context.Context, email, exceptUserID string) (bool, error) {
	reserved, err := s.queries.IsEmailReserved(ctx, dbsqlc.IsEmailReservedParams{
		Email: email, Purpose: domain.TokenEmailUndo, ExceptUserID: exceptUserID,
	})
	return reserved, translate(err, nil)
}

func (s *Store) PurgeOneTimeTokens(ctx context.Context, most int) (int, error) {
	return counted(s.queries.PurgeOneTimeTokens(ctx, toLimit(most)))
}
