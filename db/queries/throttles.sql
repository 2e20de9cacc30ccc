-- name: ReserveAttempt :one
-- Counts an attempt as failed before it is made, so that those made at the same time count too. While the counter is
-- blocked nothing is counted and no row comes back. From the last free failure on, each doubles the time until the next.
-- The clock is that of the moment, not of the statement: whoever waited for the row began before it was last written.
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
    -- No delay while fewer than the free failures count, this one included.
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
-- Takes an attempt back that was no guess, and the delay that it has brought about.
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
-- Forgets the failures of an account, from all networks.
DELETE FROM throttles
WHERE account_key = @account_key;

-- name: PurgeThrottles :execrows
-- Deletes some counters that mean nothing any more. It waits for nobody.
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

-- name: IsKnownNetwork :one
SELECT EXISTS(
    SELECT 1
    FROM known_networks AS known
    INNER JOIN users ON users.id = known.user_id
    WHERE
        lower(users.email COLLATE "C") = lower(cast(@email AS text) COLLATE "C")
        AND known.network_key = @network_key
        AND known.last_login_at > now() - make_interval(secs => @age_seconds::double precision)
) AS is_known;

-- name: RememberNetwork :exec
INSERT INTO known_networks (user_id, network_key)
VALUES (@user_id, @network_key)
ON CONFLICT (user_id, network_key) DO UPDATE
SET last_login_at = excluded.last_login_at;

-- name: PurgeKnownNetworks :execrows
-- Deletes some of those that nobody has logged in from for so long. It waits for nobody.
DELETE FROM known_networks
WHERE (known_networks.user_id, known_networks.network_key) IN (
    SELECT
        old.user_id,
        old.network_key
    FROM known_networks AS old
    WHERE old.last_login_at < now() - make_interval(secs => @age_seconds::double precision)
    ORDER BY old.last_login_at
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
);
