// Package rules tests the rules of internal/domain under concurrency, under failures of the
// database and with many rows. The tests in internal/domain cover the rest.
package rules
