// Package faults holds the fault suite: what happens to the API when something around it breaks. Real programs are broken
// in real ways, the release binary among them, replicas of it behind nginx, PostgreSQL, PgBouncer and Redis; requests are
// counted meanwhile, and each test says what it held in one line of the table that is printed at the end.
//
// There is nothing here to import. The tests are built with the tag faults only, and make faults runs them; they need
// nginx, redis-server and pgbouncer.
package faults
