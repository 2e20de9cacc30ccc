// Package rules tests the rules of internal/domain under concurrency, under failures of the
// database and with many rows. The tests beside the rules show what they do otherwise.
package rules
