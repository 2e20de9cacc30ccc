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

-- name: RememberDevice :one
-- Returns whether the device was unknown: a row that was inserted has no xmax.
INSERT INTO known_devices (user_id, device_key)
VALUES (@user_id, @device_key)
ON CONFLICT (user_id, device_key) DO UPDATE
SET last_login_at = excluded.last_login_at
RETURNING cast(xmax = 0 AS boolean) AS is_new;

-- name: ForgetExcessDevices :exec
-- Forgets the devices of a user except the max_devices that logged in last.
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
-- Deletes devices without a recent login. Skips rows that other transactions have locked.
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
-- PurgeKnownDevices for known_networks, which only early releases write.
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
