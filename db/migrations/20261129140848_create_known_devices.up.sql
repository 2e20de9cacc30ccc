-- Counters of wrong passwords outlive the keys of access tokens: their key is made once, by the first server that needs it.
CREATE TABLE throttle_keys (
    id bigint NOT NULL DEFAULT 1,
    key bytea NOT NULL,
    CONSTRAINT throttle_keys_pkey PRIMARY KEY (id),
    CONSTRAINT throttle_keys_is_one CHECK (id = 1),
    CONSTRAINT throttle_keys_key_is_long CHECK (octet_length(key) = 32)
);

-- Devices that an account has logged in from: guesses elsewhere do not refuse them. They take the place of known_networks,
-- which only the release before reads.
CREATE TABLE known_devices (
    user_id text COLLATE "C" NOT NULL,
    device_key bytea NOT NULL, -- digest of a device token
    last_login_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_devices_pkey PRIMARY KEY (user_id, device_key),
    CONSTRAINT known_devices_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_devices_device_key_is_digest CHECK (octet_length(device_key) = 32)
);

CREATE INDEX known_devices_last_login_at_idx ON known_devices (last_login_at);
