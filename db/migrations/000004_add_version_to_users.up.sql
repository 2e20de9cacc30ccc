-- The version of an account, which clients get as its ETag; hashing a password anew is no change that they can see.
ALTER TABLE users ADD COLUMN version bigint NOT NULL DEFAULT 1;
