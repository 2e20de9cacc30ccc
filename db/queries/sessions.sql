-- name: CreateSession :one
-- Its time is that of the statement, not of the transaction, which may have waited for another login of the account: the
-- one that comes last has the newest session.
INSERT INTO sessions (
    id, user_id, family_hash, user_agent, ip, last_user_agent, last_ip, created_at, last_used_at, expires_at
)
VALUES (
    @id,
    @user_id,
    @family_hash,
    @user_agent,
    @ip,
    @user_agent,
    @ip,
    statement_timestamp(),
    statement_timestamp(),
    statement_timestamp() + make_interval(secs => @lifetime_seconds::double precision)
)
RETURNING *;

-- name: GetActor :one
-- The one query that every authenticated request pays for: is the session live, and who is it?
SELECT sqlc.embed(users)
FROM sessions
INNER JOIN users ON users.id = sessions.user_id
WHERE
    sessions.id = @session_id
    AND sessions.user_id = @user_id
    AND sessions.revoked_at IS NULL
    AND sessions.expires_at > now()
    AND users.is_active;

-- name: GetActors :many
-- The same for many requests at once; who must be the user is for the caller to compare.
SELECT
    sessions.id AS session_id,
    sqlc.embed(users)
FROM sessions
INNER JOIN users ON users.id = sessions.user_id
WHERE
    sessions.id = ANY(@session_ids::text [])
    AND sessions.revoked_at IS NULL
    AND sessions.expires_at > now()
    AND users.is_active;

-- name: LockSessionOfRefreshToken :one
-- Serialises all that happens to a token family. Read the token in a new statement after this one. A token that was pruned
-- is recognised by the secret that it shares with the others of its session.
SELECT
    sessions.id,
    sessions.user_id,
    (sessions.revoked_at IS NULL AND sessions.expires_at > statement_timestamp() AND users.is_active)::boolean AS is_live,
    sessions.last_user_agent,
    sessions.last_ip,
    coalesce(
        sessions.repeated_elsewhere_at > statement_timestamp() - make_interval(secs => @repeat_seconds::double precision), FALSE
    )::boolean AS was_repeated_elsewhere,
    greatest(extract(EPOCH FROM sessions.refreshes_until - statement_timestamp()), 0)::double precision AS refresh_debt_seconds
FROM sessions
INNER JOIN users ON users.id = sessions.user_id
WHERE
    sessions.id = coalesce(
        (SELECT token.session_id FROM refresh_tokens AS token WHERE token.token_hash = @token_hash),
        (SELECT family.id FROM sessions AS family WHERE family.family_hash = @family_hash)
    )
FOR UPDATE OF sessions;

-- name: TouchSession :exec
-- The family is that of the token that was used: the release before makes tokens without one.
UPDATE sessions
SET
    last_used_at = statement_timestamp(),
    last_user_agent = @user_agent,
    last_ip = @ip,
    family_hash = @family_hash,
    refreshes_until
    = greatest(refreshes_until, statement_timestamp()) + make_interval(secs => @debt_seconds::double precision)
WHERE id = @id;

-- name: NoteRepeatElsewhere :exec
UPDATE sessions
SET repeated_elsewhere_at = statement_timestamp()
WHERE id = @id;

-- name: RevokeSession :many
-- Here and below the time is that of the moment: a statement that waited for a refresh ends the session after it.
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE id = @id AND revoked_at IS NULL
RETURNING id;

-- name: ListLiveSessions :many
-- The one used last comes first. A session whose unused token has expired cannot be used again, so it has ended too.
SELECT *
FROM sessions
WHERE
    sessions.user_id = @user_id
    AND sessions.revoked_at IS NULL
    AND EXISTS (
        SELECT 1
        FROM refresh_tokens AS token
        WHERE token.session_id = sessions.id AND token.used_at IS NULL AND token.expires_at > now()
    )
ORDER BY sessions.last_used_at DESC, sessions.id DESC;

-- name: GetLastSession :one
-- The session that was used last, whether it has ended or not.
SELECT *
FROM sessions
WHERE user_id = @user_id
ORDER BY last_used_at DESC, id DESC
LIMIT 1;

-- name: RevokeLiveSession :execrows
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE
    sessions.id = @id
    AND sessions.user_id = @user_id
    AND sessions.revoked_at IS NULL
    AND EXISTS (
        SELECT 1
        FROM refresh_tokens AS token
        WHERE token.session_id = sessions.id AND token.used_at IS NULL AND token.expires_at > now()
    );

-- name: RevokeOtherSessions :many
-- Ends all live sessions of a user but one; an empty keep_id ends them all.
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE user_id = @user_id AND id <> @keep_id AND revoked_at IS NULL
RETURNING id;

-- name: RevokeExcessSessions :many
-- Ends the oldest live sessions of a user beyond the newest max_sessions.
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE sessions.id IN (
    SELECT live.id
    FROM sessions AS live
    WHERE
        live.user_id = @user_id
        AND live.revoked_at IS NULL
        AND EXISTS (
            SELECT 1
            FROM refresh_tokens AS token
            WHERE token.session_id = live.id AND token.used_at IS NULL AND token.expires_at > now()
        )
    ORDER BY live.created_at DESC, live.id DESC
    OFFSET @max_sessions
)
RETURNING sessions.id;

-- name: ListEndedSessions :many
-- Some of the sessions that were ended so long ago, or whose time was up so long ago: the unused token of a session expires
-- with it or before it.
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
-- A row that another transaction has locked is left to it. A trigger queues the sessions, so that their tokens are deleted
-- in batches.
DELETE FROM sessions
WHERE sessions.id = ANY(ARRAY(
    SELECT ended.id
    FROM sessions AS ended
    WHERE ended.id = ANY(@ids::text [])
    FOR UPDATE SKIP LOCKED
))
RETURNING sessions.id;

-- name: ListDeletedSessions :many
-- Some of the sessions that were deleted while their tokens were not.
SELECT id
FROM deleted_sessions
WHERE id <> ALL(@except_ids::text [])
ORDER BY id
LIMIT @max_rows;

-- name: ForgetDeletedSessions :many
-- Removes those without a token from the queue.
DELETE FROM deleted_sessions
WHERE
    deleted_sessions.id = ANY(@ids::text [])
    AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.session_id = deleted_sessions.id)
RETURNING deleted_sessions.id;
