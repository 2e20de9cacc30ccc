// Package keyfile keeps the keys of access tokens in a file, and has the commands for operators
// that generate, rotate and list them. A write is atomic: a reader gets the old content or the
// new.
//
// It must not know who signs in; kit/auth has the cryptography.
package keyfile
