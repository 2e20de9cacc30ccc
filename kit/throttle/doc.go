// Package throttle limits guesses at passwords: it decides which counters an attempt has, and how
// many failures each allows. Counters are named by keyed digests.
//
// It must not know where counters are stored, nor verify passwords.
package throttle
