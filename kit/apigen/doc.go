// Package apigen expands a contract as people write it to one in plain OpenAPI, and generates what follows from it: constants
// and the table of problems in Go, and a table of operations in Markdown.
//
// A contract declares each fact once, in extensions of its root:
//
//   - x-roles lists the roles, each of which may do what those before it may;
//   - x-rate-classes maps the classes of rate limits to what they are for; a class with `limited: false` has no limit;
//   - x-problems maps each problem code to its [Problem].
//
// An operation states what is special of it: x-required-role, x-rate-class, and in x-problems the codes that it causes itself.
//
// The package must not know a contract, its nouns or its codes, beyond those that every operation can respond with.
package apigen
