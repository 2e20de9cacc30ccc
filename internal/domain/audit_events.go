package domain

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"example.com/plinth/kit/idgen"
	"example.com/plinth/kit/paging"
)

// AuditEventType says what happened. The contract has a table of what each means, and of its details.
type AuditEventType string

// The types, in the words of the OWASP logging vocabulary where it has them.
const (
	AuditLoginSucceeded         AuditEventType = "authn_login_success"
	AuditLoginFailed            AuditEventType = "authn_login_fail"
	AuditLoginThrottled         AuditEventType = "authn_login_fail_max"
	AuditPasswordChanged        AuditEventType = "authn_password_change"
	AuditPasswordChangeFailed   AuditEventType = "authn_password_change_fail"
	AuditReauthenticationFailed AuditEventType = "authn_reauthentication_fail"
	AuditTokenReused            AuditEventType = "authn_token_reuse"  //nolint:gosec // G101: an event, not a credential
	AuditTokenRepeated          AuditEventType = "authn_token_repeat" //nolint:gosec // G101: likewise
	AuditRoleChanged            AuditEventType = "authz_change"
	AuditForbidden              AuditEventType = "authz_fail"
	AuditPruned                 AuditEventType = "audit_pruned"
	AuditSessionEnded           AuditEventType = "session_ended"
	AuditThrottleCleared        AuditEventType = "throttle_cleared"
	AuditUserActivated          AuditEventType = "user_activated"
	AuditUserCreated            AuditEventType = "user_created"
	AuditUserDeactivated        AuditEventType = "user_deactivated"
	AuditUserDeleted            AuditEventType = "user_deleted"
	AuditEmailChanged           AuditEventType = "user_email_change"
	AuditUserUpdated            AuditEventType = "user_updated"
)

// AuditEvent is something that happened to an account or a session, or that was tried. Refusals like each other within a
// minute are one event, with the session, address and request of the first.
type AuditEvent struct {
	ID             string // ULID
	OccurredAt     time.Time
	LastOccurredAt time.Time // of the last that is counted
	Count          int32     // 1 or more
	Type           AuditEventType
	ActorID        *string // nil for strangers, and for operators at a terminal
	TargetID       *string
	SessionID      *string
	IP             *netip.Addr
	RequestID      *string
	Detail         *string
}

// NewAuditEvent is an event to be recorded. What is empty is not known, or there is none. It holds identifiers and words
// of ours, never what somebody sent: no e-mail, no password, no token.
type NewAuditEvent struct {
	ID        string // record gives it
	Type      AuditEventType
	ActorID   string
	TargetID  string
	SessionID string
	Client    Client
	Detail    string
}

// AuditStore keeps audit events. None of them is ever changed, but for the count of refusals.
type AuditStore interface {
	// RecordAuditEvents adds all of the events, or none.
	RecordAuditEvents(ctx context.Context, events ...NewAuditEvent) error
	// RecordRefusal adds the event, or counts it with the one of the same type and subject in the same minute.
	RecordRefusal(ctx context.Context, subject string, event NewAuditEvent) error
	// ListAuditEvents returns the events of the query's range, the newest first.
	ListAuditEvents(ctx context.Context, query AuditEventQuery) ([]AuditEvent, error)
	// PruneAuditEvents removes up to most events that are older than a time, the oldest first, and returns how many. It
	// needs an AuditPruned event that announces that time.
	PruneAuditEvents(ctx context.Context, before time.Time, most int) (int, error)
	// PruneOldAuditEvents is PruneAuditEvents for the server's role: it announces the pruning, and removes nothing younger
	// than 90 days, whatever the age.
	PruneOldAuditEvents(ctx context.Context, age time.Duration, most int) (int, error)
}

// record adds events to the audit log, in the transaction of what they tell of: tx is the store inside of it, or the store
// itself for a refusal, which changes nothing else. An error must fail what they tell of, which then has not happened.
func record(ctx context.Context, tx Store, ids *idgen.Generator, events ...NewAuditEvent) error {
	if len(events) == 0 {
		return nil
	}
	for i := range events {
		var err error
		if events[i].ID, err = ids.New(); err != nil {
			return err
		}
	}
	return tx.RecordAuditEvents(ctx, events...)
}

