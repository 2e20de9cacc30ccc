// Package formats holds the formats that a contract may use, each with a check, a noun for messages
// and an example. Servers check requests by it and tests check responses by it, so that both agree.
//
// It must not know OpenAPI libraries, HTTP or any contract.
package formats
