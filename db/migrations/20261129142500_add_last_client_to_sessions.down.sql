ALTER TABLE sessions
DROP COLUMN repeated_elsewhere_at,
DROP COLUMN last_user_agent,
DROP COLUMN last_ip;
