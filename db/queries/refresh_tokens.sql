-- name: CreateRefreshToken :exec
-- A token never outlives its session.
INSERT INTO refresh_tokens (session_id, parent_id, generation, token_hash, expires_at)
SELECT
    sessions.id,
    sqlc.narg('parent_id'),
    @generation,
    @token_hash,
    least(statement_timestamp() + make_interval(secs => @lifetime_seconds::double precision), sessions.expires_at)
FROM sessions
WHERE sessions.id = @session_id;

-- name: LockSessionOfRefreshToken :one
-- Serializes the changes of a token family. Read the token in a later statement. The family hash,
-- which all tokens of a session share, identifies the session of a pruned token.
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

-- name: GetRefreshToken :one
-- The clock of the database, which all replicas share, decides about expiry and grace.
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
-- Deletes the newest tokens of a session before a generation: the sealed successor of the newest
-- must not be used again.
DELETE FROM refresh_tokens
WHERE refresh_tokens.id = ANY(ARRAY(
    SELECT token.id
    FROM refresh_tokens AS token
    WHERE token.session_id = @session_id AND token.generation < @before_generation
    ORDER BY token.generation DESC
    LIMIT @max_rows
));

-- name: TouchSession :exec
-- Sets the family, because early releases created sessions without one.
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
