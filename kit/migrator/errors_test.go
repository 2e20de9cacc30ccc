package migrator_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"example.com/plinth/kit/migrator"
	"example.com/plinth/kit/pgkit"
	"example.com/plinth/kit/testdb"
)

func TestFailedMigrationLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	conn := testdb.Connect(t, databaseURL)
	files := migrations(
		"CREATE TABLE a ();", "DROP TABLE a;",
		"CREATE TABLE b ();\n\nCREATE TABLE a ();", "DROP TABLE b;\nDROP TABLE nowhere;")
	m := newMigrator(t, databaseURL, files, migrator.Options{})

	applied, err := m.Up(t.Context())
	wantText(t, err, `migration 000002_step_2.up.sql failed: relation "a" already exists (SQLSTATE 42P07)`,
		"nothing of it was kept")
	if len(applied) != 1 {
		t.Errorf("applied %v", applied)
	}
	wantTables(t, conn, "a", "applied_migrations", "schema_migrations")
	wantVersion(t, m, 1, false)

	// A failed down migration is no different.
	exec(t, conn, "CREATE TABLE b (); UPDATE schema_migrations SET version = 2")
	_, err = m.Down(t.Context(), 1)
	wantText(t, err, `000002_step_2.down.sql failed: table "nowhere" does not exist`)
	wantTables(t, conn, "a", "applied_migrations", "b", "schema_migrations")
	wantVersion(t, m, 2, false)
}

func TestFailedMigrationNamesTheLine(t *testing.T) {
	t.Parallel()
	m := newMigrator(t, databases.EmptyURL(t), migrations("-- Why\nSELECT 1;\nSELCT 2;", ""), migrator.Options{})
	_, err := m.Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql failed at line 3: syntax error")
}

func TestFailuresDoNotQuoteRows(t *testing.T) {
	t.Parallel()
	m := newMigrator(t, databases.EmptyURL(t), migrations(
		"CREATE TABLE a (email text); INSERT INTO a VALUES ('ann@example.com'), ('ann@example.com');", "DROP TABLE a",
		"CREATE UNIQUE INDEX a_key ON a (email)", ""), migrator.Options{})
	_, err := m.Up(t.Context())
	wantText(t, err, "could not create unique index")
	if strings.Contains(err.Error(), "ann@") {
		t.Errorf("error %q quotes a row", err)
	}
}

func TestStatementThatRefusesATransactionGetsAdvice(t *testing.T) {
	t.Parallel()
	m := newMigrator(t, databases.EmptyURL(t), migrations(
		"CREATE TABLE a (id int)", "DROP TABLE a", "CREATE INDEX CONCURRENTLY a_id ON a (id)", ""), migrator.Options{})
	_, err := m.Up(t.Context())
	wantText(t, err, "CREATE INDEX CONCURRENTLY cannot", "`-- migrate: no transaction`")
}

// The server has committed, and its answer is lost.
func TestLostAnswerToAMigrationIsRecorded(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a")
	_, err := newMigrator(t, testdb.LoseAnswer(t, databaseURL, "CREATE TABLE a", 1), files,
		migrator.Options{}).Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql", "connection was lost", "`migrate status` tells")

	m := newMigrator(t, databaseURL, files, migrator.Options{})
	wantVersion(t, m, 1, false)
	if applied, err := m.Up(t.Context()); err != nil || len(applied) > 0 {
		t.Errorf("the second time applied %v, %v", applied, err)
	}
}

// The lock ends with the connection.
func TestConnectionLostAfterTheLastMigrationIsNoFailure(t *testing.T) {
	t.Parallel()
	databaseURL := testdb.LoseAnswer(t, databases.EmptyURL(t), "CREATE TABLE a", 2)
	m := newMigrator(t, databaseURL, migrations("CREATE TABLE a ()", "DROP TABLE a"), migrator.Options{})
	if applied, err := m.Up(t.Context()); err != nil || len(applied) != 1 {
		t.Errorf("applied %v, %v", applied, err)
	}
}

