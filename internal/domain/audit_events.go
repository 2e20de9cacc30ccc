package domain

import (
	"context"
	"errors"
	"net/netip"
	"time"
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

// AuditEvent is something that happened to an account or a session, or that somebody tried. Its fields are the columns
// of the audit_events table, in order.
type AuditEvent struct {
	ID         string // ULID
	OccurredAt time.Time
	Type       AuditEventType
	ActorID    *string // nil for strangers, and for operators at a terminal
	TargetID   *string
	SessionID  *string
	IP         *netip.Addr
	RequestID  *string
	Detail     *string
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

// AuditStore keeps audit events. None of them is ever changed.
type AuditStore interface {
	// RecordAuditEvents adds all of the events, or none.
	RecordAuditEvents(ctx context.Context, events ...NewAuditEvent) error
	// ListAuditEvents returns up to most events from after a position on, the newest first.
	ListAuditEvents(ctx context.Context, query AuditEventQuery, most int) ([]AuditEvent, error)
	// PruneAuditEvents removes up to most events that are older than a time, the oldest first, and returns how many. It
	// needs an AuditPruned event that announces that time.
	PruneAuditEvents(ctx context.Context, before time.Time, most int) (int, error)
}

// record adds events to the audit log, in the transaction of what they tell of: tx is the store inside of it, or the store
// itself for a refusal, which changes nothing else. An error must fail what they tell of, which then has not happened.
func record(ctx context.Context, tx Store, ids *IDs, events ...NewAuditEvent) error {
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

// recordChanges records what is different about an account. by says who changed it.
func recordChanges(ctx context.Context, tx Store, ids *IDs, by NewAuditEvent, before, after User) error {
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

// AuditEventPosition is a place between two events: right after the one with these values.
type AuditEventPosition struct {
	OccurredAt time.Time // to the microsecond
	ID         string
}

// AuditEventQuery selects events. Nil filters select all; a nil After starts at the newest.
type AuditEventQuery struct {
	After    *AuditEventPosition
	Type     *AuditEventType
	ActorID  *string
	TargetID *string
}

// AuditEventPage is a part of the log, and where the next one starts; Next is nil after the last.
type AuditEventPage struct {
	Events []AuditEvent
	Next   *AuditEventPosition
}

// AuditService shows the audit log. Events are recorded by the services whose doing they tell of.
type AuditService struct {
	store Store
	ids   *IDs
	now   func() time.Time
}

// NewAuditService returns the rules about the audit log.
func NewAuditService(store Store, ids *IDs, now func() time.Time) *AuditService {
	return &AuditService{store: store, ids: ids, now: now}
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

// ListAuditEvents returns a page of at most limit events. It is for admins and fails with ErrForbidden.
func (s *AuditService) ListAuditEvents(
	ctx context.Context, actor Actor, query AuditEventQuery, limit int,
) (AuditEventPage, error) {
	if !actor.HasRole(RoleAdmin) {
		return AuditEventPage{}, ErrForbidden
	}
	events, err := s.store.ListAuditEvents(ctx, query, limit+1) // one more tells whether there is a next page
	if err != nil || len(events) <= limit {
		return AuditEventPage{Events: events}, err
	}
	events = events[:limit]
	last := events[limit-1]
	return AuditEventPage{Events: events, Next: &AuditEventPosition{OccurredAt: last.OccurredAt, ID: last.ID}}, nil
}
