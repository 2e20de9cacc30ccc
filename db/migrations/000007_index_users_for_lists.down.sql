DROP INDEX users_inactive_email_idx;
DROP INDEX users_inactive_idx;
DROP INDEX users_admins_idx;
DROP INDEX users_search_idx;
-- pg_trgm stays: the database may have had it before.
