-- name: ClearSealedSuccessors :execrows
-- Clears sealed successors whose grace is over. Skips rows that other transactions have locked.
UPDATE refresh_tokens
SET sealed_successor = NULL
WHERE refresh_tokens.id = ANY(ARRAY(
    SELECT token.id
    FROM refresh_tokens AS token
    WHERE
        token.sealed_successor IS NOT NULL
        AND token.used_at <= statement_timestamp() - make_interval(secs => @grace_seconds::double precision)
    ORDER BY token.used_at
    LIMIT @max_rows
    FOR NO KEY UPDATE SKIP LOCKED
));

-- name: ListEndedSessions :many
-- Sessions that were revoked at least that long ago, and sessions that expired at least that long
-- ago: the unused token of a session expires with it or before it.
(
    SELECT ended.id
    FROM sessions AS ended
    WHERE
        ended.revoked_at < now() - make_interval(secs => @ended_seconds::double precision)
        AND ended.id <> ALL(@except_ids::text [])
    ORDER BY ended.revoked_at
    LIMIT @max_rows
)
UNION
(
    SELECT ended.id
    FROM refresh_tokens AS token
    INNER JOIN sessions AS ended ON ended.id = token.session_id
    WHERE
        token.used_at IS NULL
        AND token.expires_at < now() - make_interval(secs => @ended_seconds::double precision)
        AND ended.id <> ALL(@except_ids::text [])
    ORDER BY token.expires_at
    LIMIT @max_rows
);

-- name: DeleteSessions :many
-- Skips rows that other transactions have locked. A trigger adds the sessions to deleted_sessions,
-- and their tokens are deleted in batches.
DELETE FROM sessions
WHERE sessions.id = ANY(ARRAY(
    SELECT ended.id
    FROM sessions AS ended
    WHERE ended.id = ANY(@ids::text [])
    FOR UPDATE SKIP LOCKED
))
RETURNING sessions.id;

-- name: ListDeletedSessions :many
-- Deleted sessions that may have tokens.
SELECT id
FROM deleted_sessions
WHERE id <> ALL(@except_ids::text [])
ORDER BY id
LIMIT @max_rows;

-- name: DeleteRefreshTokens :execrows
-- Skips rows that other transactions have locked.
DELETE FROM refresh_tokens
WHERE refresh_tokens.id = ANY(ARRAY(
    SELECT token.id
    FROM refresh_tokens AS token
    WHERE token.session_id = ANY(@session_ids::text [])
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
));

-- name: ForgetDeletedSessions :many
-- Removes sessions without tokens from the queue.
DELETE FROM deleted_sessions
WHERE
    deleted_sessions.id = ANY(@ids::text [])
    AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.session_id = deleted_sessions.id)
RETURNING deleted_sessions.id;
