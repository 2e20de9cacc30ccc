-- name: CreateSession :one
INSERT INTO sessions (id, user_id, user_agent, ip, expires_at)
VALUES (@id, @user_id, @user_agent, @ip, now() + make_interval(secs => @lifetime_seconds::double precision))
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

-- name: LockSessionOfRefreshToken :one
-- Serialises all that happens to a token family. Read the token in a new statement after this one.
SELECT
    sessions.id,
    sessions.user_id,
    (sessions.revoked_at IS NULL AND sessions.expires_at > statement_timestamp() AND users.is_active)::boolean AS is_live
FROM sessions
INNER JOIN users ON users.id = sessions.user_id
WHERE sessions.id = (SELECT refresh_tokens.session_id FROM refresh_tokens WHERE refresh_tokens.token_hash = @token_hash)
FOR UPDATE OF sessions;

-- name: TouchSession :exec
UPDATE sessions
SET last_used_at = now()
WHERE id = @id;

-- name: RevokeSession :execrows
UPDATE sessions
SET revoked_at = now(), revoked_reason = @reason
WHERE id = @id AND revoked_at IS NULL;

-- name: RevokeOtherSessions :execrows
-- Ends all live sessions of a user but one; an empty keep_id ends them all.
UPDATE sessions
SET revoked_at = now(), revoked_reason = @reason
WHERE user_id = @user_id AND id <> @keep_id AND revoked_at IS NULL;

-- name: RevokeExcessSessions :execrows
-- Ends the oldest live sessions of a user beyond the newest max_sessions.
UPDATE sessions
SET revoked_at = now(), revoked_reason = @reason
WHERE sessions.id IN (
    SELECT live.id
    FROM sessions AS live
    WHERE live.user_id = @user_id AND live.revoked_at IS NULL
    ORDER BY live.created_at DESC, live.id DESC
    OFFSET @max_sessions
);
