DROP FUNCTION prune_audit_events(interval, integer);
DROP TRIGGER audit_events_are_never_truncated ON audit_events;
DROP TRIGGER audit_events_are_never_changed ON audit_events;
CREATE TRIGGER audit_events_are_never_changed BEFORE UPDATE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events();
DROP FUNCTION count_audit_event();
DROP TRIGGER audit_events_are_stamped ON audit_events;
DROP FUNCTION stamp_audit_event();
ALTER TABLE audit_events
DROP COLUMN coalesced_by,
DROP COLUMN last_occurred_at,
DROP COLUMN count;
