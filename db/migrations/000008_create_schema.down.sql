DROP TABLE known_networks;
DROP TABLE throttles;
DROP TABLE refresh_tokens;
DROP TABLE sessions;
DROP TABLE users;
-- pg_trgm stays: the database may have had it before.
