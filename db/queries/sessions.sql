-- name: CreateSession :one
-- The time is that of the statement, not of the transaction, which may have waited for another
-- login of the account, so that the last login has the newest session.
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
-- Every authenticated request runs this query.
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
-- GetActor for a batch of requests. The caller compares the user ids.
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

-- name: RevokeSession :many
-- clock_timestamp(), here and below, because a statement that waited for a refresh ends the session
-- after it.
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE id = @id AND revoked_at IS NULL
RETURNING id;

-- name: ListLiveSessions :many
-- The session used last comes first. A session without an unexpired unused token has ended.
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
-- The session used last, ended or not.
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
-- Ends all live sessions of a user except keep_id, which may be empty.
UPDATE sessions
SET revoked_at = clock_timestamp(), revoked_reason = @reason
WHERE user_id = @user_id AND id <> @keep_id AND revoked_at IS NULL
RETURNING id;

-- name: RevokeExcessSessions :many
-- Ends the live sessions of a user except the newest max_sessions.
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
