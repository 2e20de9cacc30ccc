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

-- name: GetThrottleKey :one
SELECT key
FROM throttle_keys
WHERE id = 1;

-- name: CreateThrottleKey :exec
-- Keeps the key that is there: of several servers that start at once, one makes it.
INSERT INTO throttle_keys (key)
VALUES (@key)
ON CONFLICT (id) DO NOTHING;

-- name: IsKnownDevice :one
SELECT EXISTS(
    SELECT 1
    FROM known_devices AS known
    INNER JOIN users ON users.id = known.user_id
    WHERE
        lower(users.email COLLATE "C") = lower(cast(@email AS text) COLLATE "C")
        AND known.device_key = @device_key
        AND known.last_login_at > now() - make_interval(secs => @age_seconds::double precision)
) AS is_known;

-- name: RememberDevice :exec
INSERT INTO known_devices (user_id, device_key)
VALUES (@user_id, @device_key)
ON CONFLICT (user_id, device_key) DO UPDATE
SET last_login_at = excluded.last_login_at;

-- name: ForgetExcessDevices :exec
-- Forgets the devices of a user beyond the max_devices that logged in last.
DELETE FROM known_devices
WHERE
    known_devices.user_id = @user_id
    AND known_devices.device_key IN (
        SELECT known.device_key
        FROM known_devices AS known
        WHERE known.user_id = @user_id
        ORDER BY known.last_login_at DESC, known.device_key
        OFFSET @max_devices
    );

-- name: ForgetDevices :exec
DELETE FROM known_devices
WHERE user_id = @user_id;

-- name: PurgeKnownDevices :execrows
-- Deletes some of those that have not logged in for so long. Rows that others have locked are left to them.
DELETE FROM known_devices
WHERE (known_devices.user_id, known_devices.device_key) IN (
    SELECT
        old.user_id,
        old.device_key
    FROM known_devices AS old
    WHERE old.last_login_at < now() - make_interval(secs => @age_seconds::double precision)
    ORDER BY old.last_login_at
    LIMIT @max_rows
    FOR UPDATE SKIP LOCKED
);

-- name: PurgeKnownNetworks :execrows
-- The same for known_networks, which only the release before writes.
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
