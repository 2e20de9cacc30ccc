-- What happened to accounts and sessions, and who did it: what an operator has left after a break-in, and an auditor asks for.
-- No foreign keys: an event outlives the account and the session that it names.
CREATE TABLE audit_events (
    id text COLLATE "C" NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(), -- not now(), so that a transaction's events keep their order
    type text COLLATE "C" NOT NULL,
    actor_id text COLLATE "C",
    target_id text COLLATE "C",
    session_id text COLLATE "C",
    ip inet,
    request_id text COLLATE "C",
    detail text COLLATE "C",
    CONSTRAINT audit_events_pkey PRIMARY KEY (occurred_at, id),
    CONSTRAINT audit_events_id_is_ulid CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT audit_events_type_is_known CHECK (type IN (
        'authn_login_success', 'authn_login_fail', 'authn_login_fail_max', 'authn_password_change', 'authn_password_change_fail',
        'authn_reauthentication_fail', 'authn_token_reuse', 'authz_change', 'authz_fail', 'audit_pruned', 'session_ended',
        'throttle_cleared', 'user_activated', 'user_created', 'user_deactivated', 'user_deleted', 'user_email_change', 'user_updated'
    )),
    -- None of the texts can hold a line break, or anything else that a log or a terminal would obey.
    CONSTRAINT audit_events_actor_id_is_ulid CHECK (actor_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT audit_events_target_id_is_ulid CHECK (target_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT audit_events_session_id_is_ulid CHECK (session_id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT audit_events_request_id_is_plain CHECK (request_id ~ '^[A-Za-z0-9._-]{1,128}$'),
    CONSTRAINT audit_events_detail_is_printable_ascii CHECK (detail ~ '^[ -~]{1,100}$'),
    CONSTRAINT audit_events_pruned_until_a_time CHECK (
        type <> 'audit_pruned' OR (detail IS NOT NULL AND detail ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
    )
);

CREATE INDEX audit_events_type_idx ON audit_events (type, occurred_at, id);
CREATE INDEX audit_events_actor_id_idx ON audit_events (actor_id, occurred_at, id) WHERE actor_id IS NOT NULL;
-- With the rows that have no target: a failed login must not take longer where the e-mail has an account.
CREATE INDEX audit_events_target_id_idx ON audit_events (target_id, occurred_at, id);

-- The owner of a table can do what it likes with it, and with one role for everything the server is the owner. So these
-- triggers guard against mistakes and injected statements, not against whoever takes the server over; that needs two roles.
CREATE FUNCTION refuse_change_of_audit_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events are never changed' USING ERRCODE = 'restrict_violation';
END;
$$;

CREATE TRIGGER audit_events_are_never_changed BEFORE UPDATE OR TRUNCATE ON audit_events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_events();

-- Only old events may go, and only after the log itself has said so: until the time in the detail of an audit_pruned event.
CREATE FUNCTION refuse_unannounced_pruning() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM gone
        WHERE gone.occurred_at >= coalesce(
            (
                SELECT max(detail::timestamptz)
                FROM audit_events
                WHERE type = 'audit_pruned' AND detail::timestamptz <= now() - interval '1 day'
            ),
            '-infinity'
        )
    ) THEN
        RAISE EXCEPTION 'audit events are removed by pruning only' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NULL;
END;
$$;

CREATE TRIGGER audit_events_are_only_pruned AFTER DELETE ON audit_events
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION refuse_unannounced_pruning();
