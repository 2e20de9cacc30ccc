DROP TABLE audit_events;
DROP FUNCTION refuse_unannounced_pruning();
DROP FUNCTION refuse_change_of_audit_events();
