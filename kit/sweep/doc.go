// Package sweep deletes rows in batches, so that each statement is short and holds few locks.
//
// It must not know what is deleted, nor how.
package sweep
