-- name: RequestOneTimeToken :execrows
-- Records that an address shall get a link. It replaces the link of the same purpose; with keep_first
-- only if that has expired, or was for the same address.
INSERT INTO one_time_tokens AS old (user_id, purpose, sent_to, token_hash, expires_at)
VALUES (
    @user_id,
    @purpose,
    @sent_to,
    sqlc.narg('token_hash'),
    now() + make_interval(secs => @lifetime_seconds::double precision)
)
ON CONFLICT (user_id, purpose) DO UPDATE
SET
    sent_to = excluded.sent_to,
    token_hash = excluded.token_hash,
    created_at = excluded.created_at,
    expires_at = excluded.expires_at
WHERE
    NOT @keep_first::boolean
    OR old.expires_at <= now()
    OR lower(old.sent_to COLLATE "C") = lower(excluded.sent_to COLLATE "C");

-- name: MintOneTimeToken :one
-- Gives a requested link its token, which replaces that of an earlier attempt.
UPDATE one_time_tokens
SET
    token_hash = @token_hash,
    expires_at = now() + make_interval(secs => @lifetime_seconds::double precision)
WHERE user_id = @user_id AND purpose = @purpose AND expires_at > now()
RETURNING *;

-- name: LockUserOfOneTimeToken :one
-- Locks the account before the token, as all other changes do: no deadlocks.
SELECT sqlc.embed(users)
FROM one_time_tokens AS token
INNER JOIN users ON users.id = token.user_id
WHERE token.token_hash = @token_hash AND token.purpose = @purpose AND token.expires_at > now()
FOR NO KEY UPDATE OF users;

-- name: UseOneTimeToken :one
-- Of several concurrent uses one gets the row.
DELETE FROM one_time_tokens
WHERE token_hash = @token_hash AND purpose = @purpose AND expires_at > clock_timestamp()
RETURNING *;

-- name: DeleteOneTimeTokens :exec
DELETE FROM one_time_tokens
WHERE user_id = @user_id AND purpose = ANY(@purposes::text []);

-- name: IsEmailReserved :one
-- Reports whether another account can still get its e-mail back.
SELECT EXISTS(
    SELECT 1
    FROM one_time_tokens
    WHERE
        lower(sent_to COLLATE "C") = lower(cast(@email AS text) COLLATE "C")
        AND purpose = @purpose
        AND user_id <> @except_user_id
        AND expires_at > now()
) AS is_reserved;

-- name: PurgeOneTimeTokens :execrows
-- Deletes expired tokens. Skips rows that other transactions have locked.
DELETE FROM one_time_tokens
WHERE (one_time_tokens.user_id, one_time_tokens.purpose) IN (
    SELECT
        old.user_id,
        old.purpose
    FROM one_time_tokens AS old
    WHERE old.expires_at <= now()
    ORDER BY old.expires_at
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
);
