-- Pages of users by age cost the same at any depth.
-- squawk-ignore require-concurrent-index-creation -- older than the first release: there were no rows yet
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
