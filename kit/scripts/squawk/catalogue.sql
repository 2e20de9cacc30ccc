-- Test cases of the migration linter, which kit/scripts/check-migrations.sh runs before it checks db/migrations. A line with ##
-- starts a case: the violated rules or "good", and the reason. docs/operations.md describes the alternatives.

-- ## good | a new table, with a foreign key and an index, not in use yet
CREATE TABLE notes (
    id text COLLATE "C" NOT NULL,
    user_id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notes_pkey PRIMARY KEY (id),
    CONSTRAINT notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES users (id) ON DELETE CASCADE
);
CREATE INDEX notes_user_id_idx ON notes (user_id, created_at);

-- ## good | a nullable column
ALTER TABLE users ADD COLUMN phone text;

-- ## good | a column with a constant default, which rewrites no rows
ALTER TABLE users ADD COLUMN locale text NOT NULL DEFAULT 'en';

-- ## adding-required-field | existing rows and the old release have no value for it
ALTER TABLE users ADD COLUMN phone text NOT NULL;

-- ## adding-field-with-default | a volatile default rewrites the table under a lock
ALTER TABLE users ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();

-- ## adding-field-with-default | a stored generated column rewrites the table too
ALTER TABLE users ADD COLUMN folded text GENERATED ALWAYS AS (lower(email)) STORED;

-- ## require-concurrent-index-creation | blocks writes until the index is built
CREATE INDEX users_name_idx ON users (name);

-- ## good | outside of a transaction writes do not wait
-- migrate: no transaction
CREATE INDEX CONCURRENTLY users_name_idx ON users (name);

-- ## ban-concurrent-index-creation-in-transaction | PostgreSQL rejects it
ALTER TABLE users ADD COLUMN phone text;
CREATE INDEX CONCURRENTLY users_phone_idx ON users (phone);

-- ## require-concurrent-index-deletion | blocks all access until readers finish
DROP INDEX users_name_idx;

-- ## require-concurrent-reindex | blocks writes
REINDEX TABLE users;

-- ## changing-column-type | the table is rewritten, and the old release reads another type
ALTER TABLE users ALTER COLUMN version TYPE bigint;

-- ## ban-drop-column | the old release still reads it
ALTER TABLE users DROP COLUMN name;

-- ## good | the old release no longer reads it
-- squawk-ignore ban-drop-column -- contract: nothing has read it since v1.4.0
ALTER TABLE users DROP COLUMN name;

-- ## ignored-without-reason | suppression requires a reason
-- squawk-ignore ban-drop-column
ALTER TABLE users DROP COLUMN name;

-- ## ban-drop-column unused-ignore | suppression requires the correct rule
-- squawk-ignore ban-drop-colum -- contract: nothing has read it since v1.4.0
ALTER TABLE users DROP COLUMN name;

-- ## renaming-column | the old release uses the old name
ALTER TABLE users RENAME COLUMN name TO full_name;

-- ## renaming-table | the old release uses the old name
ALTER TABLE users RENAME TO accounts;

-- ## ban-drop-table | the old release still reads it
DROP TABLE sessions;

-- ## ban-drop-view ban-drop-type | the old release may still use them
DROP VIEW people;
DROP TYPE mood;

-- ## ban-drop-not-null | the old release cannot read NULL
ALTER TABLE users ALTER COLUMN role DROP NOT NULL;

-- ## ban-drop-default | the old release relies on it
ALTER TABLE users ALTER COLUMN role DROP DEFAULT;

-- ## ban-drop-constraint | the program maps constraint names to errors
ALTER TABLE users DROP CONSTRAINT users_role_is_known;

-- ## adding-not-nullable-field | scans the table under a lock, and the old release may insert NULL
ALTER TABLE users ALTER COLUMN name SET NOT NULL;

-- ## constraint-missing-not-valid | scans the table under a lock
ALTER TABLE users ADD CONSTRAINT users_name_is_short CHECK (length(name) < 200);

-- ## good | checks new rows only
ALTER TABLE users ADD CONSTRAINT users_name_is_set CHECK (name IS NOT NULL) NOT VALID;

-- ## good | the next migration scans the table without blocking
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_set;

-- ## good | with a valid constraint PostgreSQL skips the scan
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_set;
ALTER TABLE users ALTER COLUMN name SET NOT NULL;
-- squawk-ignore ban-drop-constraint -- NOT NULL replaces it, and no release uses the name
ALTER TABLE users DROP CONSTRAINT users_name_is_set;

-- ## constraint-missing-not-valid | the lock of the first statement is held during the scan of the second
ALTER TABLE users ADD CONSTRAINT users_name_is_short CHECK (length(name) < 200) NOT VALID;
ALTER TABLE users VALIDATE CONSTRAINT users_name_is_short;

-- ## adding-foreign-key-constraint constraint-missing-not-valid | blocks writes to both tables during a scan
ALTER TABLE users ADD CONSTRAINT users_org_id_fkey FOREIGN KEY (org_id) REFERENCES orgs (id);

-- ## good | NOT VALID skips the scan
ALTER TABLE users ADD CONSTRAINT users_org_id_fkey FOREIGN KEY (org_id) REFERENCES orgs (id) NOT VALID;

-- ## constraint-missing-not-valid disallowed-unique-constraint | blocks all access while the index is built
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE (phone);

-- ## good | uses an existing index
ALTER TABLE users ADD CONSTRAINT users_phone_key UNIQUE USING INDEX users_phone_idx;

-- ## transaction-nesting | the file is already a transaction
BEGIN;
ALTER TABLE users ADD COLUMN phone text;
COMMIT;

-- ## bulk-change | locks all rows until the migration ends
UPDATE users SET name = '' WHERE name IS NULL;

-- ## bulk-change | deleted rows are not restored when the release is rolled back
ALTER TABLE users ADD COLUMN phone text; DELETE FROM sessions;

-- ## bulk-change | deleted rows are not restored when the release is rolled back
TRUNCATE
    sessions;

-- ## bulk-change | blocks all access
LOCK TABLE users;

-- ## bulk-change | blocks all access while the table is rewritten
-- migrate: no transaction
VACUUM FULL users;

-- ## good | creating a function changes no rows
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE users SET updated_at = now();
    RETURN NULL;
END
$$;

-- ## good | the table is known to be small
-- bulk-change: the table has one row for each plan that we sell
UPDATE plans SET price = price * 100;

-- ## bulk-change ignored-without-reason | this suppression requires a reason too
-- bulk-change: ok
UPDATE plans SET price = price * 100;

-- ## ban-char-field prefer-identity prefer-text-field prefer-timestamp-tz | discouraged types
CREATE TABLE regrets (id bigserial, name varchar(50), code char(3), at timestamp);

-- ## syntax-error | not SQL
ALTER TABEL users ADD COLUMN phone text;
