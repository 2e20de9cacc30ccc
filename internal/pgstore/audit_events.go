package pgstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/plinth/gen/dbsqlc"
	"example.com/plinth/internal/domain"
	"example.com/plinth/kit/paging"
)

func (s *Store) RecordAuditEvents(ctx context.Context, events ...domain.NewAuditEvent) error {
	var params dbsqlc.RecordAuditEventsParams
	for _, event := range events {
		ip := ""
		if event.Client.IP.IsValid() {
			ip = event.Client.IP.String()
		}
		params.Ids = append(params.Ids, event.ID)
		params.Types = append(params.Types, string(event.Type))
		params.ActorIds = append(params.ActorIds, event.ActorID)
		params.TargetIds = append(params.TargetIds, event.TargetID)
		params.SessionIds = append(params.SessionIds, event.SessionID)
		params.Ips = append(params.Ips, ip)
		params.RequestIds = append(params.RequestIds, event.Client.RequestID)
		params.Details = append(params.Details, event.Detail)
	}
	return translate(explainPrivilege(s.queries.RecordAuditEvents(ctx, params)), nil)
}

func (s *Store) RecordRefusal(ctx context.Context, subject string, event domain.NewAuditEvent) error {
	return translate(s.queries.RecordRefusal(ctx, dbsqlc.RecordRefusalParams{
		ID: event.ID, Type: string(event.Type), ActorID: event.ActorID, TargetID: event.TargetID,
		SessionID: event.SessionID, IP: toAddr(event.Client.IP), RequestID: event.Client.RequestID,
		Detail: event.Detail, Subject: subject,
	}), nil)
}

func (s *Store) ListAuditEvents(ctx context.Context, query domain.AuditEventQuery) ([]domain.AuditEvent, error) {
	after := query.Start()
	rows, err := read(ctx, s, func() ([]dbsqlc.ListAuditEventsRow, error) {
		return s.queries.ListAuditEvents(ctx, dbsqlc.ListAuditEventsParams{
			AfterOccurredAt: after.Time, AfterID: after.ID, Type: (*string)(query.Type),
			ActorID: query.ActorID, TargetID: query.TargetID, MaxRows: toLimit(query.Limit),
		})
	})
	toEvent := func(row dbsqlc.ListAuditEventsRow) domain.AuditEvent { return domain.AuditEvent(row) }
	return paging.Convert(rows, toEvent), translate(err, nil)
}

func (s *Store) PruneAuditEvents(ctx context.Context, before time.Time, most int) (int, error) {
	pruned, err := s.queries.PruneAuditEvents(ctx, dbsqlc.PruneAuditEventsParams{
		Before: before, MaxRows: toLimit(most),
	})
	return counted(pruned, explainPrivilege(err))
}

// explainPrivilege is for operators who prune with the wrong role.
func explainPrivilege(err error) error {
	if pgErr, ok := errors.AsType[*pgconn.PgError](err); ok && pgErr.Code == pgerrcode.InsufficientPrivilege {
		return fmt.Errorf("only the role that owns the table may do that, see MIGRATE_DATABASE_URL: %w", err)
	}
	return err
}

func (s *Store) PruneOldAuditEvents(ctx context.Context, age time.Duration, most int) (int, error) {
	return counted(s.queries.PruneOldAuditEvents(ctx, dbsqlc.PruneOldAuditEventsParams{
		AgeSeconds: age.Seconds(), MaxRows: toLimit(most),
	}))
}
