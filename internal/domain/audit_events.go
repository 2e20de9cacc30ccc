package domain

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
	"example.com/plinth/kit/sweep"
)

// EventAuditPruned announces that audit events are removed.
const EventAuditPruned EventType = "audit_pruned"

// AuditEvent is a recorded event. Equal refusals within a minute are one audit event, with the
// session, address and request of the first.
type AuditEvent struct {
	ID             string // ULID
	OccurredAt     time.Time
	LastOccurredAt time.Time // of the last refusal that is counted
	Count          int32     // 1 or more
	Type           EventType
	ActorID        *string // nil for strangers, and for operators at a terminal
	TargetID       *string
	SessionID      *string
	IP             *netip.Addr
	RequestID      *string
	Detail         *string
}

// NewAuditEvent is an event to store.
type NewAuditEvent struct {
	Event

	ID string
}

// AuditStore stores audit events. They never change, except for the count of refusals.
type AuditStore interface {
	// RecordAuditEvents adds all of the events, or none.
	RecordAuditEvents(ctx context.Context, events ...NewAuditEvent) error
	// RecordRefusal adds the event, or counts it with the first one of the same type and subject in
	// the same minute.
	RecordRefusal(ctx context.Context, subject string, event NewAuditEvent) error
	// ListAuditEvents returns the events of the query's range, the newest first.
	ListAuditEvents(ctx context.Context, query AuditEventQuery) ([]AuditEvent, error)
	// PruneAuditEvents removes up to most events from before a time, the oldest first, and returns
	// how many. It requires an EventAuditPruned for that time.
	PruneAuditEvents(ctx context.Context, before time.Time, most int) (int, error)
	// PruneOldAuditEvents is PruneAuditEvents for the server's role: it records the
	// EventAuditPruned, and never removes events of the last 90 days.
	PruneOldAuditEvents(ctx context.Context, age time.Duration, most int) (int, error)
}

// AuditEventQuery selects a range of events. Nil filters select all.
type AuditEventQuery struct {
	paging.Range

	Type     *EventType
	ActorID  *string
	TargetID *string
}

// AuditService is the audit log. It is the Recorder of the other services.
type AuditService struct {
	store     Store
	ids       *idgen.Generator
	now       func() time.Time
	retention time.Duration
}

var _ Recorder = (*AuditService)(nil)

// NewAuditService returns the rules of the audit log. PruneOldAuditEvents removes events that are
// older than retention, which is at least 90 days; 0 keeps them for good.
func NewAuditService(store Store, ids *idgen.Generator, now func() time.Time, retention time.Duration) *AuditService {
	return &AuditService{store: store, ids: ids, now: now, retention: retention}
}

// Record implements Recorder.
func (s *AuditService) Record(ctx context.Context, tx Store, events ...Event) (err error) {
	if len(events) == 0 {
		return nil
	}
	added := make([]NewAuditEvent, len(events))
	for i, event := range events {
		if added[i].ID, err = s.ids.New(); err != nil {
			return err
		}
		added[i].Event = event
	}
	return tx.RecordAuditEvents(ctx, added...)
}

// RecordRefusal implements Recorder.
func (s *AuditService) RecordRefusal(ctx context.Context, store Store, subject string, event Event) error {
	id, err := s.ids.New()
	if err != nil {
		return err
	}
	return store.RecordRefusal(ctx, subject, NewAuditEvent{Event: event, ID: id})
}

// PruneOldAuditEvents removes the events that are older than the retention, in batches, and returns
// how many. It may run on several servers at once.
func (s *AuditService) PruneOldAuditEvents(ctx context.Context) (pruned int, err error) {
	if s.retention == 0 {
		return 0, nil
	}
	return sweep.Batches(ctx, 1_000, func(ctx context.Context, most int) (int, error) {
		return s.store.PruneOldAuditEvents(ctx, s.retention, most)
	})
}

// MinAuditRetention is the minimum age of removed events: younger ones may be under investigation.
// A trigger of the database refuses events that are a day younger, by its own clock.
const MinAuditRetention = 48 * time.Hour

// auditPruneBatch is how many events are removed in one transaction.
const auditPruneBatch = 10_000

// PruneAuditEvents removes the events that are older than age, at least MinAuditRetention, and
// returns how many, and the time before which they occurred. It records that first; if it is
// interrupted, it can run again. It is for operators at a terminal, whose role owns the table.
func (s *AuditService) PruneAuditEvents(
	ctx context.Context, age time.Duration,
) (pruned int, before time.Time, err error) {
	if age < MinAuditRetention {
		return 0, time.Time{}, errors.New("audit events are kept for 2 days at least")
	}
	before = s.now().Add(-age).Truncate(time.Second).UTC()
	batch := 0
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		announced := Event{Type: EventAuditPruned, Detail: before.Format(time.RFC3339)}
		if err := s.Record(ctx, tx, announced); err != nil {
			return err
		}
		batch, err = tx.PruneAuditEvents(ctx, before, auditPruneBatch)
		return err
	})
	for err == nil && batch > 0 {
		pruned += batch
		batch, err = s.store.PruneAuditEvents(ctx, before, auditPruneBatch)
	}
	return pruned, before, err
}

// ListAuditEvents returns a page of events, the newest first. It is for admins and fails with
// ErrForbidden.
func (s *AuditService) ListAuditEvents(
	ctx context.Context, actor Actor, query AuditEventQuery,
) (paging.Page[AuditEvent], error) {
	if !actor.HasRole(RoleAdmin) {
		return paging.Page[AuditEvent]{}, ErrForbidden
	}
	position := func(event AuditEvent) paging.Position {
		return paging.Position{Time: event.OccurredAt, ID: event.ID}
	}
	return paging.Read(query.Range, position, func(r paging.Range) ([]AuditEvent, error) {
		query.Range = r
		return s.store.ListAuditEvents(ctx, query)
	})
}
