-- The tokens in the links of mails. A row is a link that an address shall get: the job that sends the mail makes the token, so
-- that no copy of the database has one.
CREATE TABLE one_time_tokens (
    user_id text COLLATE "C" NOT NULL,
    purpose text COLLATE "C" NOT NULL,
    token_hash bytea, -- NULL until the mail is sent
    sent_to text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT one_time_tokens_pkey PRIMARY KEY (user_id, purpose),
    CONSTRAINT one_time_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE,
    CONSTRAINT one_time_tokens_token_hash_key UNIQUE (token_hash),
    CONSTRAINT one_time_tokens_purpose_is_plain CHECK (purpose ~ '^[a-z][a-z_]{0,49}$'),
    CONSTRAINT one_time_tokens_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32),
    CONSTRAINT one_time_tokens_sent_to_is_printable_ascii CHECK (sent_to ~ '^[\x21-\x7e]{3,254}$')
);

CREATE INDEX one_time_tokens_expires_at_idx ON one_time_tokens (expires_at);
CREATE INDEX one_time_tokens_sent_to_idx ON one_time_tokens (lower(sent_to COLLATE "C"), purpose);

-- Not in the step before, because it reads the whole table, which the lock there would block meanwhile.
ALTER TABLE users VALIDATE CONSTRAINT users_pending_email_is_printable_ascii;
