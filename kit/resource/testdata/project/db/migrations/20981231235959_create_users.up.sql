-- Accounts.
CREATE TABLE users (id text);
