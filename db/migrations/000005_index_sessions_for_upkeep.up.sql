-- Deleting an account deletes its sessions, also those that have ended.
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX sessions_user_id_idx ON sessions (user_id);
-- What has ended long ago, and what must not stay longer than it is of use, is found without a look at all the rest.
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX sessions_revoked_at_idx ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX refresh_tokens_live_expires_at_idx ON refresh_tokens (expires_at) WHERE used_at IS NULL;
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX refresh_tokens_sealed_used_at_idx ON refresh_tokens (used_at) WHERE sealed_successor IS NOT NULL;
