-- migrate: replaces 000001 000002 000003 000004 000005 000007
-- Accounts, sessions and counters of failed passwords.

-- Accounts: who may log in, and what they may do.
CREATE TABLE users (
    id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    password_hash text NOT NULL,
    name text,
    role text NOT NULL DEFAULT 'user',
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL DEFAULT 1, -- the ETag; hashing a password anew is no change that clients can see
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_id_is_ulid CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT users_email_is_printable_ascii CHECK (email ~ '^[\x21-\x7e]{3,254}$'),
    CONSTRAINT users_role_is_known CHECK (role IN ('user', 'admin'))
);

-- E-mails are shown as typed and compared without regard to case; they are ASCII, so the C collation is right for all.
CREATE UNIQUE INDEX users_email_key ON users (lower(email COLLATE "C"));

-- Pages of users by age cost the same at any depth, and the rare ones are found among a million.
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
CREATE INDEX users_admins_idx ON users (created_at, id) WHERE role = 'admin';
CREATE INDEX users_inactive_idx ON users (created_at, id) WHERE NOT is_active;
CREATE INDEX users_inactive_email_idx ON users (lower(email COLLATE "C")) WHERE NOT is_active;

-- No search text has a line break, so none matches across it. Without a list of pending entries, a search costs the same
-- after many registrations.
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX users_search_idx ON users USING gin ((email || E'\n' || coalesce(name, '')) gin_trgm_ops) WITH (fastupdate = off);

-- A session is a login and the family of refresh tokens that descend from it; ending the row ends them all.
CREATE TABLE sessions (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    user_agent text NOT NULL DEFAULT '',
    ip inet,
    created_at timestamptz NOT NULL DEFAULT now(),
    last_used_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    revoked_reason text,
    CONSTRAINT sessions_pkey PRIMARY KEY (id),
    CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT sessions_id_is_ulid CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT sessions_revoked_with_reason CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL))
);

CREATE INDEX sessions_live_by_user_idx ON sessions (user_id, created_at) WHERE revoked_at IS NULL;
CREATE INDEX sessions_user_id_idx ON sessions (user_id); -- deleting an account also deletes sessions that have ended
CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;

-- Only hashes are stored. A used token keeps its successor, sealed with a key that only the token itself yields, so that
-- a client that has lost the response can repeat the request.
CREATE TABLE refresh_tokens (
    id bigint GENERATED ALWAYS AS IDENTITY,
    session_id text COLLATE "C" NOT NULL,
    parent_id bigint,
    generation integer NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    sealed_successor bytea,
    CONSTRAINT refresh_tokens_pkey PRIMARY KEY (id),
    CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES refresh_tokens (id) ON DELETE CASCADE,
    CONSTRAINT refresh_tokens_parent_id_key UNIQUE (parent_id),
    CONSTRAINT refresh_tokens_token_hash_key UNIQUE (token_hash),
    CONSTRAINT refresh_tokens_session_id_generation_key UNIQUE (session_id, generation),
    CONSTRAINT refresh_tokens_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT refresh_tokens_first_has_no_parent CHECK ((generation = 0) = (parent_id IS NULL)),
    CONSTRAINT refresh_tokens_sealed_only_when_used CHECK (sealed_successor IS NULL OR used_at IS NOT NULL)
);

-- A session has at most one live token.
CREATE UNIQUE INDEX refresh_tokens_one_live_per_session_key ON refresh_tokens (session_id) WHERE used_at IS NULL;

-- Expired tokens, and sealed successors that are no longer of use, are found without reading the others.
CREATE INDEX refresh_tokens_live_expires_at_idx ON refresh_tokens (expires_at) WHERE used_at IS NULL;
CREATE INDEX refresh_tokens_sealed_used_at_idx ON refresh_tokens (used_at) WHERE sealed_successor IS NOT NULL;

-- Failed passwords. Keys are HMACs, so that a copy of the database does not reveal whose password was mistyped from where.
-- An empty key stands for all: the failures of an account from everywhere, or those from a network for all accounts.
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

-- Networks that an account has logged in from.
CREATE TABLE known_networks (
    user_id text COLLATE "C" NOT NULL,
    network_key bytea NOT NULL,
    last_login_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT known_networks_pkey PRIMARY KEY (user_id, network_key),
    CONSTRAINT known_networks_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT known_networks_network_key_is_digest CHECK (octet_length(network_key) = 32)
);

CREATE INDEX known_networks_last_login_at_idx ON known_networks (last_login_at);
