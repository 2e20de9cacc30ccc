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

// Errors of migrations; see also [SchemaError].
var (
	// ErrLocked means that another process held the lock for longer than Options.LockWait.
	ErrLocked = errors.New("another process is migrating this database")
	// ErrNotDirty means that there is nothing to repair.
	ErrNotDirty = errors.New("the database schema is not dirty")
	// ErrUnknownVersion means that no migration has the version.
	ErrUnknownVersion = errors.New("this program does not know that version: use the one that brought the schema there")
)

func unknownVersion(version int) error {
	return fmt.Errorf("the database schema is at version %d, and %w", version, ErrUnknownVersion)
}

// operatorError is an error with advice for operators. Its text has no value of a row and no
// password.
type operatorError struct {
	text string
	err  error
}

func (e *operatorError) Error() string { return e.text }
func (e *operatorError) Unwrap() error { return e.err }

// serverAdvice is advice for operators by SQLSTATE.
var serverAdvice = map[string]string{
	pgerrcode.InvalidPassword:                   "check the user and the password of the database URL",
	pgerrcode.InvalidAuthorizationSpecification: "check the user of the database URL, and pg_hba.conf on the server",
	pgerrcode.InvalidCatalogName:                "create the database, or check its name in the database URL",
	pgerrcode.TooManyConnections:                "wait, or raise max_connections on the server",
	pgerrcode.CannotConnectNow:                  "wait until the server is up and run the command again",
	pgerrcode.InsufficientPrivilege: "migrations need the user that owns the tables; a server of another user needs " +
		"SELECT on schema_migrations and applied_migrations, and more: `migrate up` grants it if " +
		"MIGRATE_DATABASE_URL and DATABASE_URL are both set",
	pgerrcode.ReadOnlySQLTransaction: "the database URL must name the primary server, not a standby",
	pgerrcode.LockNotAvailable: "another session kept something locked for longer than lock_timeout: run the command " +
		"again when the database is quieter",
	pgerrcode.QueryCanceled: "if statement_timeout is what ended it, raise that with SET LOCAL in the file or as a " +
		"parameter of the database URL",
	pgerrcode.ActiveSQLTransaction: "put that statement alone into a migration whose files begin with the line `" +
		noTransaction + "`",
}

// explain turns an error of the connection or the server into advice for operators, in one line.
func explain(err error) error {
	if err == nil {
		return nil
	}
	err = driverCause(err)
	pgErr := serverError(err)
	connectErr, connecting := errors.AsType[*pgconn.ConnectError](err)
	switch {
	case pgErr != nil && connecting:
		return &operatorError{text: "cannot connect to the database: " + describe(pgErr), err: err}
	case pgErr != nil:
		return &operatorError{text: "the database server refused: " + describe(pgErr), err: err}
	case connecting:
		// One line for each address, with TLS and without.
		reasons := slices.Compact(strings.Split(connectErr.Unwrap().Error(), "\n"))
		return &operatorError{text: "cannot reach the database server: " + strings.Join(reasons, ", ") +
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

// serverError returns the error of the server, nil if err has another origin.
func serverError(err error) *pgconn.PgError {
	pgErr, _ := errors.AsType[*pgconn.PgError](err)
	return pgErr
}

// driverCause returns the cause of golang-migrate's error, which does not unwrap and prints the
// whole file.
func driverCause(err error) error {
	if inner, ok := errors.AsType[database.Error](err); ok {
		return inner.OrigErr
	}
	if inner, ok := errors.AsType[*database.Error](err); ok {
		return inner.OrigErr
	}
	return err
}

// explainStep explains the failure of a migration, and what remains of it.
func explainStep(ctx context.Context, file, text string, atomic bool, err error) error {
	err = driverCause(err)
	pgErr := serverError(err)
	if pgErr == nil {
		return &operatorError{text: fmt.Sprintf("migration %s: the connection was lost or unusable: %v; "+
			"`migrate status` tells whether it went through", file, err), err: err}
	}
	remains := "; nothing of it was kept"
	if !atomic {
		remains = "; it ran outside a transaction, so a part of it may have been kept: " +
			"`migrate repair` explains what to do"
	}
	if ctx.Err() != nil && pgErr.Code == pgerrcode.QueryCanceled {
		return &operatorError{text: "migration " + file + " was interrupted" + remains, err: context.Cause(ctx)}
	}
	return &operatorError{
		text: "migration " + file + " failed" + place(text, pgErr) + ": " + describe(pgErr) + remains, err: pgErr,
	}
}

// place returns the line of a file that the server's error names, if any. Positions count
// characters from 1.
func place(text string, pgErr *pgconn.PgError) string {
	characters := []rune(text)
	if pgErr.Position < 1 || int(pgErr.Position) > len(characters) {
		return ""
	}
	return fmt.Sprintf(" at line %d", 1+strings.Count(string(characters[:pgErr.Position-1]), "\n"))
}
