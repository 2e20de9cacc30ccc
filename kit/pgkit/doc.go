// Package pgkit has what a store on PostgreSQL needs whatever its tables are: a pool with limits
// on each connection, transactions and reads that run again after a lost connection, classes of
// errors, batches of equal lookups, plans by argument, a mode for transaction poolers, and query
// tracing.
//
// It must not know any table, and no errors of the application: it classifies errors with
// [Unavailable], [Conflict] and [Violated], and the store names them. It logs nothing by itself.
package pgkit
