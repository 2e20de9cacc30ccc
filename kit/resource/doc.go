// Package resource writes a resource of a service: its part of the contract, its table and queries,
// rules, store, handlers and tests. The code is the team's from then on.
//
// A [Spec] says what to write, and kinds.go is the only place that knows what a kind of fields is in
// the contract, in SQL, in Go and in tests. [New] makes a [Plan] in memory: new files from templates,
// and texts that are inserted into existing files at positions that parsers find. Everything else in
// these files stays byte for byte. [Plan.Write] writes all of it, and [Plan.Revert] undoes it.
//
// It must not run commands, and it imports nothing of the service.
package resource
