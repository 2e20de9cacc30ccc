// Package cli has what commands share: flags, mistakes in the command line, exit
// statuses, a password on standard input, and the context that a signal ends.
//
// It must not know which commands there are.
package cli
