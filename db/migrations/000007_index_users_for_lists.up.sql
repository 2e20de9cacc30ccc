-- Searching accounts, and the rare ones among them, costs no more when there are a million.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- No search text holds a line break, so none matches across it. Without a list of pending entries, a search costs the
-- same after many registrations.
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX users_search_idx ON users USING gin ((email || E'\n' || coalesce(name, '')) gin_trgm_ops) WITH (fastupdate = off);
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX users_admins_idx ON users (created_at, id) WHERE role = 'admin';
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX users_inactive_idx ON users (created_at, id) WHERE NOT is_active;
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX users_inactive_email_idx ON users (lower(email COLLATE "C")) WHERE NOT is_active;
