-- migrate: no transaction
-- A refusal finds the row of its minute in which it is counted.
CREATE UNIQUE INDEX CONCURRENTLY audit_events_coalesced_by_key ON audit_events (coalesced_by) WHERE coalesced_by IS NOT NULL;
