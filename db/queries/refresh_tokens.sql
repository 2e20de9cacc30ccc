-- name: CreateRefreshToken :exec
-- A token never outlives its session, whatever lifetime is asked for.
INSERT INTO refresh_tokens (session_id, parent_id, generation, token_hash, expires_at)
SELECT
    sessions.id,
    sqlc.narg('parent_id'),
    @generation,
    @token_hash,
    least(statement_timestamp() + make_interval(secs => @lifetime_seconds::double precision), sessions.expires_at)
FROM sessions
WHERE sessions.id = @session_id;

-- name: GetRefreshToken :one
-- Expiry and grace are judged by the database's clock, which all replicas share.
SELECT
    token.id,
    token.session_id,
    token.parent_id,
    token.generation,
    token.sealed_successor,
    (token.used_at IS NOT NULL)::boolean AS is_used,
    (token.expires_at <= statement_timestamp())::boolean AS is_expired,
    coalesce(token.used_at > statement_timestamp() - make_interval(secs => @grace_seconds::double precision), FALSE)::boolean AS is_in_grace,
    EXISTS (
        SELECT 1
        FROM refresh_tokens AS child
        WHERE child.parent_id = token.id AND child.used_at IS NOT NULL
    ) AS is_successor_used
FROM refresh_tokens AS token
WHERE token.token_hash = @token_hash;

-- name: UseRefreshToken :execrows
-- A null sealed_successor means that there is no grace.
UPDATE refresh_tokens
SET used_at = statement_timestamp(), sealed_successor = sqlc.narg('sealed_successor')
WHERE id = @id AND used_at IS NULL;

-- name: PruneRefreshTokens :exec
-- Deletes some of the tokens of a session before a generation, the last of them first: its sealed successor must not be
-- given out again.
DELETE FROM refresh_tokens
WHERE refresh_tokens.id = ANY(ARRAY(
    SELECT token.id
    FROM refresh_tokens AS token
    WHERE token.session_id = @session_id AND token.generation < @before_generation
    ORDER BY token.generation DESC
    LIMIT @max_rows
));

-- name: DeleteRefreshTokens :execrows
-- Deletes some of the tokens of sessions. A row that another transaction has locked is left to it.
DELETE FROM refresh_tokens
WHERE refresh_tokens.id = ANY(ARRAY(
    SELECT token.id
    FROM refresh_tokens AS token
    WHERE token.session_id = ANY(@session_ids::text [])
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
));

-- name: ClearSealedSuccessors :execrows
-- Clears some of those that no retry can ask for any more. A row that another transaction has locked is left to it.
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
