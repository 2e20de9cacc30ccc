-- name: CreateInvitation :one
-- Replaces an expired invitation of the address; returns no row if it has one that is valid.
INSERT INTO invitations AS old (id, email, role, name, invited_by, expires_at)
VALUES (
    @id,
    @email,
    @role,
    sqlc.narg('name'),
    @invited_by::text,
    now() + make_interval(secs => @lifetime_seconds::double precision)
)
ON CONFLICT (lower(email COLLATE "C")) DO UPDATE
SET
    id = excluded.id,
    email = excluded.email,
    role = excluded.role,
    name = excluded.name,
    token_hash = NULL,
    invited_by = excluded.invited_by,
    created_at = excluded.created_at,
    expires_at = excluded.expires_at
WHERE old.expires_at <= now()
RETURNING *;

-- name: MintInvitation :one
UPDATE invitations
SET
    token_hash = @token_hash,
    expires_at = now() + make_interval(secs => @lifetime_seconds::double precision)
WHERE id = @id AND expires_at > now()
RETURNING *;

-- name: GetInvitationByToken :one
SELECT *
FROM invitations
WHERE token_hash = @token_hash AND expires_at > now();

-- name: UseInvitation :one
-- Of several concurrent uses one gets the row.
DELETE FROM invitations
WHERE token_hash = @token_hash AND expires_at > clock_timestamp()
RETURNING *;

-- name: ListInvitations :many
-- The valid ones, newest first. The first page has a position before all rows.
SELECT *
FROM invitations
WHERE (created_at, id) < (@after_created_at::timestamptz, @after_id::text) AND expires_at > now()
ORDER BY created_at DESC, id DESC
LIMIT @max_rows;

-- name: DeleteInvitation :execrows
DELETE FROM invitations
WHERE id = @id AND expires_at > now();

-- name: PurgeInvitations :execrows
-- Deletes expired invitations. Skips rows that other transactions have locked.
DELETE FROM invitations
WHERE invitations.id IN (
    SELECT old.id
    FROM invitations AS old
    WHERE old.expires_at <= now()
    ORDER BY old.expires_at
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
);
