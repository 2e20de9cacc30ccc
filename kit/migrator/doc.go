// Package migrator moves the schema of a PostgreSQL database between versions. The engine is
// golang-migrate; this package adds what it lacks: a migration and the record of its version are
// one transaction, each applied version is recorded, an advisory lock that CREATE INDEX
// CONCURRENTLY does not deadlock with, repair of a dirty schema, privileges for a second role, and
// errors with advice.
//
// It must not know any table: the files and the [Grants] are arguments. Package migratecli is its
// command line.
package migrator
