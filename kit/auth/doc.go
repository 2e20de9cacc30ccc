// Package auth holds the cryptography of signing in: password hashing and its gate, password rules,
// access tokens and their keys, refresh tokens, and the Bearer header.
//
// It is pure: no network, no files, no database, no logging, and nothing of ours is imported. Time and
// randomness come in through constructors. Who may sign in, and for how long, is the domain's business.
package auth
