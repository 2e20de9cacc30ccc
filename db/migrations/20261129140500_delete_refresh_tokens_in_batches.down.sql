ALTER TABLE sessions DROP COLUMN family_hash;

DROP TRIGGER sessions_are_queued_when_deleted ON sessions;
DROP FUNCTION queue_deleted_sessions();
DELETE FROM refresh_tokens USING deleted_sessions WHERE refresh_tokens.session_id = deleted_sessions.id;
DROP TABLE deleted_sessions;
-- NOT VALID: the parents of some tokens have been pruned.
ALTER TABLE refresh_tokens
ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions (id) ON DELETE CASCADE,
ADD CONSTRAINT refresh_tokens_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES refresh_tokens (id) ON DELETE CASCADE NOT VALID;
