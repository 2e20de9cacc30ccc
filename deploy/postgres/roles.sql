-- The role that serves, beside the one that owns the tables and migrates. `migrate up` grants it what the server needs: to
-- change all rows, but audit events only to add and to read, and to count refusals. PostgreSQL's image runs this by psql, in compose.yaml.
\getenv password POSTGRES_SERVER_PASSWORD
CREATE ROLE plinth_server LOGIN PASSWORD :'password';
