-- The server's role chooses neither the time nor the id of an audit event, announces no pruning, and prunes what is old
-- through a function only. Refusals like each other within a minute are counted in one row.
ALTER TABLE audit_events
ADD COLUMN count integer NOT NULL DEFAULT 1,
ADD COLUMN last_occurred_at timestamptz, -- of the last that was counted
ADD COLUMN coalesced_by bytea; -- what they have in common, and the minute

-- The owner may set all columns, to restore a backup. The release before sends ids, which are replaced.
CREATE FUNCTION stamp_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    digits CONSTANT text := '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    random CONSTANT bytea := uuid_send(gen_random_uuid());
    millis bigint;
BEGIN
    IF NOT pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'MEMBER') THEN
        IF NEW.type = 'audit_pruned' THEN
            RAISE EXCEPTION 'only the owner of audit_events announces pruning' USING ERRCODE = 'insufficient_privilege';
        END IF;
        NEW.id := NULL;
        NEW.occurred_at := clock_timestamp();
        NEW.count := 1;
        NEW.last_occurred_at := NULL;
    END IF;
    IF NEW.id IS NULL THEN -- a ULID: 10 digits of time, 16 that are random
        millis := floor(extract(epoch FROM NEW.occurred_at) * 1000);
        NEW.id := (SELECT string_agg(substr(digits, 1 + ((millis >> 5 * i) & 31)::integer, 1), '' ORDER BY i DESC) FROM generate_series(0, 9) AS i)
            || (SELECT string_agg(substr(digits, 1 + (get_byte(random, i) & 31), 1), '') FROM generate_series(0, 15) AS i);
    END IF;
    RETURN NEW;
END;
$$;

CREATE TRIGGER audit_events_are_stamped BEFORE INSERT ON audit_events
FOR EACH ROW EXECUTE FUNCTION stamp_audit_event();

-- Counting one more is the only change of an event, and only within its minute. It changes nothing else of the row.
CREATE FUNCTION count_audit_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.coalesced_by IS NULL OR NEW.count <> OLD.count + 1 OR OLD.occurred_at < now() - interval '2 minutes' THEN
        RAISE EXCEPTION 'audit events are never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    OLD.count := NEW.count;
    OLD.last_occurred_at := clock_timestamp();
    RETURN OLD;
END;
$$;

DROP TRIGGER audit_events_are_never_changed ON audit_events;
CREATE TRIGGER audit_events_are_never_changed BEFORE UPDATE ON audit_events
FOR EACH ROW EXECUTE FUNCTION count_audit_event();
CREATE TRIGGER audit_events_are_never_truncated BEFORE TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events();

-- Removes some of the events that are older than age, and than 90 days: what a server that was taken over can erase. The
-- bound is a midnight of UTC, so that the log says once a day what is missing from it.
CREATE FUNCTION prune_audit_events(age interval, max_rows integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    bound CONSTANT timestamptz := date_trunc('day', now() - greatest(age, interval '90 days'), 'UTC');
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
$$;
REVOKE EXECUTE ON FUNCTION prune_audit_events(interval, integer) FROM PUBLIC; -- `migrate up` grants it

-- Temporary tables of the caller must not stand for those that the functions mean.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['stamp_audit_event()', 'count_audit_event()', 'prune_audit_events(interval, integer)', 'refuse_unannounced_pruning()'] LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = %I, pg_temp', name, current_schema());
    END LOOP;
END;
$$;
