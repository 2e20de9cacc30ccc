// Package idgen makes and checks identifiers: ULIDs in their canonical form
// (https://github.com/ulid/spec), which sort by creation time to the millisecond.
//
// It must not know what an identifier names.
package idgen
