-- migrate: no transaction
-- A refresh token that was pruned is found by the secret that it shares with the others of its session.
CREATE UNIQUE INDEX CONCURRENTLY sessions_family_hash_key ON sessions (family_hash);
