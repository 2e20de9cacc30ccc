package migrator

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-migrate/migrate/v4/database"
	"github.com/jackc/pgerrcode"
	"github.com/jackc/pgx/v5/pgconn"
)

// Failures of migrations that callers can tell apart; see also SchemaError.
var (
	// ErrDatabaseURL means that a URL cannot be parsed. It tells nothing of the URL, which may hold a password anywhere.
	ErrDatabaseURL = errors.New("the database URL is malformed: want postgres://user:password@host:5432/database, " +
		"special characters percent-encoded and parameters such as sslmode spelled right")
	// ErrMigrationLocked means that another process kept migrating for longer than we were to wait.
	ErrMigrationLocked = errors.New("another process is migrating this database")
	// ErrNotDirty means that there is nothing to repair.
	ErrNotDirty = errors.New("the database schema is not dirty")
	// ErrUnknownVersion means that a version is none of this program's.
	ErrUnknownVersion = errors.New("this program does not know that version: use the one that brought the schema there")
)

func unknownVersion(version int) error {
	return fmt.Errorf("the database schema is at version %d, and %w", version, ErrUnknownVersion)
}

// migrationError is an error in words for operators. They name no value of a row and no password.
type migrationError struct {
	text string
	err  error
}

func (e *migrationError) Error() string { return e.text }
func (e *migrationError) Unwrap() error { return e.err }

// serverAdvice says what an operator can do about what the server said, by SQLSTATE.
var serverAdvice = map[string]string{
	pgerrcode.InvalidPassword:                   "check the user and the password of the database URL",
	pgerrcode.InvalidAuthorizationSpecification: "check the user of the database URL, and pg_hba.conf on the server",
	pgerrcode.InvalidCatalogName:                "create the database, or check its name in the database URL",
	pgerrcode.TooManyConnections:                "wait, or raise max_connections on the server",
	pgerrcode.CannotConnectNow:                  "wait until the server is up and run the command again",
	pgerrcode.InsufficientPrivilege:             "migrations need the user that owns the tables; a server of another user needs SELECT on schema_migrations and applied_migrations, and more: `migrate up` grants it if MIGRATE_DATABASE_URL and DATABASE_URL are both set",
	pgerrcode.ReadOnlySQLTransaction:            "the database URL must name the primary server, not a standby",
	pgerrcode.LockNotAvailable:                  "another session kept something locked for longer than lock_timeout: run the command again when the database is quieter",
	pgerrcode.QueryCanceled:                     "if statement_timeout is what ended it, raise that with SET LOCAL in the file or as a parameter of the database URL",
	pgerrcode.ActiveSQLTransaction:              "put that statement alone into a migration whose files begin with the line `" + noTransaction + "`",
}

// explain puts an error of the connection or the server into words for operators, in one line.
func explain(err error) error {
	if err == nil {
		return nil
	}
	err = driverCause(err)
	pgErr := serverError(err)
	connectErr, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case pgErr != nil && connecting:
		return &migrationError{text: "cannot connect to the database: " + describe(pgErr), err: err}
	case pgErr != nil:
		return &migrationError{text: "the database server refused: " + describe(pgErr), err: err}
	case connecting:
		// One a line for each address, with TLS and without.
		reasons := slices.Compact(strings.Split(connectErr.Unwrap().Error(), "\n"))
		return &migrationError{text: "cannot reach the database server: " + strings.Join(reasons, ", ") +
			"; check that it is up, and host, port and sslmode of the database URL", err: err}
	}
	return err
}

// describe leaves out the server's details, which may quote rows.
func describe(pgErr *pgconn.PgError) string {
	text := fmt.Sprintf("%s (SQLSTATE %s)", pgErr.Message, pgErr.Code)
	if help, ok := serverAdvice[pgErr.Code]; ok {
		text += "; " + help
	}
	return text
}

// serverError finds what the server said, nil if it said nothing.
func serverError(err error) *pgconn.PgError {
	pgErr, _ := errors.AsType[*pgconn.PgError](err)
	return pgErr
}

// driverCause looks into golang-migrate's error, which does not unwrap, and prints the whole file.
func driverCause(err error) error {
	if inner, ok := errors.AsType[database.Error](err); ok {
		return inner.OrigErr
	}
	if inner, ok := errors.AsType[*database.Error](err); ok {
		return inner.OrigErr
	}
	return err
}

// explainStep says what became of a migration that did not go through.
func explainStep(ctx context.Context, file, text string, atomic bool, err error) error {
	err = driverCause(err)
	pgErr := serverError(err)
	if pgErr == nil {
		return &migrationError{text: fmt.Sprintf("migration %s: the connection was lost or unusable: %v; "+
			"`migrate status` tells whether it went through", file, err), err: err}
	}
	remains := "; nothing of it was kept"
	if !atomic {
		remains = "; it ran outside a transaction, so a part of it may have been kept: `migrate repair` explains what to do"
	}
	if ctx.Err() != nil && pgErr.Code == pgerrcode.QueryCanceled {
		return &migrationError{text: "migration " + file + " was interrupted" + remains, err: context.Cause(ctx)}
	}
	return &migrationError{text: "migration " + file + " failed" + place(text, pgErr) + ": " + describe(pgErr) + remains, err: pgErr}
}

// place returns where in the file the server stumbled, if it said so. Its positions count characters from 1.
func place(text string, pgErr *pgconn.PgError) string {
	characters := []rune(text)
	if pgErr.Position < 1 || int(pgErr.Position) > len(characters) {
		return ""
	}
	return fmt.Sprintf(" at line %d", 1+strings.Count(string(characters[:pgErr.Position-1]), "\n"))
}
