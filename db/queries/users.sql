-- name: CreateUser :one
INSERT INTO users (id, email, password_hash, name, role, email_verified_at)
VALUES (
    @id,
    @email,
    @password_hash,
    sqlc.narg('name'),
    @role,
    CASE WHEN @email_verified::boolean THEN now() END
)
RETURNING *;

-- name: GetUser :one
SELECT *
FROM users
WHERE id = @id;

-- name: LockUser :one
-- Locks the account against changes until the transaction ends.
SELECT *
FROM users
WHERE id = @id
FOR NO KEY UPDATE;

-- name: LockUserAndAdmins :many
-- Locks all rows in one statement and in one order, so that transactions that see different admins
-- cannot deadlock.
SELECT *
FROM users
WHERE id = @id OR (role = 'admin' AND is_active)
ORDER BY id
FOR NO KEY UPDATE;

-- name: GetUserByEmail :one
SELECT *
FROM users
WHERE lower(email COLLATE "C") = lower(cast(@email AS text) COLLATE "C");

-- name: UpdateUser :one
-- NULL keeps email, password_hash, role and is_active. name and pending_email can become NULL, hence
-- set_name and set_pending_email. Another e-mail is unverified unless verify_email is set.
UPDATE users
SET
    email = coalesce(sqlc.narg('email'), email),
    password_hash = coalesce(sqlc.narg('password_hash'), password_hash),
    name = CASE WHEN @set_name::boolean THEN sqlc.narg('name') ELSE name END,
    role = coalesce(sqlc.narg('role')::text, role),
    is_active = coalesce(sqlc.narg('is_active'), is_active),
    pending_email = CASE WHEN @set_pending_email::boolean THEN sqlc.narg('pending_email') ELSE pending_email END,
    email_verified_at = CASE
        WHEN lower(coalesce(sqlc.narg('email'), email) COLLATE "C") <> lower(email COLLATE "C")
            THEN CASE WHEN @verify_email::boolean THEN now() END
        WHEN @verify_email::boolean THEN coalesce(email_verified_at, now())
        ELSE email_verified_at
    END,
    updated_at = now(),
    version = version + 1
WHERE id = @id
RETURNING *;

-- name: RehashUserPassword :execrows
-- Replaces a hash by another one of the same password, unless it was changed since it was verified.
UPDATE users
SET password_hash = @new_hash
WHERE id = @id AND password_hash = @old_hash;

-- name: DeleteUser :execrows
DELETE FROM users
WHERE id = @id;

-- name: ListUsersByAge :many
-- Newest first. The first page has a position before all rows, so that an index always answers
-- the comparison. A search reads at most max_looked_at rows. The patterns are those of LIKE.
SELECT *
FROM (
    SELECT *
    FROM users
    WHERE
        (created_at, id) < (@after_created_at::timestamptz, @after_id::text)
        AND (sqlc.narg('role')::text IS NULL OR role = sqlc.narg('role'))
        AND (sqlc.narg('is_active')::boolean IS NULL OR is_active = sqlc.narg('is_active'))
    ORDER BY created_at DESC, id DESC
    LIMIT @max_looked_at
) AS users
WHERE
    (sqlc.narg('containing')::text IS NULL OR (email || E'\n' || coalesce(name, '')) ILIKE sqlc.narg('containing'))
    AND (sqlc.narg('beginning')::text IS NULL OR lower(email COLLATE "C") LIKE lower(sqlc.narg('beginning')))
ORDER BY created_at DESC, id DESC
LIMIT @max_rows;

-- name: FindUsersByAge :many
-- ListUsersByAge without the limit of rows to read. OFFSET 0 makes PostgreSQL search by the indexes
-- of the texts first. It would read in order instead, because it assumes that matches are spread
-- evenly.
SELECT *
FROM (
    SELECT *
    FROM users
    WHERE
        (sqlc.narg('containing')::text IS NULL OR (email || E'\n' || coalesce(name, '')) ILIKE sqlc.narg('containing'))
        AND (sqlc.narg('beginning')::text IS NULL OR lower(email COLLATE "C") LIKE lower(sqlc.narg('beginning')))
    OFFSET 0
) AS users
WHERE
    (created_at, id) < (@after_created_at::timestamptz, @after_id::text)
    AND (sqlc.narg('role')::text IS NULL OR role = sqlc.narg('role'))
    AND (sqlc.narg('is_active')::boolean IS NULL OR is_active = sqlc.narg('is_active'))
ORDER BY created_at DESC, id DESC
LIMIT @max_rows;

-- name: ListUsersByEmail :many
-- ListUsersByAge in the order of e-mails. E-mails with the same beginning are adjacent, so a search
-- by beginning reads no others. The position of the first page is empty.
SELECT *
FROM (
    SELECT *
    FROM users
    WHERE
        lower(email COLLATE "C") > lower(cast(@after_email AS text) COLLATE "C")
        AND (sqlc.narg('beginning')::text IS NULL OR lower(email COLLATE "C") LIKE lower(sqlc.narg('beginning')))
        AND (sqlc.narg('role')::text IS NULL OR role = sqlc.narg('role'))
        AND (sqlc.narg('is_active')::boolean IS NULL OR is_active = sqlc.narg('is_active'))
    ORDER BY lower(email COLLATE "C")
    LIMIT @max_looked_at
) AS users
WHERE sqlc.narg('containing')::text IS NULL OR (email || E'\n' || coalesce(name, '')) ILIKE sqlc.narg('containing')
ORDER BY lower(email COLLATE "C")
LIMIT @max_rows;

-- name: FindUsersByEmail :many
-- ListUsersByEmail without the limit of rows to read; see FindUsersByAge.
SELECT *
FROM (
    SELECT *
    FROM users
    WHERE (email || E'\n' || coalesce(name, '')) ILIKE @containing
    OFFSET 0
) AS users
WHERE
    lower(email COLLATE "C") > lower(cast(@after_email AS text) COLLATE "C")
    AND (sqlc.narg('role')::text IS NULL OR role = sqlc.narg('role'))
    AND (sqlc.narg('is_active')::boolean IS NULL OR is_active = sqlc.narg('is_active'))
ORDER BY lower(email COLLATE "C")
LIMIT @max_rows;