// recordRefusal adds a refusal to the audit log. At most one row a minute is written for a subject, which then counts the
// others, so that clients that are refused cannot fill the log.
func recordRefusal(ctx context.Context, store Store, ids *idgen.Generator, subject string, event NewAuditEvent) (err error) {
	if event.ID, err = ids.New(); err != nil {
		return err
	}
	return store.RecordRefusal(ctx, subject, event)
}

// recordChanges records what is different about an account. by says who changed it.
func recordChanges(ctx context.Context, tx Store, ids *idgen.Generator, by NewAuditEvent, before, after User) error {
	var events []NewAuditEvent
	changed := func(is bool, what AuditEventType, detail string) {
		if is {
			by.Type, by.Detail = what, detail
			events = append(events, by)
		}
	}
	changed(before.Email != after.Email, AuditEmailChanged, "")
	changed(before.PasswordHash != after.PasswordHash, AuditPasswordChanged, "")
	changed(before.Role != after.Role, AuditRoleChanged, string(after.Role))
	changed(before.IsActive && !after.IsActive, AuditUserDeactivated, "")
	changed(!before.IsActive && after.IsActive, AuditUserActivated, "")
	changed(orEmpty(before.Name) != orEmpty(after.Name), AuditUserUpdated, "name")
	return record(ctx, tx, ids, events...)
}

// orEmpty is for names, none of which is empty.
func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}

// AuditEventQuery selects a range of events. Nil filters select all.
type AuditEventQuery struct {
	paging.Range

	Type     *AuditEventType
	ActorID  *string
	TargetID *string
}

// AuditService shows the audit log. Events are recorded by the services whose doing they tell of.
type AuditService struct {
	store     Store
	ids       *idgen.Generator
	now       func() time.Time
	retention time.Duration
}

// NewAuditService returns the rules about the audit log. The server removes events that are older than retention, and than
// 90 days; 0 keeps them for good.
func NewAuditService(store Store, ids *idgen.Generator, now func() time.Time, retention time.Duration) *AuditService {
	return &AuditService{store: store, ids: ids, now: now, retention: retention}
}

// PruneOldAuditEvents removes the events that are older than they are kept, in batches, and returns how many. Like
// CleanUpSessions, it may run anywhere at any time.
func (s *AuditService) PruneOldAuditEvents(ctx context.Context) (pruned int, err error) {
	const batch = 1_000
	for s.retention > 0 {
		n, err := s.store.PruneOldAuditEvents(ctx, s.retention, batch)
		pruned += n
		if err != nil || n < batch {
			return pruned, err
		}
	}
	return pruned, nil
}

// MinAuditRetention is the age below which no event is removed: what is that fresh may be under investigation. A trigger of
// the database refuses a day less, by its own clock.
const MinAuditRetention = 48 * time.Hour

// auditPruneBatch is how many events are removed in one transaction.
const auditPruneBatch = 10_000

// PruneAuditEvents removes the events that are older than that, which must be at least MinAuditRetention, and returns how
// many and until when. The log says so first; what is cut off can be run again. It is for operators at a terminal, whose
// role owns the table.
func (s *AuditService) PruneAuditEvents(ctx context.Context, age time.Duration) (pruned int, before time.Time, err error) {
	if age < MinAuditRetention {
		return 0, time.Time{}, errors.New("audit events are kept for 2 days at least")
	}
	before = s.now().Add(-age).Truncate(time.Second).UTC()
	batch := 0
	err = s.store.InTx(ctx, func(tx Store) (err error) {
		announced := NewAuditEvent{Type: AuditPruned, Detail: before.Format(time.RFC3339)}
		if err := record(ctx, tx, s.ids, announced); err != nil {
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

// ListAuditEvents returns a page of events, the newest first. It is for admins and fails with ErrForbidden.
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
