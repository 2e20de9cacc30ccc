// Package auth provides the cryptography of authentication: password hashing behind a gate, rules
// for new passwords, access tokens and their keys, refresh tokens, device tokens, and the Bearer
// header.
//
// It is pure: no network, no files, no database, no logging. Time and randomness are arguments of
// constructors. It must not know accounts, roles or sessions, nor how long any of them lives.
package auth
