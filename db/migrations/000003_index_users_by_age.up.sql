-- Pages of users by age cost the same at any depth.
CREATE INDEX users_created_at_id_idx ON users (created_at, id);
