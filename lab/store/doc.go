// Package store tests internal/pgstore and the schema under concurrency, with the role of the
// server, after failures and with many rows. The tests in internal/pgstore cover the rest.
package store
