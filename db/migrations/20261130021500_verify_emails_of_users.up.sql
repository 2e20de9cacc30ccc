-- An e-mail proves nothing about an account until its mailbox has confirmed it; a new one waits beside the old one until then.
ALTER TABLE users
ADD COLUMN email_verified_at timestamptz,
ADD COLUMN pending_email text;

ALTER TABLE users ADD CONSTRAINT users_pending_email_is_printable_ascii
CHECK (pending_email ~ '^[\x21-\x7e]{3,254}$') NOT VALID;
