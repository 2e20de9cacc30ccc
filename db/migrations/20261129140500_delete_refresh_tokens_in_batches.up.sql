-- A session can have a million used refresh tokens from before they were pruned. Deleting it, or its account, must not
-- delete them in the same statement, so the foreign keys that cascaded go: the session is queued here instead, and the
-- server deletes its tokens in batches.
CREATE TABLE deleted_sessions (
    id text COLLATE "C" NOT NULL,
    CONSTRAINT deleted_sessions_pkey PRIMARY KEY (id)
);

-- SECURITY DEFINER: the release before has no rights on the queue.
CREATE FUNCTION queue_deleted_sessions() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO deleted_sessions (id) SELECT gone.id FROM gone ON CONFLICT DO NOTHING;
    RETURN NULL;
END;
$$;

-- A role that may create temporary tables could put its own in the way of a function that runs with the rights of the owner.
DO $$
BEGIN
    EXECUTE format('ALTER FUNCTION queue_deleted_sessions() SET search_path = %I, pg_temp', current_schema());
END;
$$;

CREATE TRIGGER sessions_are_queued_when_deleted AFTER DELETE ON sessions
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION queue_deleted_sessions();

-- squawk-ignore ban-drop-constraint -- a parent that is pruned must not take its descendants along
ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_parent_id_fkey;
-- squawk-ignore ban-drop-constraint -- the queue takes its place
ALTER TABLE refresh_tokens DROP CONSTRAINT refresh_tokens_session_id_fkey;

-- The digest of the secret that all tokens of a session share, by which one that was pruned is still recognised. NULL for
-- sessions of the release before, until their next refresh.
ALTER TABLE sessions ADD COLUMN family_hash bytea;
