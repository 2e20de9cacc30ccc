-- The roles of the service: one owns the database and migrates, another serves, and neither is a superuser. `migrate up`
-- grants the server's role what it needs: to change all rows, but audit events only to add and to read, and to count
-- refusals. PostgreSQL's image runs this by psql as its superuser, in compose.yaml, who cannot log in over the network
-- after that.
\getenv owner_password POSTGRES_PASSWORD
\getenv server_password POSTGRES_SERVER_PASSWORD
CREATE ROLE plinth_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE plinth_server LOGIN PASSWORD :'server_password';
ALTER DATABASE plinth OWNER TO plinth_owner;
ALTER ROLE CURRENT_USER PASSWORD NULL;
