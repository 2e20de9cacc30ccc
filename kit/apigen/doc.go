// Package apigen expands a hand-written contract to plain OpenAPI, and generates constants and the
// table of problems in Go, and a table of operations in Markdown.
//
// A contract declares each fact once, in extensions of its root:
//
//   - x-roles lists the roles in ascending order: each includes the rights of those before it;
//   - x-rate-classes has the classes of rate limits; a class with `limited: false` has no limit;
//   - x-problems has a [Problem] for each code.
//
// An operation declares its x-required-role, its x-rate-class, and in x-problems the codes that it
// causes itself. If the code email_not_verified is declared, operations that need a role respond with
// it, too, unless they are marked `x-allow-unverified: true`; the response Forbidden, which those of
// higher roles have, must then list it.
//
// The package must not know the nouns of a contract, or codes other than those of roles and rate
// limits.
package apigen
