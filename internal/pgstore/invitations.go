package pgstore

import (
	"context"
	"time"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

func toInvitation(row dbsqlc.Invitation) domain.Invitation { return domain.Invitation(row) }

func (s *Store) CreateInvitation(
	ctx context.Context, invitation domain.NewInvitation,
) (domain.Invitation, error) {
	row, err := s.queries.CreateInvitation(ctx, dbsqlc.CreateInvitationParams{
		ID: invitation.ID, Email: invitation.Email, Role: invitation.Role, Name: invitation.Name,
		InvitedBy: invitation.InvitedBy, LifetimeSeconds: invitation.Lifetime.Seconds(),
	})
	return toInvitation(row), translate(err, domain.ErrAlreadyInvited)
}

func (s *Store) MintInvitation(
	ctx context.Context, id string, hash []byte, lifetime time.Duration,
) (domain.Invitation, error) {
	row, err := s.queries.MintInvitation(ctx, dbsqlc.MintInvitationParams{
		ID: id, TokenHash: hash, LifetimeSeconds: lifetime.Seconds(),
	})
	return toInvitation(row), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) GetInvitationByToken(ctx context.Context, hash []byte) (domain.Invitation, error) {
	row, err := read(ctx, s, func() (dbsqlc.Invitation, error) { return s.queries.GetInvitationByToken(ctx, hash) })
	return toInvitation(row), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) UseInvitation(ctx context.Context, hash []byte) (domain.Invitation, error) {
	row, err := s.queries.UseInvitation(ctx, hash)
	return toInvitation(row), translate(err, domain.ErrInvalidOneTimeToken)
}

func (s *Store) ListInvitations(ctx context.Context, selected paging.Range) ([]domain.Invitation, error) {
	after := selected.Start()
	rows, err := read(ctx, s, func() ([]dbsqlc.Invitation, error) {
		return s.queries.ListInvitations(ctx, dbsqlc.ListInvitationsParams{
			AfterCreatedAt: after.Time, AfterID: after.ID, MaxRows: toLimit(selected.Limit),
		})
	})
	return paging.Convert(rows, toInvitation), translate(err, nil)
}

func (s *Store) DeleteInvitation(ctx context.Context, id string) error {
	n, err := s.queries.DeleteInvitation(ctx, id)
	return failures{noRows: domain.ErrInvitationNotFound}.translateRows(n, err)
}

func (s *Store) PurgeInvitations(ctx context.Context, most int) (int, error) {
	return counted(s.queries.PurgeInvitations(ctx, toLimit(most)))
}
