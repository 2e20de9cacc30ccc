-- Creates the service's roles: the owner of the database, which migrates, and the server's role.
-- Neither is a superuser. `migrate up` grants the server's role its privileges. In compose.yaml the
-- PostgreSQL image runs this with psql as its superuser, which cannot log in over the network
-- afterwards.
\getenv owner_password POSTGRES_PASSWORD
\getenv server_password POSTGRES_SERVER_PASSWORD
CREATE ROLE plinth_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE plinth_server LOGIN PASSWORD :'server_password';
ALTER DATABASE plinth OWNER TO plinth_owner;
ALTER ROLE CURRENT_USER PASSWORD NULL;
