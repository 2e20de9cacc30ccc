-- The server's role could prune events of the last 90 days: an interval of negative months and many days compares as longer
-- than it is, as all months have 30 days then. Times are compared instead.
DO $$
BEGIN
    EXECUTE format($function$
CREATE OR REPLACE FUNCTION prune_audit_events(age interval, max_rows integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = %I, pg_temp AS $body$
DECLARE
    bound CONSTANT timestamptz := date_trunc('day', least(now() - age, now() - interval '90 days'), 'UTC');
    announcement CONSTANT text := to_char(bound AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"');
    pruned bigint;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('prune_audit_events', 0))
        OR NOT EXISTS (SELECT FROM audit_events WHERE occurred_at < bound) THEN
        RETURN 0;
    END IF;
    IF NOT EXISTS (SELECT FROM audit_events WHERE type = 'audit_pruned' AND detail = announcement) THEN
        INSERT INTO audit_events (type, detail) VALUES ('audit_pruned', announcement);
    END IF;
    DELETE FROM audit_events
    WHERE (occurred_at, id) IN (
        SELECT old.occurred_at, old.id
        FROM audit_events AS old
        WHERE old.occurred_at < bound
        ORDER BY old.occurred_at, old.id
        LIMIT max_rows
    );
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END;
$body$
$function$, current_schema());
END;
$$;
