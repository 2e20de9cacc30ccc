-- name: ReserveAttempt :one
-- Counts an attempt as failed in advance, so that concurrent attempts count too. While the counter
-- is blocked, counts nothing and returns no row. From the last free failure on, each failure
-- doubles the delay. clock_timestamp(), because a statement that waited for the row began before
-- its last change.
INSERT INTO throttles AS counter (account_key, network_key, forgiven_at, blocked_until)
VALUES (
    @account_key,
    @network_key,
    clock_timestamp() + make_interval(secs => @forgiven_seconds::double precision),
    clock_timestamp()
)
ON CONFLICT (account_key, network_key) DO UPDATE
SET
    forgiven_at = greatest(counter.forgiven_at, clock_timestamp())
    + make_interval(secs => @forgiven_seconds::double precision),
    -- No delay below the free failures, including this one.
    blocked_until = clock_timestamp() + make_interval(secs => least(
        @most_seconds::double precision,
        cast(@first_seconds AS double precision) * trunc(power(2, least(30, greatest(-1, ceil(
            extract(EPOCH FROM greatest(counter.forgiven_at - clock_timestamp(), '0'))
            / cast(@forgiven_seconds AS double precision)
        ) + 1 - cast(@free AS integer)))))
    ))
WHERE counter.blocked_until <= clock_timestamp()
RETURNING blocked_until;

-- name: GetThrottleWait :one
SELECT extract(EPOCH FROM blocked_until - clock_timestamp())::double precision AS seconds
FROM throttles
WHERE account_key = @account_key AND network_key = @network_key;

-- name: RefundAttempt :exec
-- Uncounts an attempt that was not a guess, and removes its delay.
UPDATE throttles
SET
    forgiven_at = forgiven_at - make_interval(secs => @forgiven_seconds::double precision),
    blocked_until = CASE
        WHEN blocked_until = @reserved_until THEN clock_timestamp()
        ELSE blocked_until
    END
WHERE account_key = @account_key AND network_key = @network_key;

-- name: ForgiveAttempts :exec
DELETE FROM throttles
WHERE account_key = @account_key AND network_key = @network_key;

-- name: ClearThrottle :exec
-- Forgets the failures of an account from everywhere.
DELETE FROM throttles
WHERE account_key = @account_key;

-- name: PurgeThrottles :execrows
-- Deletes counters that have no effect. Skips rows that other transactions have locked.
DELETE FROM throttles
WHERE (throttles.account_key, throttles.network_key) IN (
    SELECT
        spent.account_key,
        spent.network_key
    FROM throttles AS spent
    WHERE spent.forgiven_at <= now() AND spent.blocked_until <= now()
    ORDER BY spent.forgiven_at
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
);

-- name: GetThrottleKey :one
SELECT key
FROM throttle_keys
WHERE id = 1;

-- name: CreateThrottleKey :exec
-- Keeps an existing key: of several servers that start at once, one creates it.
INSERT INTO throttle_keys (key)
VALUES (@key)
ON CONFLICT (id) DO NOTHING;

-- name: ReserveMail :one
-- Counts a mail. Returns no row and counts nothing within interval_seconds after the last one, or if
-- max_debt_seconds are used up, of which each mail takes refill_seconds and gives them back in time.
INSERT INTO throttles AS counter (account_key, network_key, forgiven_at, blocked_until)
VALUES (
    @account_key,
    '',
    clock_timestamp() + make_interval(secs => @refill_seconds::double precision),
    clock_timestamp() + make_interval(secs => @interval_seconds::double precision)
)
ON CONFLICT (account_key, network_key) DO UPDATE
SET
    forgiven_at = greatest(counter.forgiven_at, clock_timestamp())
    + make_interval(secs => @refill_seconds::double precision),
    -- The last mail of the quota blocks the counter until the next one is allowed.
    blocked_until = greatest(
        clock_timestamp() + make_interval(secs => @interval_seconds::double precision),
        greatest(counter.forgiven_at, clock_timestamp())
        + make_interval(secs => 2 * cast(@refill_seconds AS double precision) - @max_debt_seconds::double precision)
    )
WHERE counter.blocked_until <= clock_timestamp()
RETURNING blocked_until;
