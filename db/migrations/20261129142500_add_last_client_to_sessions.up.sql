-- Who used a session last, which a retry in the grace is compared with, and when one came from another network.
ALTER TABLE sessions
ADD COLUMN last_ip inet,
ADD COLUMN last_user_agent text,
ADD COLUMN repeated_elsewhere_at timestamptz;
