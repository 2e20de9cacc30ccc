-- Failed passwords. Keys are HMACs, so that a copy of the database tells nobody who mistyped what, and from where; an empty
-- key stands for all: the failures of an account from everywhere, or those from a network for all accounts.
CREATE TABLE throttles (
    account_key bytea NOT NULL,
    network_key bytea NOT NULL,
    forgiven_at timestamptz NOT NULL, -- when none of the failures counts any more
    blocked_until timestamptz NOT NULL,
    CONSTRAINT throttles_pkey PRIMARY KEY (account_key, network_key),
    CONSTRAINT throttles_account_key_is_digest CHECK (octet_length(account_key) IN (0, 32)),
    CONSTRAINT throttles_network_key_is_digest CHECK (octet_length(network_key) IN (0, 32))
);

CREATE INDEX throttles_forgiven_at_idx ON throttles (forgiven_at);

-- Where an account has logged in from: whoever fails elsewhere cannot keep its owner out there.
CREATE TABLE known_networks (
    user_id text COLLATE "C" NOT NULL,
    network_key bytea NOT NULL,
    last_login_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_networks_pkey PRIMARY KEY (user_id, network_key),
    CONSTRAINT known_networks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_networks_network_key_is_digest CHECK (octet_length(network_key) = 32)
);

CREATE INDEX known_networks_last_login_at_idx ON known_networks (last_login_at);
