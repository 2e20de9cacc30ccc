package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

func (h *handlers) CreateInvitation(
	ctx context.Context, request api.CreateInvitationRequestObject,
) (api.CreateInvitationResponseObject, error) {
	invitation, err := h.Invitations.CreateInvitation(ctx, actorFrom(ctx), domain.NewInvitation{
		Email: request.Body.Email, Role: domain.Role(request.Body.Role), Name: request.Body.Name,
	})
	if err != nil {
		return nil, err
	}
	return api.CreateInvitation201JSONResponse(toInvitation(invitation)), nil
}

func (h *handlers) ListInvitations(
	ctx context.Context, request api.ListInvitationsRequestObject,
) (api.ListInvitationsResponseObject, error) {
	order := paging.ByTime("invitations by created_at", idgen.Valid)
	selected, err := toRange(order, request.Params.Cursor, request.Params.Limit)
	if err != nil {
		return nil, err
	}
	page, err := h.Invitations.ListInvitations(ctx, actorFrom(ctx), selected)
	if err != nil {
		return nil, err
	}
	return api.ListInvitations200JSONResponse{
		Items: paging.Convert(page.Items, toInvitation), NextCursor: order.Next(page.Next),
	}, nil
}

func (h *handlers) DeleteInvitation(
	ctx context.Context, request api.DeleteInvitationRequestObject,
) (api.DeleteInvitationResponseObject, error) {
	if err := h.Invitations.DeleteInvitation(ctx, actorFrom(ctx), request.ID); err != nil {
		return nil, err
	}
	return api.DeleteInvitation204Response{}, nil
}

func (h *handlers) AcceptInvitation(
	ctx context.Context, request api.AcceptInvitationRequestObject,
) (api.AcceptInvitationResponseObject, error) {
	body := request.Body
	tokens, err := h.Invitations.AcceptInvitation(ctx, body.Token, body.Password, body.Name, clientFrom(ctx))
	if err != nil {
		return nil, err
	}
	return api.AcceptInvitation201JSONResponse(toTokenResponse(ctx, tokens)), nil
}

func toInvitation(invitation domain.Invitation) api.Invitation {
	return api.Invitation{
		ID:        invitation.ID,
		Email:     invitation.Email,
		Name:      invitation.Name,
		Role:      api.UserRole(invitation.Role),
		InvitedBy: invitation.InvitedBy,
		CreatedAt: invitation.CreatedAt.UTC(),
		ExpiresAt: invitation.ExpiresAt.UTC(),
	}
}