func TestConnectionFailuresAreExplainedWithoutThePassword(t *testing.T) {
	t.Parallel()
	const password = "hunter2-secret"
	refusal := func(code, message string) func(*testing.T) string {
		return func(t *testing.T) string {
			t.Helper()
			return "postgres://ann:" + password + "@" + refuse(t, code, message) + "/db?sslmode=disable"
		}
	}
	at := func(address string) func(*testing.T) string {
		return func(*testing.T) string { return "postgres://ann:" + password + "@" + address }
	}
	for name, tc := range map[string]struct {
		url   func(*testing.T) string
		parts []string
	}{
		"no listener": {
			at("127.0.0.1:1/db"),
			[]string{"cannot reach the database server", "127.0.0.1:1", "check that it is up"},
		},
		"unknown host": {at("nowhere.invalid/db"), []string{"cannot reach the database server", "nowhere.invalid"}},
		"wrong password": {
			refusal("28P01", `no, "ann"`),
			[]string{`cannot connect to the database: no, "ann"`, "check the user and the password"},
		},
		"not in pg_hba":    {refusal("28000", "no entry"), []string{"no entry", "pg_hba.conf"}},
		"no such database": {refusal("3D000", "no db"), []string{"no db", "create the database"}},
		"full":             {refusal("53300", "too many"), []string{"too many", "max_connections"}},
		"starting":         {refusal("57P03", "starting up"), []string{"starting up", "wait until the server is up"}},
		"another refusal":  {refusal("XX000", "odd"), []string{"cannot connect to the database: odd (SQLSTATE XX000)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := tc.url(t)
			_, statusErr := newMigrator(t, databaseURL, schema(), migrator.Options{}).Status(t.Context())
			for _, err := range []error{migrate(t.Context(), databaseURL), statusErr} {
				wantText(t, err, tc.parts...)
				if strings.Contains(fmt.Sprintf("%+v", err), password) {
					t.Errorf("error %q holds the password", err)
				}
			}
		})
	}
}

// refuse returns the address of a server that rejects each connection with an error.
func refuse(t *testing.T, code, message string) string {
	t.Helper()
	return testdb.Listen(t, func(client net.Conn) {
		server := pgproto3.NewBackend(client, client)
		if _, err := server.ReceiveStartupMessage(); err != nil {
			t.Error(err)
			return
		}
		server.Send(&pgproto3.ErrorResponse{Severity: "FATAL", Code: code, Message: message})
		if err := server.Flush(); err != nil {
			t.Error(err)
		}
	})
}

func TestMissingFileOfTheURLIsNamed(t *testing.T) {
	t.Parallel()
	err := migrate(t.Context(), "postgres://ann:hunter2@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem")
	if !errors.Is(err, pgkit.ErrDatabaseURL) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
	wantText(t, err, "/nowhere/ca.pem")
}

// The service uses the same URL for its pool.
func TestPoolParametersAreNotSentToTheServer(t *testing.T) {
	t.Parallel()
	databaseURL := databases.EmptyURL(t)
	databaseURL += separator(databaseURL) + "pool_max_conn_lifetime=30m&pool_max_conns=3"
	m := newMigrator(t, databaseURL, schema(), migrator.Options{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.GrantTo(t.Context(), databaseURL, migrator.Grants{}); err != nil {
		t.Error(err)
	}
}

func TestMalformedURLIsNotQuoted(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"postgres://ann:hunter2/x@[host/db",
		"postgres://ann:hunter2@host:port/db",
		"postgres://ann:hunter2@host/db?sslmode=hunter2",
		"host=x password=hunter2 port=y",
		"://hunter2",
	} {
		err := migrate(t.Context(), raw)
		if !errors.Is(err, pgkit.ErrDatabaseURL) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%s: error %v", raw, err)
		}
	}
}
