package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

func (h *handlers) ListAuditEvents(
	ctx context.Context, request api.ListAuditEventsRequestObject,
) (api.ListAuditEventsResponseObject, error) {
	order := paging.ByTime("audit events by occurred_at", idgen.Valid)
	selected, err := toRange(order, request.Params.Cursor, request.Params.Limit)
	if err != nil {
		return nil, err
	}
	page, err := h.Audit.ListAuditEvents(ctx, actorFrom(ctx), domain.AuditEventQuery{
		Range: selected, Type: (*domain.EventType)(request.Params.Type),
		ActorID: request.Params.ActorID, TargetID: request.Params.TargetID,
	})
	if err != nil {
		return nil, err
	}
	return api.ListAuditEvents200JSONResponse{
		Items: paging.Convert(page.Items, toAuditEvent), NextCursor: order.Next(page.Next),
	}, nil
}

func toAuditEvent(event domain.AuditEvent) api.AuditEvent {
	return api.AuditEvent{
		ID:             event.ID,
		Type:           api.AuditEventType(event.Type),
		OccurredAt:     event.OccurredAt.UTC(),
		LastOccurredAt: event.LastOccurredAt.UTC(),
		Count:          event.Count,
		ActorID:        event.ActorID,
		TargetID:       event.TargetID,
		SessionID:      event.SessionID,
		IP:             toIP(event.IP),
		RequestID:      event.RequestID,
		Detail:         event.Detail,
	}
}
