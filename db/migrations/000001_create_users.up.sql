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
    CONSTRAINT users_pkey PRIMARY KEY (id),
    CONSTRAINT users_id_is_ulid CHECK (id ~ '^[0-7][0-9A-HJKMNP-TV-Z]{25}$'),
    CONSTRAINT users_email_is_printable_ascii CHECK (email ~ '^[\x21-\x7e]{3,254}$'),
    CONSTRAINT users_role_is_known CHECK (role IN ('user', 'admin'))
);

-- E-mails are shown as typed and compared without regard to case; they are ASCII, so the C collation is right for all.
CREATE UNIQUE INDEX users_email_key ON users (lower(email COLLATE "C"));
