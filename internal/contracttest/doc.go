// Package contracttest holds the service to its contract. [NewTransport] fails a test on any response that
// api/openapi.yaml does not describe, [Main] fails a test run that left a documented status untried, and [Requests]
// derives good and bad requests from the contract's schemas. [Ownership] checks that rows are out of reach of all but
// their owner, and of their owner through another parent. The package knows the contract only, no operation by name, and
// only tests import it.
//
// # How coverage is judged
//
// A test binary knows only what it tried itself, `go test` runs one binary a package, and nothing runs after the last of
// them. So there are two ways, and the rule is the same in both: each operation × each status it documents (`default`
// aside) was seen by a [NewTransport], or the run fails.
//
//   - Plain `go test ./...`: a package that covers the whole contract says so, Main(m, Whole), and judges itself at its
//     end. Its verdict is cached as every test result is, soundly, because the contract is compiled into the binary.
//   - `make test` empties a folder and names it, absolutely, in CONTRACT_COVERAGE_DIR. Each binary then leaves its record
//     there and judges nothing, and cmd/coverage merges the records, prints the table and judges. No binary is left out
//     because its result is cached: runs with -shuffle never are. Records of another contract are refused.
//
// A run narrowed by -run, -skip, -short, -list or -fuzz proves nothing about the rest and is neither recorded nor judged.
package contracttest
