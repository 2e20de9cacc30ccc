// Package problem describes failures of an HTTP API as problem details (RFC 9457): a code, which
// stands for a status and a title, a detail for people, and the members of a request that are
// wrong.
//
// An application declares its codes in a [Table] and returns a [Problem] as an error; [Table.Write]
// writes it. The package must not know the application's codes, its errors, or a router.
package problem
