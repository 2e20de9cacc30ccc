-- What the linter of migrations must say: scripts/check-migrations.sh runs it on each of these before it runs it on ours.
-- A line with ## begins a migration: the rules that it breaks, or "good", and why. docs/operations.md has the ways out.

-- ## good | a new table, its foreign key and its index: not in use yet
CREATE TABLE notes (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notes_pkey PRIMARY KEY (id),
    CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX notes_user_id_idx ON notes (user_id, created_at);

-- ## good | a column that may be empty
ALTER TABLE users ADD COLUMN phone text;

-- ## good | a column with a constant default: old rows get it without being rewritten
ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';

-- ## adding-required-field | old rows, and the old release, have no value for it
ALTER TABLE users ADD COLUMN phone text NOT NULL;

-- ## adding-field-with-default | each row gets another value, so the table is rewritten under a lock
ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();

-- ## adding-field-with-default | the same, for a computed column
ALTER TABLE users ADD COLUMN folded text GENERATED ALWAYS AS (lower(email)) STORED;

-- ## require-concurrent-index-creation | writes wait until the index is built
CREATE INDEX users_name_idx ON users (name);

-- ## good | they do not, outside of a transaction
-- migrate: no transaction
CREATE INDEX CONCURRENTLY users_name_idx ON users (name);

-- ## ban-concurrent-index-creation-in-transaction | PostgreSQL refuses it
ALTER TABLE users ADD COLUMN phone text;
CREATE INDEX CONCURRENTLY users_phone_idx ON users (phone);

-- ## require-concurrent-index-deletion | everything waits for those who read
DROP INDEX users_name_idx;

-- ## require-concurrent-reindex | writes wait
REINDEX TABLE users;

-- ## changing-column-type | the table is rewritten, and the old release reads another type
ALTER TABLE users ALTER COLUMN version TYPE bigint;

-- ## ban-drop-column | the old release still reads it
ALTER TABLE users DROP COLUMN name;

-- ## good | it does not any more
-- squawk-ignore ban-drop-column -- contract: nothing has read it since v1.4.0
ALTER TABLE users DROP COLUMN name;

-- ## ignored-without-reason | that needs a reason
-- squawk-ignore ban-drop-column
ALTER TABLE users DROP COLUMN name;

-- ## ban-drop-column unused-ignore | and the right name
-- squawk-ignore ban-drop-colum -- contract: nothing has read it since v1.4.0
ALTER TABLE users DROP COLUMN name;

-- ## renaming-column | the old release knows the old name
ALTER TABLE users RENAME COLUMN name TO full_name;

-- ## renaming-table | the old program still uses the old name
ALTER TABLE users RENAME TO accounts;

-- ## ban-drop-table | the old release still reads it
DROP TABLE sessions;

-- ## ban-drop-view ban-drop-type | the old program may still use them
DROP VIEW people;
DROP TYPE mood;

-- ## ban-drop-not-null | the old release cannot read what is empty
ALTER TABLE users ALTER COLUMN role DROP NOT NULL;

-- ## ban-drop-default | the old release relies on it
ALTER TABLE users ALTER COLUMN role DROP DEFAULT;

-- ## ban-drop-constraint | the program knows constraints by their names
ALTER TABLE users DROP CONSTRAINT users_role_is_known;

-- ## adding-not-nullable-field | all rows are read under a lock, and the old release may leave it empty
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- ## constraint-missing-not-valid | all rows are read under a lock
ALTER TABLE users ADD CONSTRAINT users_name_is_short CHECK (length(name) < 200);

-- ## good | only new rows are looked at
ALTER TABLE users ADD CONSTRAINT users_name_is_set CHECK (name IS NOT NULL) NOT VALID;

-- ## good | the next migration: all rows are read without a lock that blocks
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_set;

-- ## good | and the next: PostgreSQL believes the constraint, and reads nothing
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_set;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- squawk-ignore ban-drop-constraint -- the column itself says it now, and no program knows the name
ALTER TABLE users DROP CONSTRAINT users_name_is_set;

-- ## constraint-missing-not-valid | the lock of the first is held while the second reads all rows
ALTER TABLE users ADD CONSTRAINT users_name_is_short CHECK (length(name) < 200) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_short;

-- ## adding-foreign-key-constraint constraint-missing-not-valid | writes to both tables wait while all rows are read
ALTER TABLE users ADD CONSTRAINT users_org_id_fkey FOREIGN KEY (org_id) REFERENCES orgs (id);

-- ## good | they do not
ALTER TABLE users ADD CONSTRAINT users_org_id_fkey FOREIGN KEY (org_id) REFERENCES orgs (id) NOT VALID;

-- ## constraint-missing-not-valid disallowed-unique-constraint | everything waits while an index is built
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE (phone);

-- ## good | of an index that is there already
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE USING INDEX users_phone_idx;

-- ## transaction-nesting | the file is a transaction
BEGIN;
ALTER TABLE users ADD COLUMN phone text;
COMMIT;

-- ## bulk-change | all rows stay locked until the file has ended
UPDATE users SET name = '' WHERE name IS NULL;

-- ## bulk-change | what was deleted does not come back when the release is rolled back
ALTER TABLE users ADD COLUMN phone text; DELETE FROM sessions;

-- ## bulk-change | deleted rows do not come back at a rollback
TRUNCATE
    sessions;

-- ## bulk-change | everything waits
LOCK TABLE users;

-- ## bulk-change | everything waits while the table is rewritten
-- migrate: no transaction
VACUUM FULL users;

-- ## good | a function that changes rows has not changed any
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET updated_at = now();
    RETURN NULL;
END
$$;

-- ## good | few rows, known to be few
-- bulk-change: the table has one row for each plan that we sell
UPDATE plans SET price = price * 100;

-- ## bulk-change ignored-without-reason | that needs a reason, too
-- bulk-change: ok
UPDATE plans SET price = price * 100;

-- ## ban-char-field prefer-identity prefer-text-field prefer-timestamp-tz | types that are regretted later
CREATE TABLE regrets (id bigserial, name varchar(50), code char(3), at timestamp);

-- ## syntax-error | not SQL
ALTER TABEL users ADD COLUMN phone text;
