-- Alone, because it reads the whole table, which the lock of the step before would block meanwhile.
ALTER TABLE audit_events VALIDATE CONSTRAINT audit_events_type_is_plain;
