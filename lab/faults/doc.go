// Package faults contains the fault suite, which tests the API while its environment fails. It runs
// the release binary, as replicas behind nginx, with PostgreSQL, PgBouncer, Redis and mail servers, and counts
// requests during each fault. Each test adds a row to the table that is printed at the end.
//
// The package exports nothing. `make faults` runs its tests, which have the build tag faults and
// need nginx, redis-server, pgbouncer and aiosmtpd.
package faults
