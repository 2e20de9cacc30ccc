// Package testdb gives each test a PostgreSQL database of its own within milliseconds. It owns the
// test server, which starts on first use and ends with the test binary, and the template database
// that the others are cloned from. Only tests import it; they need no TestMain for it.
//
// It must not know any schema: [Options] bring the migrations. It reads no environment of its own:
// Options.Getenv does. With TEST_DATABASE_URL the databases are created on that server instead, by
// a role that may create databases. Without a server tests fail; they are never skipped.
package testdb
