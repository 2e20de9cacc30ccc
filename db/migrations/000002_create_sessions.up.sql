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

-- Only hashes are stored. A used token keeps its successor, sealed with a key that only the token itself yields, so that
-- a client whose answer was lost can ask again.
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

-- At most one live token a session, as a fact of the database.
CREATE UNIQUE INDEX refresh_tokens_one_live_per_session_key ON refresh_tokens (session_id) WHERE used_at IS NULL;
