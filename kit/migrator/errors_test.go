package migrator_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgproto3"

	"example.com/plinth/internal/pgstore"
	"example.com/plinth/internal/pgtest"
)

func TestAFailedMigrationLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	conn := connect(t, databaseURL)
	files := migrations(
		"CREATE TABLE a ();", "DROP TABLE a;",
		"CREATE TABLE b ();\n\nCREATE TABLE a ();", "DROP TABLE b;\nDROP TABLE nowhere;")
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: files})

	applied, err := m.Up(t.Context())
	wantText(t, err, `migration 000002_step_2.up.sql failed: relation "a" already exists (SQLSTATE 42P07)`, "nothing of it was kept")
	if len(applied) != 1 {
		t.Errorf("applied %v", applied)
	}
	wantTables(t, conn, "a", "applied_migrations", "schema_migrations")
	wantVersion(t, m, 1, false)

	// A way down that fails is no different.
	exec(t, conn, "CREATE TABLE b (); UPDATE schema_migrations SET version = 2")
	_, err = m.Down(t.Context(), 1)
	wantText(t, err, `000002_step_2.down.sql failed: table "nowhere" does not exist`)
	wantTables(t, conn, "a", "applied_migrations", "b", "schema_migrations")
	wantVersion(t, m, 2, false)
}

func TestAFailedMigrationTellsTheLine(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations("-- Why\nSELECT 1;\nSELCT 2;", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql failed at line 3: syntax error")
}

func TestFailuresDoNotQuoteRows(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations(
		"CREATE TABLE a (email text); INSERT INTO a VALUES ('ann@example.com'), ('ann@example.com');", "DROP TABLE a",
		"CREATE UNIQUE INDEX a_key ON a (email)", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "could not create unique index")
	if strings.Contains(err.Error(), "ann@") {
		t.Errorf("error %q quotes a row", err)
	}
}

func TestAStatementThatNeedsNoTransactionGetsAdvice(t *testing.T) {
	t.Parallel()
	m := migrator(t, pgtest.EmptyURL(t), pgstore.MigratorOptions{Files: migrations(
		"CREATE TABLE a (id int)", "DROP TABLE a", "CREATE INDEX CONCURRENTLY a_id ON a (id)", "")})
	_, err := m.Up(t.Context())
	wantText(t, err, "CREATE INDEX CONCURRENTLY cannot", "`-- migrate: no transaction`")
}

// The worst moment: the server has committed, and its answer is lost.
func TestAConnectionLostAtTheEndLeavesTheTruth(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	files := migrations("CREATE TABLE a ()", "DROP TABLE a")
	_, err := migrator(t, loseAnswer(t, databaseURL, "CREATE TABLE a", 1), pgstore.MigratorOptions{Files: files}).Up(t.Context())
	wantText(t, err, "000001_step_1.up.sql", "connection was lost", "`migrate status` tells")

	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: files})
	wantVersion(t, m, 1, false)
	if applied, err := m.Up(t.Context()); err != nil || len(applied) > 0 {
		t.Errorf("the second time applied %v, %v", applied, err)
	}
}

// Whether the lock was given up in good order is of no interest: it ends with the connection.
func TestAConnectionLostAfterTheEndIsNoFailure(t *testing.T) {
	t.Parallel()
	databaseURL := loseAnswer(t, pgtest.EmptyURL(t), "CREATE TABLE a", 2)
	m := migrator(t, databaseURL, pgstore.MigratorOptions{Files: migrations("CREATE TABLE a ()", "DROP TABLE a")})
	if applied, err := m.Up(t.Context()); err != nil || len(applied) != 1 {
		t.Errorf("applied %v, %v", applied, err)
	}
}

