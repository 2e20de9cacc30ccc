// Package timing tests, by the clock, that response times reveal no secrets. Its tests are built
// with the tag timing; make timing runs them.
package timing
