package httpapi

import (
	"context"
	"net/netip"

	"example.com/plinth/gen/api"
	"example.com/plinth/internal/domain"
)

// ListAuditEvents implements api.StrictServerInterface.
func (h *handlers) ListAuditEvents(
	ctx context.Context, request api.ListAuditEventsRequestObject,
) (api.ListAuditEventsResponseObject, error) {
	query, err := toAuditEventQuery(request.Params)
	if err != nil {
		return nil, err
	}
	limit := orDefault(request.Params.Limit, defaultLimit)
	page, err := h.Audit.ListAuditEvents(ctx, actorFrom(ctx), query, int(limit))
	if err != nil {
		return nil, err
	}
	list := api.AuditEventList{Items: make([]api.AuditEvent, len(page.Events))}
	for i, event := range page.Events {
		list.Items[i] = toAuditEvent(event)
	}
	if page.Next != nil {
		cursor := encodeAgeCursor(auditEventOrder, page.Next.OccurredAt, page.Next.ID)
		list.NextCursor = &cursor
	}
	return api.ListAuditEvents200JSONResponse(list), nil
}

// auditEventOrder names the order of audit events in a cursor.
const auditEventOrder = "audit events by occurred_at"

func toAuditEventQuery(params api.ListAuditEventsParams) (domain.AuditEventQuery, error) {
	query := domain.AuditEventQuery{
		Type: (*domain.AuditEventType)(params.Type), ActorID: params.ActorID, TargetID: params.TargetID,
	}
	if params.Cursor != nil {
		occurredAt, id, err := decodeAgeCursor(auditEventOrder, *params.Cursor)
		if err != nil {
			return domain.AuditEventQuery{}, err
		}
		query.After = &domain.AuditEventPosition{OccurredAt: occurredAt, ID: id}
	}
	return query, nil
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

func toIP(ip *netip.Addr) *string {
	if ip == nil {
		return nil
	}
	text := ip.String()
	return &text
}