// loseAnswer returns the URL of another way to the same database, on which an answer is lost, and the connection with it:
// the first is that to the message that contains marker, the second that to the next one.
func loseAnswer(t *testing.T, databaseURL, marker string, which int32) string {
	t.Helper()
	u := mustParse(t, databaseURL)
	server := u.Host
	u.Host = listen(t, func(client net.Conn) {
		upstream, err := new(net.Dialer).DialContext(t.Context(), "tcp", server)
		if err != nil {
			if t.Context().Err() == nil { // else the driver cancels in the background what the test is done with
				t.Error(err)
			}
			return
		}
		defer func() { _ = upstream.Close() }()
		var messages atomic.Int32 // from that with the marker on
		go forward(upstream, client, func(data []byte) bool {
			if messages.Load() > 0 || bytes.Contains(data, []byte(marker)) {
				messages.Add(1)
			}
			return true
		})
		forward(client, upstream, func([]byte) bool { return messages.Load() < which })
	})
	return u.String()
}

// forward copies from one connection to the other until one ends or pass says no.
func forward(to io.Writer, from io.Reader, pass func([]byte) bool) {
	buffer := make([]byte, 1<<16)
	for {
		n, err := from.Read(buffer)
		if n > 0 && !pass(buffer[:n]) {
			return
		}
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}

// listen serves connections in the background and returns the address.
func listen(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(serving.Wait)
	t.Cleanup(func() { _ = listener.Close() })
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				serve(conn)
			})
		}
	})
	return listener.Addr().String()
}

func mustParse(t *testing.T, raw string) *url.URL {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return u
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
		"nobody listens":   {at("127.0.0.1:1/db"), []string{"cannot reach the database server", "127.0.0.1:1", "check that it is up"}},
		"unknown host":     {at("nowhere.invalid/db"), []string{"cannot reach the database server", "nowhere.invalid"}},
		"wrong password":   {refusal("28P01", `no, "ann"`), []string{`cannot connect to the database: no, "ann"`, "check the user and the password"}},
		"not in pg_hba":    {refusal("28000", "no entry"), []string{"no entry", "pg_hba.conf"}},
		"no such database": {refusal("3D000", "no db"), []string{"no db", "create the database"}},
		"full":             {refusal("53300", "too many"), []string{"too many", "max_connections"}},
		"starting":         {refusal("57P03", "starting up"), []string{"starting up", "wait until the server is up"}},
		"another refusal":  {refusal("XX000", "odd"), []string{"cannot connect to the database: odd (SQLSTATE XX000)"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			databaseURL := tc.url(t)
			_, statusErr := migrator(t, databaseURL, pgstore.MigratorOptions{}).Status(t.Context())
			for _, err := range []error{pgstore.Migrate(t.Context(), databaseURL), statusErr} {
				wantText(t, err, tc.parts...)
				if strings.Contains(fmt.Sprintf("%+v", err), password) {
					t.Errorf("error %q holds the password", err)
				}
			}
		})
	}
}

// refuse returns the address of a server that answers each connection with an error.
func refuse(t *testing.T, code, message string) string {
	t.Helper()
	return listen(t, func(client net.Conn) {
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
	err := pgstore.Migrate(t.Context(), "postgres://ann:hunter2@host/db?sslmode=verify-full&sslrootcert=/nowhere/ca.pem")
	if !errors.Is(err, pgstore.ErrDatabaseURL) || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("error %v", err)
	}
	wantText(t, err, "/nowhere/ca.pem")
}

// The server takes the same URL, for its pool.
func TestParametersOfThePoolAreNoParametersOfTheServer(t *testing.T) {
	t.Parallel()
	databaseURL := pgtest.EmptyURL(t)
	databaseURL += separator(databaseURL) + "pool_max_conn_lifetime=30m&pool_max_conns=3"
	m := migrator(t, databaseURL, pgstore.MigratorOptions{})
	if _, err := m.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.GrantTo(t.Context(), databaseURL); err != nil {
		t.Error(err)
	}
}

func TestAMalformedURLIsNotShown(t *testing.T) {
	t.Parallel()
	for _, raw := range []string{
		"postgres://ann:hunter2/x@[host/db",
		"postgres://ann:hunter2@host:port/db",
		"postgres://ann:hunter2@host/db?sslmode=hunter2",
		"host=x password=hunter2 port=y",
		"://hunter2",
	} {
		err := pgstore.Migrate(t.Context(), raw)
		if !errors.Is(err, pgstore.ErrDatabaseURL) || strings.Contains(fmt.Sprintf("%+v", err), "hunter2") {
			t.Errorf("%s: error %v", raw, err)
		}
	}
}
