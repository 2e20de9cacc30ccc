-- Accounts that an administrator offers. The row is its token: accepting it deletes it, and the account gets its id.
CREATE TABLE invitations (
    id text COLLATE "C" NOT NULL,
    email text NOT NULL,
    role text NOT NULL,
    name text,
    token_hash bytea, -- NULL until the mail is sent
    invited_by text COLLATE "C",
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    CONSTRAINT invitations_pkey PRIMARY KEY (id),
    CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES users (id) ON DELETE SET NULL,
    CONSTRAINT invitations_token_hash_key UNIQUE (token_hash),
    CONSTRAINT invitations_id_is_ulid CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT invitations_email_is_printable_ascii CHECK (email ~ '^[\x21-\x7e]{3,254}$'),
    CONSTRAINT invitations_role_is_known CHECK (role IN ('user', 'admin')),
    CONSTRAINT invitations_token_hash_is_sha256 CHECK (octet_length(token_hash) = 32)
);

CREATE UNIQUE INDEX invitations_email_key ON invitations (lower(email COLLATE "C"));
CREATE INDEX invitations_created_at_idx ON invitations (created_at, id);
CREATE INDEX invitations_expires_at_idx ON invitations (expires_at);
CREATE INDEX invitations_invited_by_idx ON invitations (invited_by);
