// Package gcra is the generic cell rate algorithm: a leaky bucket that stores one time for each
// key.
//
// It must not know where that time is stored, nor which clock measures it.
package gcra
