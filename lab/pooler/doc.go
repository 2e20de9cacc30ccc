// Package pooler runs the service behind a PgBouncer. Its tests are built with the tag pgbouncer;
// make check-pooler runs them.
package pooler
