-- name: RecordAuditEvents :exec
-- Each array has an element for each event, empty if the event has no such value.
INSERT INTO audit_events (id, type, actor_id, target_id, session_id, ip, request_id, detail)
SELECT
    event.id,
    event.type,
    nullif(event.actor_id, ''),
    nullif(event.target_id, ''),
    nullif(event.session_id, ''),
    cast(nullif(event.ip, '') AS inet),
    nullif(event.request_id, ''),
    nullif(event.detail, '')
FROM (
    SELECT
        unnest(@ids::text[]) AS id,
        unnest(@types::text[]) AS type,
        unnest(@actor_ids::text[]) AS actor_id,
        unnest(@target_ids::text[]) AS target_id,
        unnest(@session_ids::text[]) AS session_id,
        unnest(@ips::text[]) AS ip,
        unnest(@request_ids::text[]) AS request_id,
        unnest(@details::text[]) AS detail
) AS event;

-- name: RecordRefusal :exec
-- Counts the event with the first one of the same type and subject in this minute.
INSERT INTO audit_events (id, type, actor_id, target_id, session_id, ip, request_id, detail, coalesced_by)
VALUES (
    @id,
    @type::text,
    nullif(@actor_id::text, ''),
    nullif(@target_id::text, ''),
    nullif(@session_id::text, ''),
    @ip,
    nullif(@request_id::text, ''),
    nullif(@detail::text, ''),
    sha256(convert_to(concat_ws(' ', @type::text, @subject::text, extract(epoch FROM date_trunc('minute', clock_timestamp()))), 'UTF8'))
)
ON CONFLICT (coalesced_by) WHERE coalesced_by IS NOT NULL
DO UPDATE SET count = audit_events.count + 1;

-- name: ListAuditEvents :many
-- Newest first. There is an index for each filter. PostgreSQL must plan this for the
-- arguments each time, because no plan suits all of them; a test checks that it does.
SELECT
    id,
    occurred_at,
    coalesce(last_occurred_at, occurred_at)::timestamptz AS last_occurred_at,
    count,
    type,
    actor_id,
    target_id,
    session_id,
    ip,
    request_id,
    detail
FROM audit_events
WHERE
    (occurred_at, id) < (@after_occurred_at::timestamptz, @after_id::text)
    AND (sqlc.narg('type')::text IS NULL OR type = sqlc.narg('type'))
    AND (sqlc.narg('actor_id')::text IS NULL OR actor_id = sqlc.narg('actor_id'))
    AND (sqlc.narg('target_id')::text IS NULL OR target_id = sqlc.narg('target_id'))
ORDER BY occurred_at DESC, id DESC
LIMIT @max_rows;

-- name: PruneAuditEvents :execrows
-- Oldest first. A trigger rejects this unless an audit_pruned event announced it.
DELETE FROM audit_events
WHERE (occurred_at, id) IN (
    SELECT old.occurred_at, old.id
    FROM audit_events AS old
    WHERE old.occurred_at < @before
    ORDER BY old.occurred_at, old.id
    LIMIT @max_rows
);

-- name: PruneOldAuditEvents :one
-- For the server's role, which may not delete events. The function checks their age.
SELECT prune_audit_events(make_interval(secs => @age_seconds::double precision), @max_rows::integer)::bigint AS pruned;
