-- A session can be refreshed from many networks at once, so refreshes are limited by session too: each moves this time on,
-- and a session that is too far ahead of the clock has to wait.
ALTER TABLE sessions ADD COLUMN refreshes_until timestamptz;
