// Package store tests internal/pgstore and the schema under concurrency, with the role of the
// server, after failures and with many rows. The tests beside the store show what each statement
// does otherwise.
package store
