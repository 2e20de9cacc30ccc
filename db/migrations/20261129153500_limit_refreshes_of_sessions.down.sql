ALTER TABLE sessions DROP COLUMN refreshes_until;
